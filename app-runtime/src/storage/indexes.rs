//! What every app's database has from the start: the rows of `_SCHEMA` and the indexes of reference section 4.

use std::time::Duration;

use bson::{Document, doc};
use mongodb::IndexModel;
use mongodb::error::ErrorKind;
use mongodb::options::{Collation, IndexOptions};

use crate::objects::schema::ClassSchema;
use crate::storage::error::{StorageError, StorageResult};
use crate::storage::{Storage, transaction};

impl Storage {
    /// Idempotent: on a database that has been prepared before it changes nothing.
    pub(super) async fn prepare(&self) -> StorageResult<()> {
        let (users, roles) = (ClassSchema::new("_User"), ClassSchema::new("_Role"));
        let (user_indexes, role_indexes, session_indexes) =
            (user_indexes(), [unique("name", "name_1")], session_indexes());
        futures_util::try_join!(
            async { self.create_class(&users).await.map(drop) },
            async { self.create_class(&roles).await.map(drop) },
            self.create_indexes("_User", &user_indexes),
            self.create_indexes("_Role", &role_indexes),
            self.create_indexes("_Session", &session_indexes),
        )?;
        Ok(())
    }

    /// The unique index of each provider's ids, without which every sign-in would scan, and two at the same moment
    /// could make two users of one person; and the index that forgets used proofs.
    pub async fn index_identities(&self, providers: impl Iterator<Item = &str>) -> StorageResult<()> {
        for provider in providers {
            let column = format!("_auth_data_{provider}");
            let index = unique(&format!("{column}.id"), &format!("{column}_id"));
            match self.create_indexes("_User", &[index]).await {
                // An imported database may hold such users; they must not keep the app from starting.
                Err(StorageError::Duplicate(_)) => tracing::warn!(
                    provider,
                    "two users have the same identity at this provider, so it has no unique index; remove one of them"
                ),
                created => created?,
            }
        }
        let expiry = IndexOptions::builder()
            .name("ttl".to_owned())
            .sparse(true)
            .expire_after(Duration::ZERO)
            .build();
        self.create_indexes(
            "_Idempotency",
            &[unique("reqId", "reqId_1"), model(doc! { "expire": 1 }, expiry)],
        )
        .await
    }

    /// Makes indexes that are not there yet; in a transaction, see there.
    pub(super) async fn create_indexes(&self, class: &str, indexes: &[IndexModel]) -> StorageResult<()> {
        if transaction::admits_index(class, &self.collection_name(class), indexes)? {
            self.make_indexes(class, indexes).await?;
        }
        Ok(())
    }

    /// An index that is there under this name with other options stays: an imported database must not keep the app from
    /// starting.
    pub(super) async fn make_indexes(&self, class: &str, indexes: &[IndexModel]) -> StorageResult<()> {
        match self.documents(class).create_indexes(indexes.to_vec()).await {
            Err(error) if is_other_index(&error) => {
                tracing::warn!(class, %error, "an index exists with other options and is kept as it is");
                Ok(())
            }
            created => Ok(created.map(drop)?),
        }
    }

    /// The index that a polygon field is born with.
    pub(super) async fn create_polygon_index(&self, class: &str, field: &str) -> StorageResult<()> {
        let options = IndexOptions::builder().name(format!("{field}_2dsphere")).build();
        self.create_indexes(class, &[model(doc! { field: "2dsphere" }, options)])
            .await
    }

    /// The index that queries by distance need; Parse Server makes it at the first such query, too.
    pub(super) async fn create_point_index(&self, class: &str, field: &str) -> StorageResult<()> {
        let options = IndexOptions::builder().name(format!("{field}_2d")).build();
        self.create_indexes(class, &[model(doc! { field: "2d" }, options)])
            .await
    }

    /// Indexes of a relation's rows, without which every query over it would scan.
    pub(super) async fn create_join_indexes(&self, collection: &str) -> StorageResult<()> {
        self.create_indexes(
            collection,
            &[plain("owningId", "owningId_1"), plain("relatedId", "relatedId_1")],
        )
        .await
    }
}

/// `IndexOptionsConflict` and `IndexKeySpecsConflict`.
fn is_other_index(error: &mongodb::error::Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if matches!(command.code, 85 | 86))
}

fn user_indexes() -> Vec<IndexModel> {
    vec![
        unique("username", "username_1"),
        unique("email", "email_1"),
        case_insensitive("username", "case_insensitive_username"),
        case_insensitive("email", "case_insensitive_email"),
        sparse("_email_verify_token"),
        sparse("_perishable_token"),
        unique("_auth_data_anonymous.id", "_auth_data_anonymous_id"),
    ]
}

fn session_indexes() -> Vec<IndexModel> {
    vec![
        plain("_session_token", "_session_token_1"),
        plain("_p_user", "_p_user_1"),
    ]
}

fn model(keys: Document, options: IndexOptions) -> IndexModel {
    IndexModel::builder().keys(keys).options(options).build()
}

fn plain(field: &str, name: &str) -> IndexModel {
    model(
        doc! { field: 1 },
        IndexOptions::builder().name(name.to_owned()).build(),
    )
}

fn sparse(field: &str) -> IndexModel {
    model(
        doc! { field: 1 },
        IndexOptions::builder()
            .name(field.to_owned())
            .sparse(true)
            .build(),
    )
}

fn unique(field: &str, name: &str) -> IndexModel {
    model(
        doc! { field: 1 },
        IndexOptions::builder()
            .name(name.to_owned())
            .unique(true)
            .sparse(true)
            .build(),
    )
}

fn case_insensitive(field: &str, name: &str) -> IndexModel {
    model(
        doc! { field: 1 },
        IndexOptions::builder()
            .name(name.to_owned())
            .sparse(true)
            .collation(caseless())
            .build(),
    )
}

/// Parse Server's collation for names that differ only in case.
pub(super) fn caseless() -> Collation {
    Collation::builder()
        .locale("en_US")
        .strength(mongodb::options::CollationStrength::Secondary)
        .build()
}
