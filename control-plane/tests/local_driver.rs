//! The local region driver with a real MongoDB and the real `slipway-runtime`.
#![allow(clippy::unwrap_used)]

mod local_support;

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use bson::{Document, doc};
use control_plane::regions::{
    DesiredApp, DesiredState, Engine, ObservedState, RegionDriver, Sizing, SuspensionReason,
};
use local_support::{Machine, PATIENCE, is_running, kill, new_app, until};
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
async fn killed_runtime_comes_back_on_the_same_address() {
    let machine = Machine::new().await;
    let (driver, app) = (machine.driver().await, new_app());
    let before = until(&driver, &app, ObservedState::Ready).await;
    let pid = machine.pid(&app).unwrap();
    kill(pid);
    tokio::time::timeout(PATIENCE, driver.changed())
        .await
        .expect("the driver notices");
    let seen = driver.reconcile(&app).await.unwrap();
    assert_eq!(seen.state, ObservedState::Restarting);
    assert!(seen.message.unwrap().contains("signal 9"));
    let after = until(&driver, &app, ObservedState::Ready).await;
    assert_eq!(after, before);
    assert_ne!(machine.pid(&app), Some(pid));
}

#[tokio::test]
async fn runtime_outlives_its_control_plane_and_is_adopted() {
    let machine = Machine::new().await;
    let app = new_app();
    let first = machine.driver().await;
    let url = until(&first, &app, ObservedState::Ready).await.url.unwrap();
    let pid = machine.pid(&app);
    drop(first);
    assert_eq!(health(&url).await, Some((200, app.id.to_string())));
    let second = machine.driver().await;
    until(&second, &app, ObservedState::Ready).await;
    assert_eq!(machine.pid(&app), pid);
    kill(pid.unwrap());
    tokio::time::timeout(PATIENCE, second.changed())
        .await
        .expect("an adopted runtime is watched too");
    until(&second, &app, ObservedState::Ready).await;
}

#[tokio::test]
async fn runtime_whose_pid_file_was_lost_is_not_started_twice() {
    let machine = Machine::new().await;
    let app = new_app();
    until(&machine.driver().await, &app, ObservedState::Ready).await;
    let pid = machine.pid(&app).unwrap();
    std::fs::remove_file(machine.app_folder(&app).join("runtime.pid")).unwrap();
    until(&machine.driver().await, &app, ObservedState::Ready).await;
    assert!(!is_running(pid), "the lost one was replaced, not joined");
    assert!(is_running(machine.pid(&app).unwrap()));
}

#[tokio::test]
async fn user_of_one_app_reaches_no_other_database() {
    let machine = Machine::new().await;
    let driver = machine.driver().await;
    let (mine, theirs) = (new_app(), new_app());
    until(&driver, &mine, ObservedState::Ready).await;
    until(&driver, &theirs, ObservedState::Ready).await;
    let my_database = own_database(&machine, &mine).await;
    my_database
        .collection("Note")
        .insert_one(doc! { "text": "mine" })
        .await
        .unwrap();

    let their_client = own_database(&machine, &theirs).await;
    let there = their_client.client().database(my_database.name());
    let read = there.collection::<Document>("Note").find_one(doc! {}).await;
    assert!(read.unwrap_err().to_string().contains("not authorized"));
    let write = there
        .collection("Note")
        .insert_one(doc! { "text": "theirs" })
        .await;
    assert!(write.unwrap_err().to_string().contains("not authorized"));
    let users = their_client
        .client()
        .database("admin")
        .run_command(doc! { "usersInfo": 1 })
        .await;
    assert!(users.unwrap_err().to_string().contains("not authorized"));
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
    until(&driver, &paused, ObservedState::Stopped).await;
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
    until(&driver, &resumed, ObservedState::Ready).await;
    let answer = client.get(format!("{url}/classes/Note")).send().await.unwrap();
    assert_ne!(answer.status(), 402);
    assert_eq!(machine.pid(&resumed), Some(pid));
}

#[tokio::test]
async fn another_engine_restarts_the_runtime_with_it() {
    let machine = Machine::new().await;
    let (driver, small) = (machine.driver().await, new_app());
    until(&driver, &small, ObservedState::Ready).await;
    let pid = machine.pid(&small).unwrap();
    let large = DesiredApp {
        sizing: Sizing {
            engine: Engine::L,
            ..small.sizing
        },
        generation: 2,
        ..small
    };
    until(&driver, &large, ObservedState::Ready).await;
    assert_ne!(machine.pid(&large), Some(pid));
    let settings = std::fs::read_to_string(machine.app_folder(&large).join("settings.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&settings).unwrap();
    assert_eq!(settings["engine"], "l");
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

#[tokio::test]
async fn new_keys_names_and_settings_are_in_force_without_a_restart() {
    let machine = Machine::new().await;
    let (driver, app) = (machine.driver().await, new_app());
    let url = until(&driver, &app, ObservedState::Ready).await.url.unwrap();
    let pid = machine.pid(&app);
    let mut changed = DesiredApp {
        name: "Memos".into(),
        generation: 2,
        ..app.clone()
    };
    changed.keys.rest = "rest_new".into();
    changed.settings.0 = serde_json::json!({"sessionLength": 60})
        .as_object()
        .unwrap()
        .clone();
    // It is not ready before the app serves by them, so nobody is told of a key that does not work yet.
    let seen = until(&driver, &changed, ObservedState::Ready).await;
    assert_eq!(seen.generation, 2);
    let with_key = async |key: &str| {
        let request = reqwest::Client::new().get(format!("{url}/classes/Note"));
        let request = request
            .header("x-parse-application-id", &app.application_id)
            .header("x-parse-rest-api-key", key);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(
        with_key(secrecy::ExposeSecret::expose_secret(&app.keys.rest)).await,
        403
    );
    assert_ne!(with_key("rest_new").await, 403);
    assert_eq!(machine.pid(&app), pid);
    let settings = std::fs::read_to_string(machine.app_folder(&app).join("settings.json")).unwrap();
    assert!(
        settings.contains("Memos") && settings.contains("\"sessionLength\": 60"),
        "{settings}"
    );

    // A control plane that comes back finds it as it is.
    drop(driver);
    let second = machine.driver().await;
    until(&second, &changed, ObservedState::Ready).await;
    assert_eq!(machine.pid(&app), pid);
}

#[tokio::test]
async fn app_that_does_not_take_its_settings_goes_on_with_the_old_ones_and_says_so() {
    let machine = Machine::new().await;
    let (driver, app) = (machine.driver().await, new_app());
    let url = until(&driver, &app, ObservedState::Ready).await.url.unwrap();
    let mut wrong = DesiredApp {
        generation: 2,
        ..app.clone()
    };
    // What the control plane of one release checked, the runtime of another may not take.
    wrong.settings.0 = serde_json::json!({"sessionLength": "soon"})
        .as_object()
        .unwrap()
        .clone();
    let seen = until(&driver, &wrong, ObservedState::Failing).await;
    assert!(seen.message.unwrap().contains("sessionLength"));
    assert_eq!(health(&url).await, Some((200, app.id.to_string())));
    let corrected = DesiredApp {
        generation: 3,
        ..app.clone()
    };
    until(&driver, &corrected, ObservedState::Ready).await;
}

#[tokio::test]
async fn new_database_password_is_given_to_the_user() {
    let machine = Machine::new().await;
    let (driver, app) = (machine.driver().await, new_app());
    until(&driver, &app, ObservedState::Ready).await;
    let old = own_database(&machine, &app).await;
    old.run_command(doc! { "ping": 1 }).await.unwrap();
    let old_uri = own_uri(&machine, &app);
    let rotated = DesiredApp {
        database_password: "another".into(),
        generation: 2,
        ..app.clone()
    };
    until(&driver, &rotated, ObservedState::Ready).await;
    let new = own_database(&machine, &rotated).await;
    new.collection::<Document>("Note")
        .find_one(doc! {})
        .await
        .unwrap();
    assert_ne!(own_uri(&machine, &app), old_uri);
    let with_old = Client::with_uri_str(old_uri)
        .await
        .unwrap()
        .default_database()
        .unwrap();
    assert!(
        with_old
            .collection::<Document>("Note")
            .find_one(doc! {})
            .await
            .is_err()
    );
}

#[tokio::test]
async fn runtime_that_cannot_start_is_failing_with_its_own_words() {
    let mut machine = Machine::new().await;
    let program = machine.folder.path().join("broken-runtime");
    std::fs::write(
        &program,
        "#!/bin/sh\necho 'Error: unknown option `appld`, did you mean `appId`?'\nexit 3\n",
    )
    .unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    machine.settings.runtime = program;
    let (driver, app) = (machine.driver().await, new_app());
    let message = until(&driver, &app, ObservedState::Failing)
        .await
        .message
        .unwrap();
    assert!(
        message.contains("code 3") && message.contains("did you mean `appId`"),
        "{message}"
    );
}

#[tokio::test]
async fn missing_runtime_program_is_said_by_ready() {
    let mut machine = Machine::new().await;
    machine.settings.runtime = "/nowhere/slipway-runtime".into();
    let error = machine.driver().await.ready().await.unwrap_err().to_string();
    assert!(error.contains("/nowhere/slipway-runtime"), "{error}");
}

#[tokio::test]
async fn shutdown_stops_every_runtime_of_the_machine() {
    let machine = Machine::new().await;
    let (one, two) = (new_app(), new_app());
    let driver = machine.driver().await;
    until(&driver, &one, ObservedState::Ready).await;
    until(&driver, &two, ObservedState::Ready).await;
    let pids = [machine.pid(&one).unwrap(), machine.pid(&two).unwrap()];
    machine.driver().await.shutdown().await;
    assert!(!pids.into_iter().any(is_running));
}
