//! Start, readiness and end.

use nix::sys::signal::Signal;
use reqwest::StatusCode;
use serde_json::{Value, json};
use test_kit::{mongo, wait_until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::mongod::Mongod;
use crate::runtime::{DEADLINE, Runtime, options};

#[tokio::test]
async fn wrong_settings_end_it_with_78_and_every_problem() {
    let mut runtime = Runtime::start(&json!({"masterkey": "x", "sessionLength": 0}));
    assert_eq!(runtime.ended().await.code(), Some(78));
    let log = runtime.log();
    for part in [
        "did you mean \"masterKey\"",
        "sessionLength must be",
        "appId is required",
    ] {
        assert!(log.contains(part), "{part} is missing in: {log}");
    }
}

#[tokio::test]
async fn taken_port_ends_it_with_98_and_says_which() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut runtime = Runtime::start(&options("mongodb://127.0.0.1:1/notes", json!({"port": port})));
    assert_eq!(runtime.ended().await.code(), Some(98));
    assert!(
        runtime
            .log()
            .contains(&format!("port {port} on 127.0.0.1 is taken")),
        "{}",
        runtime.log()
    );
}

#[tokio::test]
async fn without_mongodb_it_says_starting_and_becomes_ready_when_it_comes() {
    let mut mongod = Mongod::start().await;
    mongod.kill();
    let runtime = Runtime::start(&options(&mongod.uri(), json!({"usageAppId": "app_1"})));
    runtime.until_health(StatusCode::SERVICE_UNAVAILABLE).await;
    let response = runtime.health().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(response.headers()["x-slipway-app"], "app_1");
    let instance = response.headers()["x-slipway-instance"].clone();
    assert_eq!(
        response.json::<Value>().await.unwrap(),
        json!({"status": "starting"})
    );
    let response = runtime.get("/classes/Note").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.json::<Value>().await.unwrap()["code"], 1);

    mongod.restart().await;
    runtime.until_health(StatusCode::OK).await;
    assert_eq!(
        runtime.health().await.unwrap().headers()["x-slipway-instance"],
        instance
    );
}

#[tokio::test]
async fn sigterm_before_it_is_ready_ends_it_with_0() {
    let mut runtime = Runtime::start(&options("mongodb://127.0.0.1:1/notes", json!({})));
    runtime.until_health(StatusCode::SERVICE_UNAVAILABLE).await;
    runtime.signal(Signal::SIGTERM);
    assert_eq!(runtime.ended().await.code(), Some(0));
}

#[tokio::test]
async fn sigint_ends_it_with_0_although_clients_keep_connections_open() {
    let database = mongo().await;
    let mut runtime = Runtime::ready(&options(database.uri(), json!({"drainTimeout": 3_600}))).await;
    let mut idle = TcpStream::connect(("127.0.0.1", runtime.port)).await.unwrap();
    idle.write_all(b"GET /parse/health HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    assert!(idle.read(&mut [0; 1_024]).await.unwrap() > 0);
    runtime.signal(Signal::SIGINT);
    assert_eq!(runtime.ended().await.code(), Some(0));
}

#[tokio::test]
async fn requests_that_run_are_finished_and_nothing_new_is_accepted() {
    let database = mongo().await;
    let mut runtime = Runtime::ready(&options(database.uri(), json!({"drainTimeout": 3_600}))).await;
    let body = br#"{"title":"slowly"}"#;
    let mut slow = TcpStream::connect(("127.0.0.1", runtime.port)).await.unwrap();
    let head = format!(
        "POST /parse/classes/Note HTTP/1.1\r\nHost: x\r\nX-Parse-Application-Id: notes\r\n\
         X-Parse-REST-API-Key: rest\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body once the request runs.
    let mut interim = [0; 25];
    slow.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    runtime.signal(Signal::SIGTERM);
    wait_until(DEADLINE, "the drain begins", async || {
        runtime.log().contains("stopping")
    })
    .await;
    assert!(runtime.log().contains("running=1"), "{}", runtime.log());
    wait_until(DEADLINE, "new connections are not served", async || {
        fresh_client().get(runtime.url("/health")).send().await.is_err()
    })
    .await;

    slow.write_all(body).await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(runtime.ended().await.code(), Some(0));
}

#[tokio::test]
async fn weak_settings_are_logged_at_the_start_if_the_settings_ask_for_it() {
    let database = mongo().await;
    for (security, logged) in [
        (json!({"enableCheck": true, "enableCheckLog": true}), true),
        (json!({"enableCheck": true}), false),
        (json!({"enableCheckLog": true}), false),
    ] {
        let runtime = Runtime::ready(&options(database.uri(), json!({ "security": security }))).await;
        let log = || runtime.log();
        if logged {
            wait_until(DEADLINE, "the check is logged", async || {
                log().contains("security check done")
            })
            .await;
            assert!(
                log().contains("security check failed: Secure master key"),
                "{}",
                log()
            );
        } else {
            wait_until(DEADLINE, "it is ready", async || log().contains("ready on")).await;
            assert!(!log().contains("security check"), "{security}: {}", log());
        }
    }
}

#[tokio::test]
async fn metrics_are_served_on_their_own_port_only() {
    let database = mongo().await;
    let port = test_kit::free_port();
    let runtime = Runtime::ready(&options(database.uri(), json!({"metricsPort": port}))).await;
    runtime.get("/classes/Note").send().await.unwrap();
    let metrics = metrics(port).await;
    assert!(metrics.contains("\nslipway_requests_total 1\n"), "{metrics}");
    assert_eq!(
        runtime.get("/metrics").send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn cve_2026_39321_an_unknown_name_is_as_much_work_as_a_wrong_password() {
    let database = mongo().await;
    let port = test_kit::free_port();
    let runtime = Runtime::ready(&options(database.uri(), json!({"metricsPort": port}))).await;
    for user in [
        json!({"username": "anna", "password": "secret"}),
        json!({"username": "device", "authData": {"anonymous": {"id": "device-1"}}}),
    ] {
        let made = runtime.post("/users").json(&user).send().await.unwrap();
        assert_eq!(made.status(), StatusCode::CREATED);
    }
    for (done, name) in (0..).zip(["anna", "nobody", "device"]) {
        let counted = format!("\nslipway_password_checks_total {done}\n");
        assert!(metrics(port).await.contains(&counted), "before {name}");
        let attempt = json!({"username": name, "password": "x"});
        let refused = runtime.post("/login").json(&attempt).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    }
    assert!(
        metrics(port)
            .await
            .contains("\nslipway_password_checks_total 3\n")
    );
}

async fn metrics(port: u16) -> String {
    let answer = reqwest::get(format!("http://127.0.0.1:{port}/metrics"));
    answer.await.unwrap().text().await.unwrap()
}

/// One without connections to reuse.
fn fresh_client() -> reqwest::Client {
    reqwest::Client::builder().timeout(DEADLINE).build().unwrap()
}
