//! What an app keeps in memory: requests it has seen, limits it counts, users and classes it knows.

use std::time::Instant;

use reqwest::Method;
use serde_json::json;

use super::{two, with_keys, with_master};
use crate::support::answer;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_one_app_remembers_counts_in_the_other() {
    let (ours, theirs) = two().await;
    for tenant in [(&ours, "ours"), (&theirs, "theirs")] {
        let once = || {
            with_keys(tenant.0.app.raw(Method::POST, "/classes/Task"), tenant.1)
                .header("X-Parse-Request-Id", "the-same")
                .json(&json!({"title": "once"}))
        };
        assert_eq!(
            answer(once()).await.status,
            201,
            "a request id of the other app is new"
        );
        assert_eq!(answer(once()).await.refusal(), (400, 159));
        for expected in [200, 200, 429] {
            let limited = with_keys(tenant.0.app.raw(Method::GET, "/classes/Limited"), tenant.1);
            assert_eq!(
                answer(limited).await.status,
                expected,
                "each app counts for itself"
            );
        }
        let me = with_keys(tenant.0.app.raw(Method::GET, "/users/me"), tenant.1);
        let me = answer(me.header("X-Parse-Session-Token", &tenant.0.token))
            .await
            .ok();
        assert_eq!(me["secret"], tenant.1);
    }
    let gone =
        with_keys(ours.app.raw(Method::POST, "/logout"), "ours").header("X-Parse-Session-Token", &ours.token);
    answer(gone.json(&json!({}))).await.ok();
    let me = with_keys(theirs.app.raw(Method::GET, "/users/me"), "theirs");
    answer(me.header("X-Parse-Session-Token", &theirs.token))
        .await
        .ok();
    let schema = json!({"className": "Only"});
    let made = with_master(ours.app.raw(Method::POST, "/schemas/Only"), "ours");
    answer(made.json(&schema)).await.ok();
    let seen = with_master(theirs.app.raw(Method::GET, "/schemas/Only"), "theirs");
    assert_eq!(answer(seen).await.refusal(), (400, 103));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_token_takes_no_longer_than_one_that_never_was() {
    let (ours, theirs) = two().await;
    let fastest = async |token: &str| {
        let mut times = Vec::new();
        for _ in 0..20 {
            let request = with_keys(theirs.app.raw(Method::GET, "/users/me"), "theirs");
            let begun = Instant::now();
            let refused = answer(request.header("X-Parse-Session-Token", token)).await;
            times.push(begun.elapsed());
            assert_eq!(
                (refused.refusal(), &refused.body["error"]),
                ((400, 209), &json!("Invalid session token"))
            );
        }
        times.into_iter().min().unwrap()
    };
    let (foreign, invented) = (
        fastest(&ours.token).await,
        fastest("r:00000000000000000000000000000000").await,
    );
    assert!(
        foreign < invented * 5 && invented < foreign * 5,
        "{foreign:?} {invented:?}"
    );
}
