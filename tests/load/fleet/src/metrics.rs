//! What the operator tells of itself, and the kernel of it.

use std::process::Child;
use std::time::Duration;

pub async fn wait_for_leader(metrics: u16) {
    test_kit::wait_until(Duration::from_secs(60), "the operator leads", async || {
        scrape(metrics).await.contains("slipway_operator_leader 1")
    })
    .await;
}

/// Requests that are neither watches nor renewals of the lease.
pub async fn requests(metrics: u16) -> u64 {
    sum(&scrape(metrics).await, |line| {
        !line.contains(r#"verb="watch""#) && !line.contains(r#"verb="lease""#)
    })
}

pub async fn all_requests(metrics: u16) -> u64 {
    sum(&scrape(metrics).await, |_| true)
}

fn sum(text: &str, counts: impl Fn(&str) -> bool) -> u64 {
    text.lines()
        .filter(|line| line.starts_with("slipway_operator_kubernetes_requests_total") && counts(line))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
        .sum()
}

/// The text of `/metrics`; empty while nobody answers.
async fn scrape(port: u16) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let read = async {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
        stream
            .write_all(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
            .await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        std::io::Result::Ok(text)
    };
    read.await.unwrap_or_default()
}

/// Resident memory in MiB.
pub fn memory(process: &Child) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024.0
}
