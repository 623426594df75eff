//! Access control lists of objects: who may read and who may write.

use serde_json::{Map, Value, json};

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::types::is_truthy;

/// Everybody, signed in or not.
pub const PUBLIC: &str = "*";

/// Readers and writers, each `*`, a user id or `role:Name`, in the order they were named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acl {
    pub read: Vec<String>,
    pub write: Vec<String>,
}

impl Acl {
    /// An object that only `user` may read and write.
    pub fn owned_by(user: &str) -> Self {
        Self {
            read: vec![user.into()],
            write: vec![user.into()],
        }
    }

    /// Reads `{"<who>": {"read": true, "write": true}}`; only truthy flags count.
    pub fn decode(value: &Value) -> ParseResult<Self> {
        let invalid = || ParseError::new(code::INVALID_ACL, "Invalid ACL.");
        let mut acl = Self::default();
        for (who, rights) in value.as_object().ok_or_else(invalid)? {
            if who == "*unresolved" || who.is_empty() || who.contains('\0') {
                return Err(invalid());
            }
            let rights = rights.as_object().ok_or_else(invalid)?;
            // Nobody is named twice in an object, so nobody needs to be looked for.
            for (right, list) in [("read", &mut acl.read), ("write", &mut acl.write)] {
                if rights.get(right).is_some_and(is_truthy) {
                    list.push(who.clone());
                }
            }
        }
        Ok(acl)
    }

    /// Adds rights for `who`, once.
    pub fn grant(&mut self, who: &str, read: bool, write: bool) {
        for (wanted, list) in [(read, &mut self.read), (write, &mut self.write)] {
            if wanted && !list.iter().any(|present| present == who) {
                list.push(who.into());
            }
        }
    }

    /// The wire form: only `true` flags, read first.
    pub fn encode(&self) -> Value {
        let mut map = Map::new();
        for (list, right) in [(&self.read, "read"), (&self.write, "write")] {
            for who in list {
                if let Value::Object(rights) = map.entry(who.clone()).or_insert_with(|| json!({})) {
                    rights.insert(right.into(), Value::Bool(true));
                }
            }
        }
        Value::Object(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_what_is_granted() {
        let acl =
            Acl::decode(&json!({"*": {"read": true, "write": false}, "u1": {"read": 1, "write": true}}))
                .unwrap();
        assert_eq!(
            acl,
            Acl {
                read: vec!["*".into(), "u1".into()],
                write: vec!["u1".into()]
            }
        );
        assert_eq!(
            acl.encode(),
            json!({"*": {"read": true}, "u1": {"read": true, "write": true}})
        );
    }

    #[test]
    fn a_long_list_takes_no_longer_for_each_of_its_names() {
        let names =
            (0..200_000).map(|number| (format!("user-{number}"), json!({"read": true, "write": true})));
        let acl = Acl::decode(&Value::Object(names.collect())).unwrap();
        assert_eq!((acl.read.len(), acl.write.len()), (200_000, 200_000));
    }

    #[test]
    fn an_empty_list_is_not_a_missing_one() {
        assert_eq!(Acl::decode(&json!({})).unwrap().encode(), json!({}));
    }

    #[test]
    fn refuses_odd_shapes() {
        for odd in [
            json!([]),
            json!("x"),
            json!({"u": true}),
            json!({"*unresolved": {"read": true}}),
        ] {
            assert_eq!(Acl::decode(&odd).unwrap_err().code, Some(123), "{odd}");
        }
    }
}
