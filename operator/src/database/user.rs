//! The app's own database and its user, who can reach nothing else.

use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};

use crate::build::Placement;

/// MongoDB's code for a user that is already there.
const USER_EXISTS: i32 = 51003;

pub(super) async fn ping(client: &Client) -> Result<()> {
    let hello = client.database("admin").run_command(doc! { "hello": 1 }).await?;
    if hello.get_bool("isWritablePrimary").unwrap_or(false) {
        return Ok(());
    }
    Err(Error::custom("there is no primary".to_owned()))
}

/// Makes the user, unless it has just this password. Another operator may have made it at the same moment.
pub(super) async fn ensure(client: &Client, placement: &Placement) -> Result<()> {
    let name = &placement.database;
    let database = client.database(name);
    let fingerprint = fingerprint(placement);
    let found = database.run_command(doc! { "usersInfo": name }).await?;
    let users = found.get_array("users").map(Vec::as_slice).unwrap_or_default();
    let known = users.first().and_then(|user| user.as_document());
    if known.and_then(recorded_fingerprint) == Some(fingerprint.as_str()) {
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
        "roles": ["readWrite", "dbAdmin"],
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

fn is_there(error: &Error) -> bool {
    matches!(error.kind.as_ref(), ErrorKind::Command(error) if error.code == USER_EXISTS)
}
