//! Changed settings arrive at the running app.

use control_plane::regions::{DesiredApp, Engine, ObservedApp, ObservedState, Sizing, SuspensionReason};

use crate::health;
use crate::local_support::{Machine, new_app, until, until_seeing};

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
    let serving = |seen: &ObservedApp| assert_eq!(seen.serves, Some(true), "{seen:?}");
    let seen = until_seeing(&driver, &changed, ObservedState::Ready, serving).await;
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
    assert_eq!(seen.serves, Some(true));
    assert_eq!(health(&url).await, Some((200, app.id.to_string())));

    let paused = DesiredApp {
        suspended: Some(SuspensionReason::UserRequested),
        generation: 3,
        ..app.clone()
    };
    until(&driver, &paused, ObservedState::Stopped).await;
    wrong.generation = 4;
    let seen = until(&driver, &wrong, ObservedState::Failing).await;
    assert_eq!(seen.serves, Some(false), "the old settings turn everybody away");
    let corrected = DesiredApp {
        generation: 5,
        ..app.clone()
    };
    until(&driver, &corrected, ObservedState::Ready).await;
}
