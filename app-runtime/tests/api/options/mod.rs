//! Options of the settings by their names, each with what it changes; what other files are about is there. `options.txt`
//! lists all of them with their tests.

mod http;
mod objects;
mod pages;
mod people;
mod table;

use app_runtime::settings::Settings;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::{App, on};

/// An app with these options, read as those of a settings file are.
async fn with(more: Value) -> App {
    let mongo = test_kit::mongo().await;
    on(mongo, |settings| {
        *settings = read(settings.database_uri.expose_secret(), more)
    })
    .await
}

fn read(database: &str, more: Value) -> Settings {
    let mut options = json!({"appId": "app", "masterKey": "master", "databaseURI": database, "host": "127.0.0.1",
        "port": 0, "allowClientClassCreation": true});
    let Value::Object(more) = more else {
        panic!("no options: {more}")
    };
    let options = options.as_object_mut().unwrap();
    options.extend(more);
    Settings::from_options(options).unwrap()
}
