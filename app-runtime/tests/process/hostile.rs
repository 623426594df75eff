//! Clients that send too much, too little, or come all at once.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use test_kit::mongo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::runtime::{DEADLINE, Runtime, options};

const HUNDRED_MEGABYTES: usize = 100_000_000;

#[tokio::test]
async fn hundred_megabytes_are_refused_with_413_and_not_kept() {
    let database = mongo().await;
    let runtime = Runtime::ready(&options(database.uri(), json!({}))).await;
    let declared = runtime.post("/classes/Note").body(vec![b' '; HUNDRED_MEGABYTES]);
    let chunks = (0..1_000).map(|_| Ok::<_, std::io::Error>(vec![b' '; HUNDRED_MEGABYTES / 1_000]));
    let chunked = runtime
        .post("/classes/Note")
        .body(reqwest::Body::wrap_stream(futures_util::stream::iter(chunks)));
    for request in [declared, chunked] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(
            response.json::<Value>().await.unwrap(),
            json!({"error": "request entity too large"})
        );
    }
    assert_eq!(count(&runtime).await, 0);
}

#[tokio::test]
async fn body_that_is_cut_off_stores_nothing_and_harms_nobody() {
    let database = mongo().await;
    let runtime = Runtime::ready(&options(database.uri(), json!({}))).await;
    for body in [r#"{"title":"#, r#"{"title":"whole"}"#] {
        let mut stream = TcpStream::connect(("127.0.0.1", runtime.port)).await.unwrap();
        let head = "POST /parse/classes/Note HTTP/1.1\r\nHost: x\r\nX-Parse-Application-Id: notes\r\n\
                    X-Parse-REST-API-Key: rest\r\nContent-Length: 100\r\n\r\n";
        stream
            .write_all(format!("{head}{body}").as_bytes())
            .await
            .unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    assert_eq!(count(&runtime).await, 0);
}

#[tokio::test]
async fn connection_that_says_nothing_is_closed_and_blocks_nobody() {
    let database = mongo().await;
    let runtime = Runtime::ready(&options(database.uri(), json!({}))).await;
    let mut silent = TcpStream::connect(("127.0.0.1", runtime.port)).await.unwrap();
    silent.write_all(b"GET /parse/he").await.unwrap();
    assert_eq!(count(&runtime).await, 0);
    let mut answer = String::new();
    timeout(DEADLINE, silent.read_to_string(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_connections_at_once_are_all_served() {
    app_runtime::startup::raise_open_files();
    let database = mongo().await;
    let runtime = Runtime::ready(&options(database.uri(), json!({}))).await;
    let id = create(&runtime).await;

    let connect = || TcpStream::connect(("127.0.0.1", runtime.port));
    let connections: Vec<TcpStream> = timeout(DEADLINE, join_all((0..5_000).map(|_| connect())))
        .await
        .expect("connecting took too long")
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let request = format!(
        "GET /parse/classes/Note/{id} HTTP/1.1\r\nHost: x\r\nX-Parse-Application-Id: notes\r\n\
         X-Parse-REST-API-Key: rest\r\nConnection: close\r\n\r\n"
    );
    let answers = connections.into_iter().map(|mut stream| {
        let request = request.clone();
        async move {
            stream.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            Ok::<_, std::io::Error>(answer)
        }
    });
    let answers = timeout(Duration::from_secs(60), join_all(answers))
        .await
        .expect("answering took too long");
    let good = answers
        .iter()
        .flatten()
        .filter(|answer| answer.starts_with("HTTP/1.1 200 "))
        .count();
    assert_eq!(good, 5_000);
}

async fn create(runtime: &Runtime) -> String {
    let response = runtime
        .post("/classes/Note")
        .json(&json!({"title": "first"}))
        .send()
        .await
        .unwrap();
    response.json::<Value>().await.unwrap()["objectId"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn count(runtime: &Runtime) -> u64 {
    let response = runtime.get("/classes/Note?count=1&limit=0").send().await.unwrap();
    response.json::<Value>().await.unwrap()["count"].as_u64().unwrap()
}
