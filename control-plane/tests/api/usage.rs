//! Usage reports and the month to date.

use chrono::{TimeDelta, TimeZone, Utc};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::{Answer, Person, Server};

/// An app whose runtime reports.
struct Reporting {
    server: Server,
    owner: Person,
    app: String,
    runtime: Person,
}

impl Reporting {
    async fn start() -> Self {
        let server = Server::start().await;
        let owner = server.person("ada").await;
        let app = owner.create_app("Shop").await;
        server.until_status(&owner, &app, "ready").await;
        let token = server.driver.last(&app).unwrap().usage_token;
        let runtime = server.nobody().with_token(token.expose_secret());
        Self {
            server,
            owner,
            app,
            runtime,
        }
    }

    fn report(&self, instance: &str, sequence: u64, requests: u64) -> Value {
        json!({
            "app": self.app,
            "instance": instance,
            "started_at": "2027-03-10T11:00:00Z",
            "sequence": sequence,
            "at": "2027-03-10T11:59:59.123Z",
            "counters": { "requests": requests, "bytes_in": 10, "bytes_out": requests * 100, "job_runs": 1 },
            "gauges": { "file_bytes": 5_000 },
            "engine": { "tier": "dev", "seconds": 60 * sequence },
            "something_new": true,
        })
    }

    async fn send(&self, report: Value) -> Answer {
        self.runtime.post("/internal/v1/usage", report).await
    }

    async fn usage(&self) -> Value {
        self.owner
            .get(&format!("/api/v1/apps/{}/usage", self.app))
            .await
            .json
    }

    async fn quantity(&self, meter: &str) -> u64 {
        self.usage().await["meters"][meter]["quantity"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn only_the_apps_own_token_may_report() {
    let reporting = Reporting::start().await;
    let report = reporting.report("a", 1, 5);
    let nobody = reporting.server.nobody();
    let refused = (401, "invalid_usage_token");
    assert_eq!(
        nobody.post("/internal/v1/usage", report.clone()).await.error(),
        refused
    );
    let (_, api_token) = reporting.owner.create_token("script").await;
    for token in [
        "usage_x",
        &api_token,
        &format!("usage_{}_{}", &reporting.app[4..], "A".repeat(40)),
    ] {
        let answer = nobody
            .with_token(token)
            .post("/internal/v1/usage", report.clone())
            .await;
        assert_eq!(answer.error(), refused, "{token}");
    }
    let other = reporting.owner.create_app("Other").await;
    let mut foreign = report;
    foreign["app"] = json!(other);
    assert_eq!(reporting.send(foreign).await.error(), refused);
    assert_eq!(reporting.quantity("requests").await, 0);
}

#[tokio::test]
async fn a_report_is_checked() {
    let reporting = Reporting::start().await;
    for (path, wrong) in [
        ("/instance", json!("")),
        ("/instance", json!("x".repeat(65))),
        ("/instance", json!("a\u{0}b")),
        ("/counters/requests", json!(-1)),
        ("/engine/tier", json!("huge")),
        ("/at", json!("yesterday")),
    ] {
        let mut report = reporting.report("a", 1, 5);
        *report.pointer_mut(path).unwrap() = wrong;
        assert_eq!(
            reporting.send(report).await.error(),
            (422, "invalid_input"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_report_shows_in_the_month_to_date_with_the_quotas() {
    let reporting = Reporting::start().await;
    assert_eq!(reporting.usage().await["first_request_at"], Value::Null);
    assert_eq!(reporting.send(reporting.report("a", 1, 5)).await.status, 204);
    let usage = reporting.usage().await;
    assert_eq!(
        usage["period"],
        json!({ "start": "2027-03-01T00:00:00Z", "end": "2027-04-01T00:00:00Z" })
    );
    assert_eq!(
        usage["meters"]["requests"],
        json!({ "quantity": 5, "unit": "requests", "included": 1_000_000 })
    );
    assert_eq!(usage["meters"]["data_transfer"]["quantity"], 500);
    assert_eq!(usage["meters"]["file_storage"]["quantity"], 5_000);
    assert_eq!(usage["meters"]["database_storage"]["quantity"], 0);
    assert_eq!(usage["meters"]["jobs"]["quantity"], 1);
    assert_eq!(
        usage["meters"]["engine_time"],
        json!({ "quantity": 60, "unit": "seconds", "included": null })
    );
    assert_eq!(usage["first_request_at"], "2027-03-10T11:59:59.123Z");
    let app = reporting
        .owner
        .get(&format!("/api/v1/apps/{}", reporting.app))
        .await;
    assert_eq!(app.json["app"]["first_request_at"], "2027-03-10T11:59:59.123Z");
}

#[tokio::test]
async fn a_report_without_a_request_does_not_turn_the_panel_green() {
    let reporting = Reporting::start().await;
    assert_eq!(reporting.send(reporting.report("a", 1, 0)).await.status, 204);
    assert_eq!(reporting.usage().await["first_request_at"], Value::Null);
}

#[tokio::test]
async fn repeated_and_reordered_reports_are_booked_once() {
    let reporting = Reporting::start().await;
    for (sequence, requests) in [(3, 30), (1, 10), (3, 30), (2, 20), (5, 50), (4, 40)] {
        assert_eq!(
            reporting
                .send(reporting.report("a", sequence, requests))
                .await
                .status,
            204
        );
    }
    assert_eq!(reporting.quantity("requests").await, 50);
    assert_eq!(reporting.quantity("data_transfer").await, 5_000);
    assert_eq!(reporting.quantity("engine_time").await, 300);
    assert_eq!(reporting.quantity("jobs").await, 1);
}

#[tokio::test]
async fn reports_at_the_same_moment_are_booked_once() {
    let reporting = Reporting::start().await;
    let reports = (1..=40).map(|n| reporting.send(reporting.report("a", n % 10 + 1, (n % 10 + 1) * 10)));
    let answers = futures_util::future::join_all(reports).await;
    assert!(answers.iter().all(|answer| answer.status == 204));
    assert_eq!(reporting.quantity("requests").await, 100);
}

#[tokio::test]
async fn a_restarted_process_counts_on_top() {
    let reporting = Reporting::start().await;
    reporting.send(reporting.report("a", 1, 50)).await;
    reporting.send(reporting.report("b", 1, 7)).await;
    assert_eq!(reporting.quantity("requests").await, 57);
}

#[tokio::test]
async fn an_older_size_does_not_replace_a_newer_one() {
    let reporting = Reporting::start().await;
    let mut newer = reporting.report("a", 2, 2);
    newer["at"] = json!("2027-03-10T11:59:59.500Z");
    newer["gauges"] = json!({ "file_bytes": 900, "database_bytes": 70 });
    reporting.send(newer).await;
    reporting.send(reporting.report("a", 1, 1)).await;
    assert_eq!(reporting.quantity("file_storage").await, 900);
    assert_eq!(reporting.quantity("database_storage").await, 70);
}

#[tokio::test]
async fn a_new_month_starts_at_zero_and_a_clock_ahead_of_ours_books_now() {
    let reporting = Reporting::start().await;
    reporting.send(reporting.report("a", 1, 50)).await;
    reporting
        .server
        .clock
        .set(Utc.with_ymd_and_hms(2027, 4, 1, 0, 0, 1).unwrap());
    let login = reporting
        .server
        .nobody()
        .log_in("ada@example.com", crate::support::PASSWORD)
        .await;
    let owner = reporting.owner.signed_in(&login);
    let reporting = Reporting { owner, ..reporting };
    assert_eq!(reporting.quantity("requests").await, 0);
    let mut ahead = reporting.report("a", 2, 60);
    ahead["at"] = json!(Utc.with_ymd_and_hms(2027, 6, 1, 0, 0, 0).unwrap() + TimeDelta::hours(1));
    reporting.send(ahead).await;
    assert_eq!(reporting.quantity("requests").await, 10);
}
