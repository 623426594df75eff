//! The control plane's settings under `slipway dev`: its defaults, what was generated, and on top the
//! environment (`SLIPWAY_SECTION__KEY`), as everywhere.

use secrecy::ExposeSecret;
use serde_json::json;

use super::error::DevError;
use super::folder::DataFolder;
use super::mongodb::Mongo;
use super::postgres::Postgres;
use super::secrets::DevSecrets;
use crate::config::Config;

/// Loads and validates them.
pub fn load(
    folder: &DataFolder,
    port: u16,
    secrets: &DevSecrets,
    postgres: &Postgres,
    mongo: &Mongo,
) -> Result<Config, DevError> {
    // A string of JSON is a basic string of TOML: the escapes are the same.
    let toml = format!(
        "[server]\nport = {port}\n\
         [database]\nurl = {}\n\
         [secrets]\nkek = {}\n\
         [local]\ndata_dir = {}\nmongodb_uri = {}\n",
        json!(postgres.url().expose_secret()),
        json!(secrets.kek.expose_secret()),
        json!(folder.path().display().to_string()),
        json!(mongo.uri().expose_secret()),
    );
    Config::from_toml_and_environment(&toml).map_err(|error| DevError::ControlPlane(error.to_string()))
}
