//! What `_User` rows keep about credentials: failed log-ins, tokens of mails, old passwords, second factors.
//!
//! Whatever may be used once is taken by the same statement that finds it, so that of two requests at the same moment
//! one comes too late.

use bson::{Bson, DateTime, Document, doc};
use mongodb::options::ReturnDocument;

use crate::protocol::dates::Millis;
use crate::storage::Storage;
use crate::storage::error::StorageResult;
use crate::storage::transaction::within;
use crate::storage::users::{LoginRow, login_columns, login_row};

/// When failures lock an account, and until when.
#[derive(Debug, Clone, Copy)]
pub struct LockRule {
    pub threshold: u32,
    pub now: Millis,
    /// The end of a lock that begins now.
    pub until: Millis,
}

/// Which of the tokens that come by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailToken {
    Verification,
    PasswordReset,
}

impl MailToken {
    pub fn column(self) -> &'static str {
        match self {
            Self::Verification => "_email_verify_token",
            Self::PasswordReset => "_perishable_token",
        }
    }

    pub fn expiry_column(self) -> &'static str {
        match self {
            Self::Verification => "_email_verify_token_expires_at",
            Self::PasswordReset => "_perishable_token_expires_at",
        }
    }
}

/// How the user of a mail is found.
#[derive(Debug, Clone, Copy)]
pub enum Addressee<'a> {
    /// Has this address, or none at all and this as name.
    AddressOrName(&'a str),
    Address(&'a str),
    Name(&'a str),
    /// Has this token, expired or not.
    Token(&'a str),
}

/// A user and the mailed token they have, if any.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenRow {
    pub user: LoginRow,
    pub token: Option<String>,
    pub expires_at: Option<Millis>,
}

impl LockRule {
    fn locked(&self) -> Document {
        let until = doc! { "$gt": DateTime::from_millis(self.now) };
        doc! { "_account_lockout_expires_at": until, "_failed_login_count": { "$gte": self.threshold } }
    }
}

impl Storage {
    /// Whether failed log-ins have locked the account.
    pub async fn is_locked(&self, user: &str, rule: &LockRule) -> StorageResult<bool> {
        let mut filter = rule.locked();
        filter.insert("_id", user);
        Ok(self.documents("_User").count_documents(filter).await? > 0)
    }

    /// Books a failed log-in, and the lock it may bring. Returns the failures in a row; `None` if the account is locked.
    pub async fn count_failed_login(&self, user: &str, rule: &LockRule) -> StorageResult<Option<u32>> {
        let count = doc! { "$add": [{ "$ifNull": ["$_failed_login_count", 0] }, 1] };
        let until = doc! { "$cond": [
            { "$gte": ["$_failed_login_count", rule.threshold] },
            DateTime::from_millis(rule.until),
            "$_account_lockout_expires_at",
        ] };
        let steps = vec![
            doc! { "$set": { "_failed_login_count": count } },
            doc! { "$set": { "_account_lockout_expires_at": until } },
        ];
        let updated = self
            .documents("_User")
            .find_one_and_update(doc! { "_id": user, "$nor": [rule.locked()] }, steps)
            .projection(doc! { "_failed_login_count": 1 })
            .return_document(ReturnDocument::After)
            .await?;
        Ok(updated.map(|row| match row.get("_failed_login_count") {
            Some(Bson::Int32(count)) => u32::try_from(*count).unwrap_or(0),
            Some(Bson::Int64(count)) => u32::try_from(*count).unwrap_or(u32::MAX),
            // Parse Server may have left a double.
            Some(Bson::Double(count)) => *count as u32,
            _ => 0,
        }))
    }

    /// Forgets the failures after a log-in; `false` if the account is locked.
    pub async fn forgive_failed_logins(&self, user: &str, rule: &LockRule) -> StorageResult<bool> {
        let filter = doc! { "_id": user, "$nor": [rule.locked()] };
        let result = self
            .documents("_User")
            .update_one(filter, doc! { "$set": { "_failed_login_count": 0 } })
            .await?;
        Ok(result.matched_count == 1)
    }

    /// Lifts a lock.
    pub async fn unlock(&self, user: &str) -> StorageResult<()> {
        let both = doc! { "_failed_login_count": "", "_account_lockout_expires_at": "" };
        self.documents("_User")
            .update_one(doc! { "_id": user }, doc! { "$unset": both })
            .await?;
        Ok(())
    }

    /// Starts the age of a password that was set before ages were counted.
    pub async fn start_password_age(&self, user: &str, now: Millis) -> StorageResult<()> {
        let filter = doc! { "_id": user, "_password_changed_at": null };
        let set = doc! { "_password_changed_at": DateTime::from_millis(now) };
        self.documents("_User")
            .update_one(filter, doc! { "$set": set })
            .await?;
        Ok(())
    }

    /// Hashes of a user's passwords: the old ones, oldest first, and the present one.
    pub async fn password_hashes(&self, user: &str) -> StorageResult<(Vec<String>, Option<String>)> {
        let columns = doc! { "_password_history": 1, "_hashed_password": 1 };
        let users = self.documents("_User");
        let find = users.find_one(doc! { "_id": user }).projection(columns);
        let row = within!(users, find)?.unwrap_or_default();
        let old = row.get_array("_password_history").cloned().unwrap_or_default();
        let old = old.iter().filter_map(Bson::as_str).map(str::to_owned).collect();
        Ok((old, row.get_str("_hashed_password").ok().map(str::to_owned)))
    }

    /// One user by id, with what a login needs to know.
    pub async fn login_row(&self, user: &str) -> StorageResult<Option<LoginRow>> {
        self.login_row_where(doc! { "_id": user }).await
    }

    async fn login_row_where(&self, filter: Document) -> StorageResult<Option<LoginRow>> {
        let users = self.documents("_User");
        let find = users.find_one(filter).projection(login_columns());
        let row = within!(users, find)?;
        row.as_ref().map(login_row).transpose()
    }

    /// The user a mail is for, with their token of that kind.
    pub async fn addressee(&self, kind: MailToken, by: Addressee<'_>) -> StorageResult<Option<TokenRow>> {
        let filter = match by {
            Addressee::Address(address) => doc! { "email": address },
            Addressee::Name(name) => doc! { "username": name },
            Addressee::Token(token) => doc! { kind.column(): token },
            Addressee::AddressOrName(text) => {
                doc! { "$or": [{ "email": text }, { "username": text, "email": { "$exists": false } }] }
            }
        };
        let mut columns = login_columns();
        columns.insert(kind.column(), 1);
        columns.insert(kind.expiry_column(), 1);
        let Some(row) = self
            .documents("_User")
            .find_one(filter)
            .projection(columns)
            .await?
        else {
            return Ok(None);
        };
        let expiry = row.get_datetime(kind.expiry_column()).ok();
        Ok(Some(TokenRow {
            user: login_row(&row)?,
            token: row.get_str(kind.column()).ok().map(str::to_owned),
            expires_at: expiry.map(|at| at.timestamp_millis()),
        }))
    }

    /// Gives a user a new token in place of an older one.
    pub async fn set_token(
        &self,
        kind: MailToken,
        user: &str,
        token: &str,
        expires_at: Option<Millis>,
    ) -> StorageResult<()> {
        let statement = match expires_at.map(DateTime::from_millis) {
            Some(at) => doc! { "$set": { kind.column(): token, kind.expiry_column(): at } },
            None => doc! { "$set": { kind.column(): token }, "$unset": { kind.expiry_column(): "" } },
        };
        self.documents("_User")
            .update_one(doc! { "_id": user }, statement)
            .await?;
        Ok(())
    }

    /// Takes a verification token and marks the address as proven. With `alive_at`, only a token that lives then.
    pub async fn verify_address(
        &self,
        token: &str,
        alive_at: Option<Millis>,
        now: Millis,
    ) -> StorageResult<bool> {
        let mut filter = doc! { "_email_verify_token": token };
        if let Some(at) = alive_at {
            filter.insert("emailVerified", false);
            filter.insert(
                "_email_verify_token_expires_at",
                doc! { "$gt": DateTime::from_millis(at) },
            );
        }
        let statement = doc! {
            "$set": { "emailVerified": true, "_updated_at": DateTime::from_millis(now) },
            "$unset": { "_email_verify_token": "", "_email_verify_token_expires_at": "" },
        };
        let result = self.documents("_User").update_one(filter, statement).await?;
        Ok(result.modified_count == 1)
    }

    /// Takes a recovery code off a user's second factor; `false` if it is not there (any more).
    pub async fn take_recovery_code(&self, user: &str, code: &str) -> StorageResult<bool> {
        let codes = "_auth_data_mfa.recovery";
        let result = self
            .documents("_User")
            .update_one(
                doc! { "_id": user, codes: code },
                doc! { "$pull": { codes: code } },
            )
            .await?;
        Ok(result.modified_count == 1)
    }

    /// Marks a one-time password's time step as used; `false` if it or a later one has been used before.
    pub async fn take_time_step(&self, user: &str, secret: &str, step: i64) -> StorageResult<bool> {
        let filter = doc! {
            "_id": user,
            "_auth_data_mfa.secret": secret,
            "$nor": [{ "_auth_data_mfa.lastStep": { "$gte": step } }],
        };
        let set = doc! { "$set": { "_auth_data_mfa.lastStep": step } };
        let result = self.documents("_User").update_one(filter, set).await?;
        Ok(result.modified_count == 1)
    }

    /// Gives a user a second factor, unless they have one by now.
    pub async fn add_second_factor(
        &self,
        user: &str,
        secret: &str,
        recovery: &[String],
    ) -> StorageResult<bool> {
        let filter = doc! { "_id": user, "_auth_data_mfa.secret": { "$exists": false } };
        let factor = doc! { "secret": secret, "recovery": recovery.to_vec() };
        let result = self
            .documents("_User")
            .update_one(filter, doc! { "$set": { "_auth_data_mfa": factor } })
            .await?;
        Ok(result.modified_count == 1)
    }

    /// The user of a session token from before sessions were objects.
    pub async fn user_by_legacy_token(&self, token: &str) -> StorageResult<Option<LoginRow>> {
        self.login_row_where(doc! { "_session_token": token }).await
    }

    /// Forgets that token.
    pub async fn drop_legacy_token(&self, user: &str) -> StorageResult<()> {
        self.documents("_User")
            .update_one(doc! { "_id": user }, doc! { "$unset": { "_session_token": "" } })
            .await?;
        Ok(())
    }

    /// Moves the end of a session.
    pub async fn extend_session(&self, id: &str, expires_at: Millis, now: Millis) -> StorageResult<()> {
        let set = doc! {
            "expiresAt": DateTime::from_millis(expires_at),
            "_updated_at": DateTime::from_millis(now),
        };
        self.documents("_Session")
            .update_one(doc! { "_id": id }, doc! { "$set": set })
            .await?;
        Ok(())
    }
}
