//! Rows of `_User`, `_Session` and `_Role` that the runtime itself looks up, internal columns included.

use bson::{Bson, Document, doc};

use crate::protocol::dates::Millis;
use crate::storage::error::{StorageError, StorageResult};
use crate::storage::transaction::within;
use crate::storage::{Storage, found, indexes};

/// What a login needs to know of a user.
#[derive(Debug, Clone, PartialEq)]
pub struct LoginRow {
    pub id: String,
    pub username: Option<String>,
    pub email: Option<String>,
    /// An app's own field, if it has it.
    pub locale: Option<String>,
    /// bcrypt; users of other providers have none.
    pub password_hash: Option<String>,
    /// An empty ACL, set with the master key, locks a user out.
    pub locked_out: bool,
    pub email_verified: bool,
    pub password_changed_at: Option<Millis>,
    pub second_factor: Option<SecondFactor>,
}

/// A user's one-time passwords: `_auth_data_mfa`.
#[derive(Debug, Clone, PartialEq)]
pub struct SecondFactor {
    /// Base 32.
    pub secret: String,
    pub recovery: Vec<String>,
}

/// A stored session.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionRow {
    pub id: String,
    pub user: String,
    /// Milliseconds since 1970.
    pub expires_at: Option<i64>,
}

/// A name by which users are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKey {
    Username,
    Email,
}

impl UserKey {
    fn column(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
        }
    }
}

impl Storage {
    /// Users whose name or address is exactly `value`, whichever of `keys` applies.
    pub async fn users_by(&self, keys: &[UserKey], value: &str) -> StorageResult<Vec<LoginRow>> {
        let any: Vec<Document> = keys.iter().map(|key| doc! { key.column(): value }).collect();
        let users = self.documents("_User");
        let find = users
            .find(doc! { "$or": any })
            .projection(login_columns())
            .limit(2);
        let rows: Vec<Document> = found::all(&users, find).await?;
        rows.iter().map(login_row).collect()
    }

    /// Whether a user other than `except` has this name or address, in any spelling of case.
    pub async fn is_taken(&self, key: UserKey, value: &str, except: Option<&str>) -> StorageResult<bool> {
        let mut filter = doc! { key.column(): value };
        if let Some(id) = except {
            filter.insert("_id", doc! { "$ne": id });
        }
        let users = self.documents("_User");
        let find = users
            .find_one(filter)
            .projection(doc! { "_id": 1 })
            .collation(indexes::caseless());
        Ok(within!(users, find)?.is_some())
    }

    /// Whether this user is still there.
    pub async fn user_exists(&self, id: &str) -> StorageResult<bool> {
        let found = self
            .documents("_User")
            .find_one(doc! { "_id": id })
            .projection(doc! { "_id": 1 })
            .await?;
        Ok(found.is_some())
    }

    /// The session with this token, expired or not.
    pub async fn session_by_token(&self, token: &str) -> StorageResult<Option<SessionRow>> {
        let columns = doc! { "_p_user": 1, "expiresAt": 1 };
        let Some(row) = self
            .documents("_Session")
            .find_one(doc! { "_session_token": token })
            .projection(columns)
            .await?
        else {
            return Ok(None);
        };
        let user = text(&row, "_p_user")?;
        let user = user
            .strip_prefix("_User$")
            .ok_or_else(|| StorageError::Corrupt("a session without a user".into()))?;
        Ok(Some(SessionRow {
            id: text(&row, "_id")?,
            user: user.to_owned(),
            expires_at: row.get_datetime("expiresAt").ok().map(|at| at.timestamp_millis()),
        }))
    }

    /// Ends the session with this token; nothing happens if there is none.
    pub async fn delete_session(&self, token: &str) -> StorageResult<()> {
        self.documents("_Session")
            .delete_many(doc! { "_session_token": token })
            .await?;
        Ok(())
    }

    /// Ends the sessions of a user, all or those of one installation, and returns how many there were.
    pub async fn delete_sessions_of(&self, user: &str, installation: Option<&str>) -> StorageResult<u64> {
        let mut filter = doc! { "_p_user": format!("_User${user}") };
        if let Some(installation) = installation {
            filter.insert("installationId", installation);
        }
        let sessions = self.documents("_Session");
        Ok(within!(sessions, sessions.delete_many(filter))?.deleted_count)
    }

    /// Ids and names of roles.
    pub async fn roles_by_id(&self, ids: &[String]) -> StorageResult<Vec<(String, String)>> {
        let roles = self.documents("_Role");
        let find = roles
            .find(doc! { "_id": { "$in": ids.to_vec() } })
            .projection(doc! { "name": 1 });
        let rows: Vec<Document> = found::all(&roles, find).await?;
        rows.iter()
            .map(|row| Ok((text(row, "_id")?, text(row, "name")?)))
            .collect()
    }
}

/// The columns that [`login_row`] reads.
pub(super) fn login_columns() -> Document {
    doc! {
        "username": 1, "email": 1, "emailVerified": 1, "locale": 1, "_hashed_password": 1, "_rperm": 1, "_wperm": 1,
        "_password_changed_at": 1, "_auth_data_mfa": 1,
    }
}

pub(super) fn login_row(row: &Document) -> StorageResult<LoginRow> {
    let optional = |column: &str| row.get_str(column).ok().map(str::to_owned);
    let is_empty = |column: &str| row.get_array(column).is_ok_and(Vec::is_empty);
    Ok(LoginRow {
        id: text(row, "_id")?,
        username: optional("username"),
        email: optional("email"),
        locale: optional("locale"),
        password_hash: optional("_hashed_password"),
        locked_out: is_empty("_rperm") && is_empty("_wperm"),
        email_verified: row.get_bool("emailVerified").unwrap_or(false),
        password_changed_at: row
            .get_datetime("_password_changed_at")
            .ok()
            .map(|at| at.timestamp_millis()),
        second_factor: row.get_document("_auth_data_mfa").ok().and_then(second_factor),
    })
}

fn second_factor(factor: &Document) -> Option<SecondFactor> {
    let recovery = factor.get_array("recovery").cloned().unwrap_or_default();
    Some(SecondFactor {
        secret: factor.get_str("secret").ok()?.to_owned(),
        recovery: recovery
            .iter()
            .filter_map(Bson::as_str)
            .map(str::to_owned)
            .collect(),
    })
}

fn text(row: &Document, column: &str) -> StorageResult<String> {
    row.get_str(column)
        .map(str::to_owned)
        .map_err(|error| StorageError::Corrupt(error.to_string()))
}
