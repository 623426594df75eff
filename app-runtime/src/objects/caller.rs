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
    /// Names of the user's roles, inherited ones included.
    pub roles: Vec<String>,
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

    /// Holder of the maintenance key: reads and writes everything, times included, but reaches no route of the owner.
    pub fn maintenance() -> Self {
        Self {
            principal: Principal::Maintenance,
            ..Self::public()
        }
    }

    /// A signed-in user with these roles.
    pub fn user(id: &str, roles: &[&str]) -> Self {
        Self {
            principal: Principal::User(group(id, roles.iter().copied())),
            ..Self::public()
        }
    }

    /// The user of a session.
    pub fn of_session(session: Arc<Session>) -> Self {
        let group = group(&session.user, session.roles.iter().map(String::as_str));
        Self {
            principal: Principal::User(group),
            session: Some(session),
            installation_id: None,
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

fn group<'a>(id: &str, roles: impl Iterator<Item = &'a str>) -> Arc<[String]> {
    [PUBLIC.to_owned(), id.to_owned()]
        .into_iter()
        .chain(roles.map(|role| format!("role:{role}")))
        .collect()
}
