//! What the owner asks for: an app is made, paused, moved, deleted and purged.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use bson::{Document, doc};
use control_plane::regions::{
    DesiredApp, DesiredState, ObservedApp, ObservedState, RegionDriver, SuspensionReason,
};
use mongodb::Client;

use crate::local_support::{Machine, is_running, new_app, until, until_seeing};
use crate::{health, own_database};

#[tokio::test]
async fn new_app_becomes_ready_on_its_own_port_with_private_settings() {
    let machine = Machine::new().await;
    let (driver, app) = (machine.driver().await, new_app());
    driver.ready().await.unwrap();
    let seen = until(&driver, &app, ObservedState::Ready).await;
    let url = seen.url.unwrap();
    assert!(url.ends_with("/parse"), "{url}");
    assert_eq!(health(&url).await, Some((200, app.id.to_string())));
    let settings = machine.app_folder(&app).join("settings.json");
    assert_eq!(
        std::fs::metadata(settings).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[tokio::test]
async fn paused_app_turns_everybody_away_with_the_reason_and_its_process_stays() {
    let machine = Machine::new().await;
    let (driver, running) = (machine.driver().await, new_app());
    let url = until(&driver, &running, ObservedState::Ready).await.url.unwrap();
    let pid = machine.pid(&running).unwrap();
    let paused = DesiredApp {
        suspended: Some(SuspensionReason::UserRequested),
        generation: 2,
        ..running.clone()
    };
    let stopped = until(&driver, &paused, ObservedState::Stopped).await;
    assert_eq!(stopped.serves, Some(false));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(format!("{url}/classes/Note")).send().await.unwrap();
    assert_eq!(answer.status(), 402);
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["error"], SuspensionReason::UserRequested.sentence());
    assert_eq!(
        health(&url).await.unwrap().0,
        200,
        "it can be seen that it is well"
    );

    let resumed = DesiredApp {
        generation: 3,
        ..running
    };
    let not_yet = |seen: &ObservedApp| assert_eq!(seen.serves, Some(false), "{seen:?}");
    let ready = until_seeing(&driver, &resumed, ObservedState::Ready, not_yet).await;
    assert_eq!(ready.serves, Some(true));
    assert_eq!(driver.serves(&resumed).await, Some(true));
    let answer = client.get(format!("{url}/classes/Note")).send().await.unwrap();
    assert_ne!(answer.status(), 402);
    assert_eq!(machine.pid(&resumed), Some(pid));
}

#[tokio::test]
async fn deleted_app_stops_with_its_data_kept_until_undelete_or_purge() {
    let machine = Machine::new().await;
    let (driver, running) = (machine.driver().await, new_app());
    until(&driver, &running, ObservedState::Ready).await;
    let database = own_database(&machine, &running).await;
    database
        .collection("Note")
        .insert_one(doc! { "text": "kept" })
        .await
        .unwrap();
    let pid = machine.pid(&running).unwrap();

    let deleted = DesiredApp {
        state: DesiredState::Deleted,
        generation: 2,
        ..running.clone()
    };
    until(&driver, &deleted, ObservedState::Stopped).await;
    assert!(!is_running(pid) && machine.pid(&running).is_none());

    let undeleted = DesiredApp {
        generation: 3,
        ..running.clone()
    };
    until(&driver, &undeleted, ObservedState::Ready).await;
    let note = database
        .collection::<Document>("Note")
        .find_one(doc! {})
        .await
        .unwrap();
    assert_eq!(note.unwrap().get_str("text").unwrap(), "kept");

    let purged = DesiredApp {
        state: DesiredState::Purge,
        generation: 4,
        ..running
    };
    let pid = machine.pid(&purged).unwrap();
    driver.purge(&purged).await.unwrap();
    assert!(!is_running(pid));
    assert!(!machine.app_folder(&purged).exists());
    let root = mongodb_root(&machine).await;
    assert!(
        !root
            .list_database_names()
            .await
            .unwrap()
            .contains(&database.name().to_owned())
    );
    let user = root
        .database(database.name())
        .run_command(doc! { "usersInfo": database.name() })
        .await
        .unwrap();
    assert!(user.get_array("users").unwrap().is_empty());
    driver
        .purge(&purged)
        .await
        .expect("a purge that is repeated after a crash");
}

async fn mongodb_root(machine: &Machine) -> Client {
    use secrecy::ExposeSecret;
    Client::with_uri_str(machine.settings.mongodb_uri.expose_secret())
        .await
        .unwrap()
}

#[tokio::test]
async fn app_moves_when_a_stranger_took_its_port() {
    let machine = Machine::new().await;
    let (driver, app) = (machine.driver().await, new_app());
    let before = until(&driver, &app, ObservedState::Ready).await.url.unwrap();
    let deleted = DesiredApp {
        state: DesiredState::Deleted,
        generation: 2,
        ..app.clone()
    };
    until(&driver, &deleted, ObservedState::Stopped).await;
    let port: u16 = std::fs::read_to_string(machine.app_folder(&app).join("port"))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let _stranger = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let undeleted = DesiredApp { generation: 3, ..app };
    let after = until(&driver, &undeleted, ObservedState::Ready)
        .await
        .url
        .unwrap();
    assert_ne!(after, before);
    assert!(health(&after).await.is_some());
}
