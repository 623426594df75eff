//! The app's own database and its MongoDB user, who can reach nothing else.

use std::time::Duration;

use bson::{Document, doc};
use mongodb::Client;
use mongodb::options::ClientOptions;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::regions::{DesiredApp, RegionError};

/// Database and user of an app have the same name.
pub fn name_of(app: &DesiredApp) -> String {
    format!("app_{}", app.id.bare())
}

/// Connects as the region's administrator. Does not wait for the server to be there.
pub async fn connect(uri: &SecretString) -> Result<Client, RegionError> {
    let mut options = ClientOptions::parse(uri.expose_secret()).await?;
    options.app_name = Some("slipway".to_owned());
    options.server_selection_timeout = Some(Duration::from_secs(3));
    options.connect_timeout = Some(Duration::from_secs(3));
    Ok(Client::with_options(options)?)
}

/// Whether users and databases could be made right now.
pub async fn ready(client: &Client) -> Result<(), RegionError> {
    let hello = client.database("admin").run_command(doc! { "hello": 1 }).await?;
    if hello.get_bool("isWritablePrimary").unwrap_or(false) {
        return Ok(());
    }
    Err(RegionError::NotReady(
        "MongoDB of this region has no primary yet.".to_owned(),
    ))
}

/// Makes the app's user, or gives it the present password and rights.
pub async fn ensure_user(client: &Client, app: &DesiredApp) -> Result<(), RegionError> {
    let name = name_of(app);
    let database = client.database(&name);
    let found = database.run_command(doc! { "usersInfo": &name }).await?;
    let users = found.get_array("users").map(Vec::as_slice).unwrap_or_default();
    let fingerprint = fingerprint(app);
    let known = users.first().and_then(|user| user.as_document());
    if known.is_some_and(|user| recorded_fingerprint(user) == Some(fingerprint.as_str())) {
        return Ok(());
    }
    let command = if known.is_some() {
        "updateUser"
    } else {
        "createUser"
    };
    database
        .run_command(doc! {
            command: &name,
            "pwd": app.database_password.expose_secret(),
            "roles": ["readWrite", "dbAdmin"],
            "customData": { "passwordFingerprint": fingerprint },
        })
        .await?;
    Ok(())
}

/// Takes the user away first, so that nothing can write between this and the drop of the database.
pub async fn drop_all(client: &Client, app: &DesiredApp) -> Result<(), RegionError> {
    let name = name_of(app);
    let database = client.database(&name);
    database
        .run_command(doc! { "dropAllUsersFromDatabase": 1 })
        .await?;
    database.drop().await?;
    Ok(())
}

/// Tells whether the user has the present password without keeping it: the password is 32 random
/// characters, so its hash gives nothing away.
fn fingerprint(app: &DesiredApp) -> String {
    let mut hash = Sha256::new();
    hash.update(app.id.as_str());
    hash.update(app.database_password.expose_secret());
    hex::encode(hash.finalize())
}

fn recorded_fingerprint(user: &Document) -> Option<&str> {
    user.get_document("customData")
        .ok()?
        .get_str("passwordFingerprint")
        .ok()
}
