//! Roles in an organization and what each may do.

use std::{fmt, str::FromStr};

use serde::Serialize;
use utoipa::ToSchema;

/// What an account is in an organization; a later role may do less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Owner,
    Admin,
    Member,
    Viewer,
}

impl Role {
    const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Member, Self::Viewer];

    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Viewer => "viewer",
        }
    }
}

/// A word that is no role.
#[derive(Debug, thiserror::Error)]
#[error("unknown role `{0}`")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut roles = Self::ALL.into_iter();
        roles
            .find(|role| role.as_str() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something a role may or may not do, as a type: `OrgApp<CanEdit>`.
pub trait Permission {
    /// What the caller wanted, to complete "Your role … may not …".
    const DEED: &'static str;

    /// Whether the role may.
    fn allows(role: Role) -> bool;
}

/// See an app, its public keys, usage and audit log.
#[derive(Debug)]
pub struct CanView;

/// Create and rename apps, rotate public keys.
#[derive(Debug)]
pub struct CanEdit;

/// Choose what an app runs on, pause and resume it: what changes the bill or the service.
#[derive(Debug)]
pub struct CanScale;

/// Delete and undelete apps, see and rotate the master key.
#[derive(Debug)]
pub struct CanAdminister;

impl Permission for CanView {
    const DEED: &'static str = "see this";

    fn allows(_: Role) -> bool {
        true
    }
}

impl Permission for CanEdit {
    const DEED: &'static str = "change apps";

    fn allows(role: Role) -> bool {
        role != Role::Viewer
    }
}

impl Permission for CanScale {
    const DEED: &'static str = "change what an app runs on, or pause it";

    fn allows(role: Role) -> bool {
        matches!(role, Role::Owner | Role::Admin)
    }
}

impl Permission for CanAdminister {
    const DEED: &'static str = "delete apps or handle their master key";

    fn allows(role: Role) -> bool {
        matches!(role, Role::Owner | Role::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_the_one_below_may() {
        let table = Role::ALL.map(|role| {
            (
                CanView::allows(role),
                CanEdit::allows(role),
                CanScale::allows(role),
                CanAdminister::allows(role),
            )
        });
        assert_eq!(
            table,
            [
                (true, true, true, true),
                (true, true, true, true),
                (true, true, false, false),
                (true, false, false, false)
            ]
        );
    }
}
