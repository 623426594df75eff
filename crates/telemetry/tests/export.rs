//! A collector that speaks just enough HTTP receives the spans of a process with an endpoint.
#![allow(clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use telemetry::{Format, TelemetryConfig, fields};

struct Export {
    request_line: String,
    body: Vec<u8>,
}

impl Export {
    /// Protobuf keeps strings as they are, so a name in the body is a name that was sent.
    fn contains(&self, text: &str) -> bool {
        self.body
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    }
}

fn collector() -> (String, Receiver<Export>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            if sender.send(receive(stream)).is_err() {
                break;
            }
        }
    });
    (endpoint, receiver)
}

fn receive(stream: TcpStream) -> Export {
    let mut reader = BufReader::new(stream);
    let (mut request_line, mut length) = (String::new(), 0);
    reader.read_line(&mut request_line).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    reader
        .get_mut()
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        .unwrap();
    Export { request_line, body }
}

#[test]
fn dropping_the_guard_delivers_the_spans_to_the_collector() {
    let (endpoint, exports) = collector();
    let config = TelemetryConfig {
        otlp_endpoint: Some(endpoint),
        format: Format::Json,
        filter: "info,quiet=off".to_owned(),
    };
    let guard = telemetry::init("slipway-test", &config).unwrap();
    tracing::info_span!("create object", { fields::APP_ID } = "app_1").in_scope(|| {
        tracing::info!({ fields::REGION } = "eu", "object stored");
    });
    tracing::info_span!(target: "quiet", "not wanted").in_scope(|| {});
    tracing::info_span!(target: "hyper::client", "of the exporter").in_scope(|| {});
    drop(guard);

    let export = exports.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!(export.request_line.trim_end(), "POST /v1/traces HTTP/1.1");
    for text in [
        "slipway-test",
        "create object",
        "app.id",
        "app_1",
        "object stored",
        "region",
        "eu",
    ] {
        assert!(export.contains(text), "{text} is missing");
    }
    assert!(!export.contains("not wanted"));
    assert!(!export.contains("of the exporter"));

    let second = telemetry::init("slipway-test", &TelemetryConfig::default())
        .err()
        .unwrap();
    assert!(second.to_string().contains("already set up"), "{second}");
}
