//! Against a control plane that is a plain TCP listener: it answers what the test says, and shows what it was told.

#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::sync::Mutex;

use futures_util::FutureExt;
use ids::SystemClock;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::*;

const DEADLINE: Duration = Duration::from_secs(10);

/// Answers each report with the next status, then with 204; an answer of 0 closes the connection without one.
struct ControlPlane {
    url: String,
    reports: mpsc::UnboundedReceiver<(String, Value)>,
}

impl ControlPlane {
    async fn start(answers: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/internal/v1/usage", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(VecDeque::from(answers.to_vec())));
        let (told, reports) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers.clone(), told.clone()));
            }
        });
        Self { url, reports }
    }

    async fn next(&mut self) -> Value {
        timeout(DEADLINE, self.reports.recv()).await.unwrap().unwrap().1
    }
}

async fn serve(
    mut stream: TcpStream,
    answers: Arc<Mutex<VecDeque<u16>>>,
    told: mpsc::UnboundedSender<(String, Value)>,
) {
    let mut received = Vec::new();
    while stream.read_buf(&mut received).await.is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&received).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let Ok(report) = serde_json::from_str(body) else {
            continue;
        };
        received.clear();
        let answer = answers.lock().unwrap().pop_front().unwrap_or(204);
        let _ = told.send((head.to_owned(), report));
        if answer == 0 {
            return;
        }
        let _ = stream
            .write_all(format!("HTTP/1.1 {answer} X\r\ncontent-length: 0\r\n\r\n").as_bytes())
            .await;
    }
}

fn start(url: &str, interval: Duration) -> (Arc<Meter>, ReporterHandle) {
    telemetry::install_crypto_provider();
    let destination = Destination {
        url: url.to_owned(),
        token: SecretString::from("usage_1"),
        interval,
        app: "app_1".to_owned(),
        instance: "i-1".to_owned(),
        tier: "dev".to_owned(),
    };
    let gauges: ReadGauges = Arc::new(|| {
        async {
            Gauges {
                file_bytes: Some(0),
                database_bytes: Some(4096),
            }
        }
        .boxed()
    });
    let meter = Arc::new(Meter::new());
    let handle = spawn(destination, meter.clone(), gauges, Arc::new(SystemClock)).unwrap();
    (meter, handle)
}

const LONG: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn report_carries_the_token_and_every_value() {
    let mut control_plane = ControlPlane::start(&[]).await;
    let (_meter, handle) = start(&control_plane.url, LONG);
    let (head, report) = timeout(DEADLINE, control_plane.reports.recv())
        .await
        .unwrap()
        .unwrap();
    assert!(
        head.to_lowercase().contains("authorization: bearer usage_1"),
        "{head}"
    );
    assert_eq!(report["app"], "app_1");
    assert_eq!(report["instance"], "i-1");
    assert_eq!(report["sequence"], 1);
    assert_eq!(report["counters"]["requests"], 0);
    assert_eq!(
        report["gauges"],
        serde_json::json!({"file_bytes": 0, "database_bytes": 4096})
    );
    assert_eq!(report["engine"], serde_json::json!({"tier": "dev", "seconds": 0}));
    for time in ["started_at", "at"] {
        assert!(chrono::DateTime::parse_from_rfc3339(report[time].as_str().unwrap()).is_ok());
    }
    handle.finish().await;
}

#[tokio::test]
async fn first_request_is_reported_without_waiting_for_the_interval() {
    let mut control_plane = ControlPlane::start(&[]).await;
    let (meter, handle) = start(&control_plane.url, LONG);
    control_plane.next().await;
    meter.request(3, 5);
    let report = control_plane.next().await;
    assert_eq!(report["counters"]["requests"], 1);
    assert_eq!(
        (&report["counters"]["bytes_in"], &report["counters"]["bytes_out"]),
        (&3.into(), &5.into())
    );
    handle.finish().await;
}

#[tokio::test]
async fn lost_and_refused_reports_are_followed_by_one_that_says_all_they_said() {
    let mut control_plane = ControlPlane::start(&[0, 500]).await;
    let (meter, handle) = start(&control_plane.url, LONG);
    let lost = control_plane.next().await;
    meter.request(0, 7);
    let refused = control_plane.next().await;
    let arrived = control_plane.next().await;
    assert!(lost["sequence"].as_u64() < refused["sequence"].as_u64());
    assert!(refused["sequence"].as_u64() < arrived["sequence"].as_u64());
    assert_eq!(arrived["counters"]["bytes_out"], 7);
    handle.finish().await;
}

#[tokio::test]
async fn reports_repeat_every_interval_with_cumulative_values() {
    let mut control_plane = ControlPlane::start(&[]).await;
    let (meter, handle) = start(&control_plane.url, Duration::from_millis(20));
    meter.request(0, 1);
    control_plane.next().await;
    meter.request(0, 1);
    let mut report = control_plane.next().await;
    while report["counters"]["requests"] != 2 {
        report = control_plane.next().await;
    }
    assert_eq!(control_plane.next().await["counters"]["requests"], 2);
    handle.finish().await;
}

#[tokio::test]
async fn last_report_is_sent_when_the_process_drains() {
    let mut control_plane = ControlPlane::start(&[]).await;
    let (meter, handle) = start(&control_plane.url, LONG);
    control_plane.next().await;
    meter.job_run();
    handle.finish().await;
    let last = control_plane.next().await;
    assert_eq!(last["counters"]["job_runs"], 1);
    assert_eq!(last["sequence"], 2);
}

#[tokio::test]
async fn control_plane_that_is_away_does_not_hold_up_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (_meter, handle) = start(&url, LONG);
    timeout(LAST_TIMEOUT + Duration::from_secs(2), handle.finish())
        .await
        .unwrap();
}

#[test]
fn pauses_grow_up_to_a_minute() {
    let pauses: Vec<_> = [1, 2, 3, 8, 40, u32::MAX]
        .map(backoff)
        .iter()
        .map(Duration::as_millis)
        .collect();
    assert_eq!(pauses, [500, 1_000, 2_000, 60_000, 60_000, 60_000]);
}
