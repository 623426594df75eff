//! The app's own database and its user, who can reach nothing else.

use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};

use crate::build::Placement;

/// What the user may do, in its own database alone.
const ROLES: [&str; 2] = ["dbAdmin", "readWrite"];

/// MongoDB's code for a user that is already there.
const USER_EXISTS: i32 = 51003;

pub(super) async fn ping(client: &Client) -> Result<()> {
    let hello = client.database("admin").run_command(doc! { "hello": 1 }).await?;
    if hello.get_bool("isWritablePrimary").unwrap_or(false) {
        return Ok(());
    }
    Err(Error::custom("there is no primary".to_owned()))
}

/// Makes the user, unless it has just this password and just these rights. Another operator may have made it at the same
/// moment.
pub(super) async fn ensure(client: &Client, placement: &Placement) -> Result<()> {
    let name = &placement.database;
    let database = client.database(name);
    let fingerprint = fingerprint(placement);
    let found = database.run_command(doc! { "usersInfo": name }).await?;
    let users = found.get_array("users").map(Vec::as_slice).unwrap_or_default();
    let known = users.first().and_then(|user| user.as_document());
    let has_password = |user: &Document| recorded_fingerprint(user) == Some(fingerprint.as_str());
    if known.is_some_and(|user| has_password(user) && has_roles(user, name)) {
        return Ok(());
    }
    if known.is_none() {
        match database
            .run_command(command("createUser", placement, &fingerprint))
            .await
        {
            Err(error) if is_there(&error) => {}
            other => return other.map(drop),
        }
    }
    database
        .run_command(command("updateUser", placement, &fingerprint))
        .await
        .map(drop)
}

/// Takes the user away first, so that nothing can write between this and the drop of the database.
pub(super) async fn drop_all(client: &Client, name: &str) -> Result<()> {
    let database = client.database(name);
    database
        .run_command(doc! { "dropAllUsersFromDatabase": 1 })
        .await?;
    database.drop().await
}

fn command(command: &str, placement: &Placement, fingerprint: &str) -> Document {
    doc! {
        command: &placement.database,
        "pwd": &placement.password,
        "roles": ROLES.to_vec(),
        "mechanisms": ["SCRAM-SHA-256"],
        "customData": { "passwordFingerprint": fingerprint },
        "writeConcern": { "w": "majority" },
    }
}

/// Tells whether the user has the present password without keeping it: the password is 32 random
/// characters, so its hash gives nothing away.
pub fn fingerprint(placement: &Placement) -> String {
    let mut hash = Sha256::new();
    hash.update(&placement.database);
    hash.update(&placement.password);
    hex::encode(hash.finalize())
}

fn recorded_fingerprint(user: &Document) -> Option<&str> {
    user.get_document("customData")
        .ok()?
        .get_str("passwordFingerprint")
        .ok()
}

/// Neither less nor more than what it is made with.
fn has_roles(user: &Document, database: &str) -> bool {
    let roles = user.get_array("roles").map(Vec::as_slice).unwrap_or_default();
    let mut names: Vec<_> = roles
        .iter()
        .filter_map(|role| role.as_document())
        .filter(|role| role.get_str("db").is_ok_and(|db| db == database))
        .filter_map(|role| role.get_str("role").ok())
        .collect();
    names.sort_unstable();
    names == ROLES && roles.len() == ROLES.len()
}

fn is_there(error: &Error) -> bool {
    matches!(error.kind.as_ref(), ErrorKind::Command(error) if error.code == USER_EXISTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn roles(database: &mongodb::Database, name: &str) -> usize {
        let found = database.run_command(doc! { "usersInfo": name }).await.unwrap();
        let users = found.get_array("users").unwrap();
        let roles = users
            .first()
            .map(|user| user.as_document().unwrap().get_array("roles").unwrap());
        roles.map_or(0, Vec::len)
    }

    #[tokio::test]
    async fn a_user_that_was_lost_or_has_other_rights_is_made_right() {
        let mongo = test_kit::mongo().await;
        let client = Client::with_uri_str(mongo.uri()).await.unwrap();
        let placement = Placement {
            cluster: "main".to_owned(),
            database: test_kit::unique_name("user"),
            password: "p".repeat(32),
        };
        let name = placement.database.as_str();
        let database = client.database(name);
        ensure(&client, &placement).await.unwrap();
        assert_eq!(roles(&database, name).await, 2);

        let more = doc! { "grantRolesToUser": name, "roles": [{ "role": "readWrite", "db": "another" }] };
        let fewer = doc! { "revokeRolesFromUser": name, "roles": ["readWrite"] };
        for (change, changed) in [(more, 3), (fewer, 1), (doc! { "dropUser": name }, 0)] {
            database.run_command(change).await.unwrap();
            assert_eq!(roles(&database, name).await, changed);
            ensure(&client, &placement).await.unwrap();
            assert_eq!(roles(&database, name).await, 2);
        }
        drop_all(&client, name).await.unwrap();
    }
}
