//! The quantities we count and the engine sizes we rent, with the names they have in reports, price books and the API.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A name that is none of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not {what}; expected one of {expected}")]
pub struct UnknownName {
    pub name: String,
    pub what: &'static str,
    pub expected: String,
}

macro_rules! named {
    ($(#[$doc:meta])* $type:ident, $what:literal, { $($(#[$variant_doc:meta])* $variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type { $($(#[$variant_doc])* $variant),+ }

        impl $type {
            /// All of them, in the order in which people are shown them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in reports, price books, the database and the API.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                Self::ALL.iter().copied().find(|known| known.as_str() == name).ok_or_else(|| UnknownName {
                    name: name.to_owned(),
                    what: $what,
                    expected: [$($name),+].join(", "),
                })
            }
        }
    };
}

named!(/// A counted quantity.
Meter, "a meter", {
    /// Calls of the app's API. Health checks and preflights do not count.
    Requests = "requests",
    /// Bytes sent to clients.
    DataTransfer = "data_transfer",
    /// Bytes of files, as a level.
    FileStorage = "file_storage",
    /// Bytes of the database, as a level.
    DatabaseStorage = "database_storage",
    /// Background jobs.
    Jobs = "jobs",
    /// Seconds of running engine replicas.
    EngineTime = "engine_time",
});

named!(/// The size of one replica of an app.
EngineTier, "an engine", {
    Dev = "dev",
    S = "s",
    M = "m",
    L = "l",
    Xl = "xl",
});

impl Meter {
    /// What its quantity counts.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::DataTransfer | Self::FileStorage | Self::DatabaseStorage => "bytes",
            Self::Jobs => "jobs",
            Self::EngineTime => "seconds",
        }
    }

    /// Whether it is a level that goes up and down, such as stored bytes, rather than a count that only grows.
    pub const fn is_level(self) -> bool {
        matches!(self, Self::FileStorage | Self::DatabaseStorage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_in_text_and_json() {
        for meter in Meter::ALL {
            assert_eq!(meter.as_str().parse::<Meter>().as_ref(), Ok(meter));
            assert_eq!(
                serde_json::to_string(meter).expect("json"),
                format!("\"{meter}\"")
            );
        }
        for tier in EngineTier::ALL {
            assert_eq!(tier.as_str().parse::<EngineTier>().as_ref(), Ok(tier));
            assert_eq!(serde_json::to_string(tier).expect("json"), format!("\"{tier}\""));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = "XL".parse::<EngineTier>().expect_err("an error");
        assert_eq!(
            error.to_string(),
            "`XL` is not an engine; expected one of dev, s, m, l, xl"
        );
    }
}
