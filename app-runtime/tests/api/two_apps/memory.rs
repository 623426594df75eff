//! What an app keeps in memory: requests it has seen, limits it counts, users and classes it knows.

use bson::doc;
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

/// Whether a token is another app's cannot be told from the answer, nor from the time it takes: the database is asked
/// the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_token_is_as_much_work_as_one_that_never_was() {
    let (ours, theirs) = two().await;
    let database = theirs.app.mongo.database().await;
    database.run_command(doc! { "profile": 2 }).await.unwrap();
    let work_for = async |token: &str| {
        let asked_before = asked(&database).await.len();
        let request = with_keys(theirs.app.raw(Method::GET, "/users/me"), "theirs");
        let refused = answer(request.header("X-Parse-Session-Token", token)).await;
        assert_eq!(
            (refused.refusal(), &refused.body["error"]),
            ((400, 209), &json!("Invalid session token"))
        );
        asked(&database).await.split_off(asked_before)
    };
    let (foreign, invented) = (
        work_for(&ours.token).await,
        work_for("r:00000000000000000000000000000000").await,
    );
    assert!(!invented.is_empty(), "the profile shows what is asked");
    assert_eq!(foreign, invented);
}

/// What the database was asked about sessions and users, in order: operation and collection.
async fn asked(database: &mongodb::Database) -> Vec<(String, String)> {
    let profile = database.collection::<bson::Document>("system.profile");
    let about = doc! { "ns": { "$regex": "\\._(Session|User)$" } };
    let found = profile.find(about).await.unwrap();
    let found: Vec<bson::Document> = futures_util::TryStreamExt::try_collect(found).await.unwrap();
    let text = |entry: &bson::Document, field| entry.get_str(field).unwrap().to_owned();
    found
        .iter()
        .map(|entry| (text(entry, "op"), text(entry, "ns")))
        .collect()
}
