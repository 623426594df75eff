//! The runtime's process: killed, adopted, lost, stopped, or never started at all.

use std::os::unix::fs::PermissionsExt;

use control_plane::regions::{ObservedState, RegionDriver};

use crate::health;
use crate::local_support::{Machine, PATIENCE, is_running, kill, new_app, until};

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
