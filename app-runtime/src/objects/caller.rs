//! Who a request acts as. Made by `users::authenticate`; everything below asks only this.

use std::sync::{Arc, LazyLock};

use crate::protocol::acl::PUBLIC;

/// The verified identity behind a request.
#[derive(Debug, Clone)]
pub struct Caller {
    principal: Principal,
    /// The session behind a user's request.
    pub session: Option<Arc<Session>>,
    /// Device the request comes from, as the client names it.
    pub installation_id: Option<String>,
}

#[derive(Debug, Clone)]
enum Principal {
    Public,
    User(Arc<[String]>),
    Master,
    ReadOnlyMaster,
    Maintenance,
}

/// A valid session and the user it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub id: String,
    pub token: String,
    pub user: String,
    /// Milliseconds since 1970; `None` never expires.
    pub expires_at: Option<i64>,
}

impl Caller {
    /// Nobody in particular.
    pub fn public() -> Self {
        Self {
            principal: Principal::Public,
            session: None,
            installation_id: None,
        }
    }

    /// The owner of the app.
    pub fn master() -> Self {
        Self {
            principal: Principal::Master,
            ..Self::public()
        }
    }

    /// The owner of the app, who may only look.
    pub fn read_only_master() -> Self {
        Self {
            principal: Principal::ReadOnlyMaster,
            ..Self::public()
        }
    }

    /// Holder of the maintenance key: reads and writes everything, internal columns of users included, and reaches no
    /// route that needs the master key.
    pub fn maintenance() -> Self {
        Self {
            principal: Principal::Maintenance,
            ..Self::public()
        }
    }

    /// A signed-in user with these roles.
    pub fn user(id: &str, roles: &[&str]) -> Self {
        Self {
            principal: Principal::User(user_group(id, roles.iter().copied())),
            ..Self::public()
        }
    }

    /// A signed-in user with these names in ACLs; see [`user_group`].
    pub fn of_group(group: Arc<[String]>) -> Self {
        Self {
            principal: Principal::User(group),
            ..Self::public()
        }
    }

    /// The user of a session, with their names in ACLs.
    pub fn of_session(session: Arc<Session>, group: Arc<[String]>) -> Self {
        Self {
            session: Some(session),
            ..Self::of_group(group)
        }
    }

    /// Ignores permissions when reading.
    pub fn reads_all(&self) -> bool {
        matches!(
            self.principal,
            Principal::Master | Principal::ReadOnlyMaster | Principal::Maintenance
        )
    }

    /// Holds the master key or its read-only form: reaches routes that need it.
    pub fn is_master(&self) -> bool {
        matches!(self.principal, Principal::Master | Principal::ReadOnlyMaster)
    }

    /// Ignores permissions when writing.
    pub fn writes_all(&self) -> bool {
        matches!(self.principal, Principal::Master | Principal::Maintenance)
    }

    /// Holds the maintenance key: may also set what else only the server sets.
    pub fn is_maintenance(&self) -> bool {
        matches!(self.principal, Principal::Maintenance)
    }

    /// Holds the read-only master key.
    pub fn is_read_only(&self) -> bool {
        matches!(self.principal, Principal::ReadOnlyMaster)
    }

    /// Id of the signed-in user.
    pub fn user_id(&self) -> Option<&str> {
        match &self.principal {
            Principal::User(group) => group.get(1).map(String::as_str),
            _ => None,
        }
    }

    /// The names by which an ACL may admit this caller: `*`, the user's id, `role:…` of each role.
    pub fn acl_group(&self) -> Arc<[String]> {
        match &self.principal {
            Principal::User(group) => Arc::clone(group),
            _ => Arc::clone(&EVERYBODY),
        }
    }
}

static EVERYBODY: LazyLock<Arc<[String]>> = LazyLock::new(|| Arc::from([PUBLIC.to_owned()]));

/// The names by which an ACL may admit a user with these roles.
pub fn user_group<'a>(id: &str, roles: impl Iterator<Item = &'a str>) -> Arc<[String]> {
    [PUBLIC.to_owned(), id.to_owned()]
        .into_iter()
        .chain(roles.map(|role| format!("role:{role}")))
        .collect()
}
