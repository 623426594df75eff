//! Requests that want memory without bound: each is refused, and the process stays small.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;
use test_kit::mongo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::runtime::{DEADLINE, Runtime, options};

const MEGABYTE: usize = 1_000_000;

/// What one request may add to the process: its body of 20 MB, in the pieces it comes in and as a whole, and what is made
/// of the 250,000 values it may hold, in a build without optimisation.
const ALLOWANCE: u64 = 160 * MEGABYTE as u64;

#[tokio::test]
async fn a_body_takes_little_more_memory_than_it_is_long() {
    let database = mongo().await;
    let runtime = Runtime::ready(&options(database.uri(), json!({}))).await;
    runtime.post("/classes/Note").body("{}").send().await.unwrap();
    let before = runtime.peak_memory();
    let whole = 20 * MEGABYTE - 100;
    for (what, body) in [
        ("numbers", format!(r#"{{"a":[{}0]}}"#, "0,".repeat(whole / 2))),
        ("lists", format!(r#"{{"a":[{}0]}}"#, "[],".repeat(whole / 3))),
        ("objects", format!(r#"{{"a":[{}0]}}"#, "{},".repeat(whole / 3))),
        (
            "members",
            format!(r#"{{"a":[{}0]}}"#, r#"{"":0},"#.repeat(whole / 7)),
        ),
        ("depth", "[".repeat(whole)),
        ("an endless text", format!(r#"{{"a":"{}"#, "x".repeat(whole))),
        (
            "a text of escapes",
            format!(r#"{{"a":"{}"}}"#, "\\u0041".repeat(whole / 6)),
        ),
        (
            "a where-clause",
            format!(
                r#"{{"_method":"GET","where":{{"a":{{"$in":[{}0]}}}}}}"#,
                "0,".repeat(whole / 3)
            ),
        ),
        (
            "as many values as may be",
            format!(r#"{{"a":[{}0]}}"#, "{},".repeat(120_000)),
        ),
    ] {
        let begun = Instant::now();
        let answer = runtime.post("/classes/Note").body(body).send().await.unwrap();
        assert!(answer.status().as_u16() < 500, "{what}: {}", answer.status());
        assert!(begun.elapsed() < DEADLINE, "{what} took {:?}", begun.elapsed());
        let grown = runtime.peak_memory().saturating_sub(before);
        assert!(grown < ALLOWANCE, "{what}: {} MB", grown / MEGABYTE as u64);
        assert_eq!(runtime.health().await.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_gigabyte_in_pieces_or_packed_is_not_taken_in() {
    let database = mongo().await;
    let runtime = Runtime::ready(&options(database.uri(), json!({}))).await;
    runtime.post("/classes/Note").body("{}").send().await.unwrap();
    let before = runtime.peak_memory();

    let mut stream = TcpStream::connect(("127.0.0.1", runtime.port)).await.unwrap();
    let head = "POST /parse/classes/Note HTTP/1.1\r\nHost: x\r\nX-Parse-Application-Id: notes\r\n\
                X-Parse-REST-API-Key: rest\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let piece = [b"F4240\r\n".as_slice(), &vec![b' '; MEGABYTE], b"\r\n"].concat();
    let (mut reading, mut writing) = stream.into_split();
    let sending = async {
        for _ in 0..1_000 {
            if writing.write_all(&piece).await.is_err() {
                break;
            }
        }
    };
    let answering = async {
        let mut answer = vec![0; 4096];
        let length = reading.read(&mut answer).await.unwrap_or_default();
        String::from_utf8_lossy(&answer[..length]).into_owned()
    };
    let both = async {
        tokio::select! { answer = answering => answer, () = sending => String::new() }
    };
    let answer = timeout(DEADLINE, both).await.expect("it never ends");
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 413 "),
        "{answer}"
    );

    let packed = gzip(200 * MEGABYTE);
    let request = runtime
        .post("/classes/Note")
        .header("Content-Encoding", "gzip")
        .body(packed);
    let refused = timeout(Duration::from_secs(60), request.send())
        .await
        .unwrap()
        .unwrap();
    assert!(refused.status().is_client_error(), "{}", refused.status());

    let grown = runtime.peak_memory().saturating_sub(before);
    assert!(grown < ALLOWANCE, "{} MB", grown / MEGABYTE as u64);
    assert_eq!(runtime.health().await.unwrap().status(), StatusCode::OK);
}

/// So many blanks, packed.
fn gzip(blanks: usize) -> Vec<u8> {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..blanks / MEGABYTE {
        packer.write_all(&vec![b' '; MEGABYTE]).unwrap();
    }
    packer.finish().unwrap()
}
