//! The local region driver with a real MongoDB and the real `slipway-runtime`.
#![allow(clippy::unwrap_used)]

#[path = "../local_support/mod.rs"]
mod local_support;

mod databases;
mod lifecycle;
mod processes;
mod settings;

use control_plane::regions::DesiredApp;
use local_support::Machine;
use mongodb::{Client, Database};

/// The app's database as the app itself sees it.
async fn own_database(machine: &Machine, app: &DesiredApp) -> Database {
    Client::with_uri_str(own_uri(machine, app))
        .await
        .unwrap()
        .default_database()
        .unwrap()
}

fn own_uri(machine: &Machine, app: &DesiredApp) -> String {
    let text = std::fs::read_to_string(machine.app_folder(app).join("settings.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&text).unwrap();
    settings["databaseURI"].as_str().unwrap().to_owned()
}

async fn health(url: &str) -> Option<(u16, String)> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(format!("{url}/health")).send().await.ok()?;
    let app = answer.headers().get("x-slipway-app")?.to_str().ok()?.to_owned();
    Some((answer.status().as_u16(), app))
}
