//! What is held of the database's answers has an end: in bytes and in time, whoever asks.

use bson::doc;
use serde_json::{Value, json};

use crate::support::{Answer, App, As, app_with_slow_rows, encode, rows, stock};

async fn transaction(app: &App, requests: Value) -> Answer {
    app.post(
        &As::Nobody,
        "/batch",
        json!({"transaction": true, "requests": requests}),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_of_a_transaction_hold_no_more_than_an_answer_together() {
    let app = stock().await;
    app.create(&As::Nobody, "Big", json!({"text": "first"})).await;
    let text = "x".repeat(8 << 20);
    for number in 0..5 {
        let row = doc! { "_id": format!("big{number}"), "text": &text };
        rows(&app, "Big").await.insert_one(row).await.unwrap();
    }
    let read = json!({"method": "GET", "path": "/parse/classes/Big", "body": {}});
    let write = json!({"method": "POST", "path": "/parse/classes/Small", "body": {"kept": true}});
    transaction(&app, json!([read, write])).await.ok();
    let refused = transaction(&app, json!([write, read, write, read])).await;
    assert_eq!(refused.refusal(), (400, 102));
    assert_eq!(
        refused.body["error"],
        "The answer of the batch would be larger than 64 MB."
    );
    let kept = app.find(&As::Nobody, "Small", json!({})).await;
    assert_eq!(kept.len(), 1, "the rest of it was taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_a_relation_and_results_of_a_pipeline_have_an_end() {
    let app = stock().await;
    let fields = json!({"fields": {"members": {"type": "Relation", "targetClass": "Person"}}});
    app.post(&As::Master, "/schemas/Team", fields).await.ok();
    let team = app.create(&As::Nobody, "Team", json!({})).await;
    app.create(&As::Nobody, "Person", json!({})).await;
    let object = json!({"__type": "Pointer", "className": "Team", "objectId": team});
    let members = json!({"$relatedTo": {"object": object, "key": "members"}});
    let path = format!("/classes/Person?where={}", encode(&members.to_string()));
    let id = "x".repeat(8 << 20);
    for number in 0..9 {
        let member = doc! { "_id": number, "owningId": &team, "relatedId": format!("{number}{id}") };
        rows(&app, "_Join:members:Team")
            .await
            .insert_one(member)
            .await
            .unwrap();
        let person = doc! { "_id": format!("p{number}"), "text": &id };
        rows(&app, "Person").await.insert_one(person).await.unwrap();
    }
    assert_eq!(app.get(&As::Nobody, &path).await.refusal(), (400, 102));
    let stages = |size: u32| {
        let stages = json!([{"$match": {"text": {"$exists": true}}}, {"$limit": size}]);
        format!("/aggregate/Person?pipeline={}", encode(&stages.to_string()))
    };
    assert_eq!(app.get(&As::Master, &stages(9)).await.refusal(), (400, 102));
    let fits = app.get(&As::Master, &stages(2)).await.ok();
    assert_eq!(fits["results"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelines_and_distinct_values_end_in_time() {
    let (app, pattern) = app_with_slow_rows().await;
    let stages = encode(&json!([{"$match": pattern}]).to_string());
    let clause = encode(&pattern.to_string());
    for query in [
        format!("pipeline={stages}"),
        format!("distinct=text&where={clause}"),
    ] {
        let refused = app.get(&As::Master, &format!("/aggregate/A?{query}")).await;
        assert_eq!(refused.refusal(), (400, 124), "{query}: {refused:?}");
    }
    // A plan tells how far it came.
    let explained = format!("/aggregate/A?pipeline={stages}&explain=executionStats");
    let explained = app.get(&As::Master, &explained).await.ok();
    let stats = &explained["results"][0]["executionStats"];
    assert_eq!(stats["errorMessage"], "operation exceeded time limit");
}
