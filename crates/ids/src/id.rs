//! Prefixed ids over a lower-case ULID, such as `app_01jd4y0w7qk3v5x8z9a2b4c6de`.
//!
//! An id is 30 bytes of ASCII kept in place: it is `Copy`, sorts by the time it was made, and is text everywhere it is
//! stored or sent. What does not have exactly this form is refused, so two spellings of one id cannot exist.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use ulid::{ULID_LEN, Ulid};

use crate::IdSource;

const PREFIX_LEN: usize = 4;
const ID_LEN: usize = PREFIX_LEN + ULID_LEN;

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an id of {what}: expected `{prefix}` and {ULID_LEN} characters of 0-9 a-z without i, l, o and u"
)]
pub struct ParseIdError {
    /// The thing an id of which was expected, for example `an app`.
    pub what: &'static str,
    /// The prefix of such ids, for example `app_`.
    pub prefix: &'static str,
}

macro_rules! prefixed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; ID_LEN]);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &str = $prefix;

            /// A new id, unlike every earlier one.
            pub fn new(source: &(impl IdSource + ?Sized)) -> Self {
                Self(encode($prefix, source.ulid()))
            }

            /// The id whose part after the prefix is `bare`.
            pub fn from_bare(bare: &str) -> Result<Self, ParseIdError> {
                join($prefix, bare).map(Self).ok_or(ParseIdError { what: $what, prefix: $prefix })
            }

            /// The whole id, prefix included.
            pub fn as_str(&self) -> &str {
                text(&self.0)
            }

            /// The ULID without the prefix: 26 characters, valid in names of databases and namespaces.
            pub fn bare(&self) -> &str {
                text(&self.0[PREFIX_LEN..])
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Self::from_bare(text.strip_prefix($prefix).unwrap_or_default())
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseIdError;

            fn try_from(text: String) -> Result<Self, ParseIdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

prefixed_id!(/// One app: one backend, one database, one region.
    AppId, "app_", "an app");
prefixed_id!(/// An organization, which owns apps and pays for them.
    OrganizationId, "org_", "an organization");
prefixed_id!(/// A person who signs in to the console.
    AccountId, "acc_", "an account");
prefixed_id!(/// A console session.
    SessionId, "ses_", "a session");
prefixed_id!(/// An API token.
    TokenId, "tok_", "a token");
prefixed_id!(/// An entry of the audit log.
    AuditId, "aud_", "an audit entry");

fn encode(prefix: &str, ulid: Ulid) -> [u8; ID_LEN] {
    let mut id = [0; ID_LEN];
    id[..PREFIX_LEN].copy_from_slice(prefix.as_bytes());
    let mut buffer = [0; ULID_LEN];
    ulid.array_to_str(&mut buffer).make_ascii_lowercase();
    id[PREFIX_LEN..].copy_from_slice(&buffer);
    id
}

fn join(prefix: &str, bare: &str) -> Option<[u8; ID_LEN]> {
    let bare: [u8; ULID_LEN] = bare.as_bytes().try_into().ok()?;
    // 26 characters hold 130 bits: the first may only use three of its five.
    if bare[0] > b'7' || !bare.iter().all(is_base32) {
        return None;
    }
    let mut id = [0; ID_LEN];
    id[..PREFIX_LEN].copy_from_slice(prefix.as_bytes());
    id[PREFIX_LEN..].copy_from_slice(&bare);
    Some(id)
}

fn is_base32(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b't' | b'v'..=b'z')
}

fn text(ascii: &[u8]) -> &str {
    std::str::from_utf8(ascii).expect("ids are made of ASCII only")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::{SequentialIds, SystemIds};

    #[test]
    fn an_id_survives_text_and_json() {
        let id = AppId::new(&SystemIds);
        assert_eq!(id.to_string().parse::<AppId>().unwrap(), id);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<AppId>(&json).unwrap(), id);
        assert_eq!(
            serde_json::from_value::<AppId>(json.trim_matches('"').into()).unwrap(),
            id
        );
    }

    #[test]
    fn the_bare_part_has_no_prefix() {
        let id = OrganizationId::new(&SequentialIds::default());
        assert_eq!(id.as_str(), "org_00000000000000000000000001");
        assert_eq!(id.bare(), "00000000000000000000000001");
        assert_eq!(OrganizationId::from_bare(id.bare()).unwrap(), id);
    }

    #[test]
    fn ids_sort_in_the_order_they_were_made() {
        let source = SequentialIds::default();
        let ids: Vec<_> = (0..100).map(|_| AuditId::new(&source)).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().map(ToString::to_string).is_sorted());
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let good = "app_01jd4y0w7qk3v5x8z9a2b4c6de";
        assert!(good.parse::<AppId>().is_ok());
        for bad in [
            "",
            "app_",
            "01jd4y0w7qk3v5x8z9a2b4c6de",
            "org_01jd4y0w7qk3v5x8z9a2b4c6de",
            "app_01jd4y0w7qk3v5x8z9a2b4c6d",
            "app_01jd4y0w7qk3v5x8z9a2b4c6dee",
            "app_01JD4Y0W7QK3V5X8Z9A2B4C6DE",
            "app_01jd4y0w7qk3v5x8z9a2b4c6di",
            "app_81jd4y0w7qk3v5x8z9a2b4c6de",
            "app_01jd4y0w7qk3v5x8z9a2b4c6d\u{e9}",
            " app_01jd4y0w7qk3v5x8z9a2b4c6de",
        ] {
            assert!(bad.parse::<AppId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_error_says_what_was_expected() {
        let error = "org_1".parse::<AppId>().unwrap_err().to_string();
        assert_eq!(
            error,
            "not an id of an app: expected `app_` and 26 characters of 0-9 a-z without i, l, o and u"
        );
        let error = serde_json::from_str::<AppId>("\"x\"").unwrap_err().to_string();
        assert!(error.contains("not an id of an app"), "{error}");
    }
}
