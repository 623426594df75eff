//! Options about the process itself: what it logs, and whom it tells.

use reqwest::StatusCode;
use serde_json::{Value, json};
use test_kit::{mongo, wait_until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::runtime::{DEADLINE, Runtime, options};

/// The log of a process that has become ready and has answered a request; `settings` has an option without effect, which
/// is a warning.
async fn log(more: Value) -> String {
    let database = mongo().await;
    let mut settings = options(database.uri(), more);
    settings["cloud"] = "./main.js".into();
    let runtime = Runtime::ready(&settings).await;
    assert_eq!(
        runtime.get("/classes/A").send().await.unwrap().status(),
        StatusCode::OK
    );
    runtime.log()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_as_detailed_as_the_settings_say() {
    for (more, levels) in [
        (json!({}), &["INFO", "WARN"][..]),
        (json!({"verbose": true}), &["DEBUG", "INFO", "WARN"]),
        (json!({"silent": true}), &[]),
        (json!({"logLevel": "debug"}), &["DEBUG", "INFO", "WARN"]),
        (json!({"logLevel": "warn"}), &["WARN"]),
        (json!({"logLevel": "error"}), &[]),
    ] {
        let log = log(more.clone()).await;
        for level in ["DEBUG", "INFO", "WARN"] {
            assert_eq!(
                log.contains(level),
                levels.contains(&level),
                "{more} {level}: {log}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_the_log_are_objects_where_the_settings_say_so() {
    for as_json in [true, false] {
        let log = log(json!({"jsonLogs": as_json})).await;
        let is_object = |line: &str| serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object());
        assert!(
            !log.is_empty() && log.lines().all(|line| is_object(line) == as_json),
            "{log}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_that_cannot_be_made_keeps_the_app_from_starting_where_that_is_wanted() {
    for (strict, status) in [(false, StatusCode::OK), (true, StatusCode::SERVICE_UNAVAILABLE)] {
        let database = mongo().await;
        let definitions = json!([{"className": "Task", "fields": {"no name": {"type": "String"}}}]);
        let more = json!({"schema": {"definitions": definitions, "strict": strict}});
        let runtime = Runtime::start(&options(database.uri(), more));
        wait_until(DEADLINE, "the class was tried", async || {
            runtime
                .log()
                .contains("the classes of the settings cannot be applied")
        })
        .await;
        runtime.until_health(status).await;
    }
}

/// Somebody who is told: takes whatever comes by HTTP and says that it was well received.
async fn listener() -> (String, UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (told, heard) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take(stream, told.clone()));
        }
    });
    (url, heard)
}

async fn take(mut stream: TcpStream, told: UnboundedSender<String>) {
    let mut received = Vec::new();
    while stream.read_buf(&mut received).await.is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&received).into_owned();
        let Some((head, _)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .to_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if received.len() < head.len() + 4 + length.unwrap_or(0) {
            continue;
        }
        received.clear();
        let _ = told.send(text);
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await;
    }
}

async fn next(heard: &mut UnboundedReceiver<String>) -> String {
    timeout(DEADLINE, heard.recv()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_reported_where_how_often_and_as_whose_the_settings_say() {
    let (url, mut heard) = listener().await;
    let database = mongo().await;
    let more = json!({"usageReportURL": format!("{url}/usage"), "usageReportToken": "usage_1", "usageReportInterval": 1,
        "usageAppId": "app_1", "engine": "m"});
    let _runtime = Runtime::ready(&options(database.uri(), more)).await;
    let mut moments = Vec::new();
    for _ in 0..3 {
        let report = next(&mut heard).await;
        let (head, body) = report.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("POST /usage ") && head.contains("Bearer usage_1"),
            "{head}"
        );
        let body: Value = body.parse().unwrap();
        assert_eq!(
            (&body["app"], &body["engine"]["tier"]),
            (&json!("app_1"), &json!("m"))
        );
        moments.push(chrono::DateTime::parse_from_rfc3339(body["at"].as_str().unwrap()).unwrap());
    }
    let pause = moments[2] - moments[1];
    assert!(
        pause.num_seconds() < 5,
        "{pause}, and unless it is said ten seconds"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_go_to_the_collector_of_the_settings() {
    let (url, mut heard) = listener().await;
    let database = mongo().await;
    let runtime = Runtime::ready(&options(database.uri(), json!({ "otlpEndpoint": url }))).await;
    let mut first = String::new();
    wait_until(DEADLINE, "the collector is told", async || {
        runtime.get("/classes/A").send().await.unwrap();
        match heard.try_recv() {
            Ok(told) => {
                first = told;
                true
            }
            Err(_) => false,
        }
    })
    .await;
    assert!(
        first.starts_with("POST ") && first.contains("/v1/traces"),
        "{first}"
    );
}
