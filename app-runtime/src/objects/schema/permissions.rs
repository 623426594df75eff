//! Class-level permissions: which operations of a class are open to whom (reference section 5.2).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::objects::caller::Caller;
use crate::protocol::acl::{Acl, PUBLIC};
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;

/// What a request does to a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Get,
    Find,
    Count,
    Create,
    Update,
    Delete,
    AddField,
}

impl Operation {
    /// The operation's key in the permissions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Find => "find",
            Self::Count => "count",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::AddField => "addField",
        }
    }

    fn reads(self) -> bool {
        matches!(self, Self::Get | Self::Find | Self::Count)
    }
}

/// How far an operation is granted to a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// On every object that its ACL lets the caller have.
    Everything,
    /// On the objects whose field of one of these names leads to the caller (reference section 5.3).
    PointedAt(Vec<String>),
}

/// The permissions of one class exactly as they are stored.
///
/// A class that has permissions closes every operation they do not name. Grants this runtime does not understand
/// open nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassPermissions(Map<String, Value>);

impl ClassPermissions {
    /// Takes them as stored or sent.
    pub fn new(stored: Map<String, Value>) -> Self {
        Self(stored)
    }

    /// Decision 11: every operation needs a signed-in user, and an object belongs to its creator alone.
    pub fn private() -> Self {
        let mut permissions = Self::signed_in();
        permissions.0.insert(
            "ACL".into(),
            json!({ "currentUser": { "read": true, "write": true } }),
        );
        permissions
    }

    fn signed_in() -> Self {
        let signed_in = json!({ "requiresAuthentication": true });
        let mut permissions = Map::new();
        for operation in ["find", "get", "count", "create", "update", "delete", "addField"] {
            permissions.insert(operation.into(), signed_in.clone());
        }
        permissions.insert("protectedFields".into(), json!({ "*": [] }));
        Self(permissions)
    }

    fn signed_in_but(operations: &[&str], rule: &Value) -> Self {
        let mut permissions = Self::signed_in();
        for operation in operations {
            permissions.0.insert((*operation).into(), rule.clone());
        }
        permissions
    }

    /// What holds for a class without permissions in an app that is private by default: [`Self::private`], but of Parse's
    /// own classes anybody may sign up, installations register before anybody signs in, and roles, which grant rights, are
    /// made by the owner only.
    pub fn private_default(class: &str) -> &'static Self {
        type Lazy = LazyLock<ClassPermissions>;
        static OWN: Lazy = LazyLock::new(ClassPermissions::private);
        static SYSTEM: Lazy = LazyLock::new(ClassPermissions::signed_in);
        static USER: Lazy =
            LazyLock::new(|| ClassPermissions::signed_in_but(&["create"], &json!({ "*": true })));
        static INSTALLATION: Lazy = LazyLock::new(|| {
            ClassPermissions::signed_in_but(&["create", "update", "get"], &json!({ "*": true }))
        });
        static ROLE: Lazy = LazyLock::new(|| {
            ClassPermissions::signed_in_but(&["create", "update", "delete", "addField"], &json!({}))
        });
        match class {
            "_User" => &USER,
            "_Installation" => &INSTALLATION,
            "_Role" => &ROLE,
            system if names::is_system(system) => &SYSTEM,
            _ => &OWN,
        }
    }

    /// The stored form.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Refuses with 119, or with 101 where signing in would have been enough. `creating` says that the operation is part
    /// of creating an object, which does not point at anybody yet.
    pub fn check(
        &self,
        class: &str,
        operation: Operation,
        creating: bool,
        caller: &Caller,
    ) -> ParseResult<Grant> {
        let grants = self.0.get(operation.name()).and_then(Value::as_object);
        let granted = |who: &str| grants.and_then(|grants| grants.get(who)) == Some(&Value::Bool(true));
        if caller.acl_group().iter().any(|who| granted(who)) {
            return Ok(Grant::Everything);
        }
        let fields = if creating {
            Vec::new()
        } else {
            self.user_fields(operation)
        };
        if granted("requiresAuthentication") {
            if caller.user_id().is_none() {
                return Err(ParseError::denied(
                    code::OBJECT_NOT_FOUND,
                    "Permission denied, user needs to be authenticated.",
                ));
            }
            return Ok(if fields.is_empty() {
                Grant::Everything
            } else {
                Grant::PointedAt(fields)
            });
        }
        if !fields.is_empty() {
            return Ok(Grant::PointedAt(fields));
        }
        let detail = format!(
            "Permission denied for action {} on class {class}.",
            operation.name()
        );
        Err(ParseError::denied(code::OPERATION_FORBIDDEN, detail))
    }

    /// The fields that grant an operation to the users they lead to.
    fn user_fields(&self, operation: Operation) -> Vec<String> {
        let shared = if operation.reads() {
            "readUserFields"
        } else {
            "writeUserFields"
        };
        let own = self
            .0
            .get(operation.name())
            .and_then(|grants| grants.get("pointerFields"));
        let mut fields: Vec<String> = Vec::new();
        let lists = [own, self.0.get(shared)].into_iter().flatten();
        for name in lists
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(Value::as_str)
        {
            if !fields.iter().any(|known| known == name) {
                fields.push(name.to_owned());
            }
        }
        fields
    }

    /// The ACL a new object gets when it brings none; `None`: no ACL, hence public.
    pub fn default_acl(&self, caller: &Caller) -> Option<Acl> {
        let template = self.0.get("ACL")?.as_object()?;
        if template.len() == 1 && template.get(PUBLIC) == Some(&json!({ "read": true, "write": true })) {
            return None;
        }
        let mut acl = Acl::default();
        for (who, rights) in template {
            let who = match (who.as_str(), caller.user_id()) {
                ("currentUser", Some(user)) => user,
                ("currentUser", None) => continue,
                (who, _) => who,
            };
            let has = |right: &str| rights.get(right) == Some(&Value::Bool(true));
            acl.grant(who, has("read"), has("write"));
        }
        Some(acl)
    }

    /// Fields hidden from groups of callers: group to field names.
    pub fn protected_fields(&self) -> BTreeMap<String, Vec<String>> {
        let groups = self.0.get("protectedFields").and_then(Value::as_object);
        let names = |list: &Value| {
            list.as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        groups
            .into_iter()
            .flatten()
            .map(|(group, list)| (group.clone(), names(list)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions(value: Value) -> ClassPermissions {
        ClassPermissions::new(value.as_object().cloned().unwrap())
    }

    #[test]
    fn operations_that_are_not_named_are_closed() {
        let permissions = permissions(json!({"find": {"*": true}}));
        assert!(
            permissions
                .check("A", Operation::Find, false, &Caller::public())
                .is_ok()
        );
        let refused = permissions
            .check("A", Operation::Get, false, &Caller::user("u", &[]))
            .unwrap_err();
        assert_eq!(
            (refused.code, refused.message.as_str()),
            (Some(119), "Permission denied for action get on class A.")
        );
    }

    #[test]
    fn users_and_roles_are_granted_by_name() {
        let permissions =
            permissions(json!({"get": {"u1": true, "role:Admin": true}, "find": {"u1": false}}));
        assert!(
            permissions
                .check("A", Operation::Get, false, &Caller::user("u1", &[]))
                .is_ok()
        );
        assert!(
            permissions
                .check("A", Operation::Get, false, &Caller::user("u2", &["Admin"]))
                .is_ok()
        );
        assert!(
            permissions
                .check("A", Operation::Get, false, &Caller::user("u2", &["Other"]))
                .is_err()
        );
        assert!(
            permissions
                .check("A", Operation::Find, false, &Caller::user("u1", &[]))
                .is_err()
        );
    }

    #[test]
    fn a_private_class_wants_a_session_and_gives_objects_to_their_creator() {
        let private = ClassPermissions::private();
        let refused = private
            .check("A", Operation::Create, true, &Caller::public())
            .unwrap_err();
        assert_eq!(refused.code, Some(101));
        assert!(
            private
                .check("A", Operation::Create, true, &Caller::user("u1", &[]))
                .is_ok()
        );
        assert_eq!(
            private.default_acl(&Caller::user("u1", &[])),
            Some(Acl::owned_by("u1"))
        );
        assert_eq!(private.default_acl(&Caller::master()), Some(Acl::default()));
    }

    #[test]
    fn fields_that_lead_to_the_caller_grant_what_the_rest_does_not() {
        let permissions = permissions(json!({
            "find": {"pointerFields": ["owner"]}, "get": {"*": true}, "update": {"requiresAuthentication": true},
            "readUserFields": ["owner", "watchers"], "writeUserFields": ["owner"],
        }));
        let user = Caller::user("u1", &[]);
        let fields = |names: &[&str]| Grant::PointedAt(names.iter().map(|name| (*name).to_owned()).collect());
        for (operation, creating, expected) in [
            (Operation::Get, false, Some(Grant::Everything)),
            (Operation::Find, false, Some(fields(&["owner", "watchers"]))),
            (Operation::Count, false, Some(fields(&["owner", "watchers"]))),
            (Operation::Update, false, Some(fields(&["owner"]))),
            (Operation::AddField, false, Some(fields(&["owner"]))),
            (Operation::AddField, true, None),
            (Operation::Create, true, None),
        ] {
            let grant = permissions.check("A", operation, creating, &user).ok();
            assert_eq!(grant, expected, "{operation:?} {creating}");
        }
        let nobody = permissions.check("A", Operation::Update, false, &Caller::public());
        assert_eq!(nobody.unwrap_err().code, Some(101));
    }
}
