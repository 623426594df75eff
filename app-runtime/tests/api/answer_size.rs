//! What one answer may hold: 64 MB, however it is asked for.

use bson::doc;
use serde_json::{Value, json};

use crate::support::{App, As, encode, rows, stock};

/// Ten rows of `Big` that no answer holds together, and one of `Small` that points at each of them.
async fn big() -> App {
    let app = stock().await;
    let text = "x".repeat(8 << 20);
    let big = app.create(&As::Nobody, "Big", json!({"text": "first"})).await;
    let pointer = |id: &str| json!({"__type": "Pointer", "className": "Big", "objectId": id});
    let mut pointers = vec![pointer(&big)];
    for number in 1..10 {
        let id = format!("big{number}");
        rows(&app, "Big")
            .await
            .insert_one(doc! { "_id": &id, "text": &text })
            .await
            .unwrap();
        pointers.push(pointer(&id));
    }
    app.create(&As::Nobody, "Small", json!({"of": pointers})).await;
    app
}

const TOO_LARGE: &str =
    "The answer would be larger than 64 MB. Ask with a smaller limit, for fewer keys, or include less.";

#[tokio::test]
async fn answer_that_would_be_too_large_is_refused_however_it_is_asked_for() {
    let app = big().await;
    for path in [
        "/classes/Big".to_owned(),
        "/classes/Small?include=of".to_owned(),
        format!(
            "/classes/Big?where={}",
            encode(&json!({"text": {"$exists": true}}).to_string())
        ),
    ] {
        let answer = app.get(&As::Nobody, &path).await;
        assert_eq!(answer.refusal(), (400, 102), "{path}");
        assert_eq!(answer.body["error"], TOO_LARGE, "{path}");
    }
}

#[tokio::test]
async fn transaction_holds_no_more_than_an_answer_either() {
    let app = big().await;
    let requests = json!([
        {"method": "POST", "path": "/parse/classes/Small", "body": {"kept": true}},
        {"method": "GET", "path": "/parse/classes/Big", "body": {}},
    ]);
    let answer = app
        .post(
            &As::Nobody,
            "/batch",
            json!({"transaction": true, "requests": requests}),
        )
        .await;
    assert_eq!(answer.body["error"], TOO_LARGE);
    let kept = app.find(&As::Nobody, "Small", json!({"kept": true})).await;
    assert_eq!(kept, Vec::<Value>::new(), "the rest of it was taken back");
}

#[tokio::test]
async fn levels_of_an_include_are_held_together_and_bounded_together() {
    let app = stock().await;
    let first = app.create(&As::Nobody, "Link", json!({"text": "", "n": 0})).await;
    let pointer = json!({"__type": "Pointer", "className": "Link", "objectId": first});
    app.put(
        &As::Nobody,
        &format!("/classes/Link/{first}"),
        json!({"next": pointer}),
    )
    .await
    .ok();
    let text = "x".repeat(256 << 10);
    let documents = (1..100).map(|number| {
        let next = format!("Link$link{}", number % 99 + 1);
        doc! { "_id": format!("link{number}"), "text": &text, "n": number, "_p_next": next }
    });
    rows(&app, "Link").await.insert_many(documents).await.unwrap();
    let get = async |levels: usize| {
        let path = |level| ["next"].repeat(level).join(".");
        let hidden = (1..=levels).map(|level| format!("{}.text", path(level)));
        let hidden: Vec<String> = hidden.chain(["text".to_owned()]).collect();
        let query = format!("include={}&excludeKeys={}", path(levels), hidden.join(","));
        app.get(&As::Nobody, &format!("/classes/Link?limit=1000&{query}"))
            .await
    };
    assert_eq!(get(1).await.ok()["results"].as_array().unwrap().len(), 100);
    let refused = get(3).await;
    assert_eq!((refused.status, &refused.body["error"]), (400, &json!(TOO_LARGE)));
}

#[tokio::test]
async fn what_fits_is_answered() {
    let app = big().await;
    let some = app
        .get(&As::Nobody, "/classes/Big?limit=7&order=-text")
        .await
        .ok();
    assert_eq!(some["results"].as_array().unwrap().len(), 7);
    let keys = app.get(&As::Nobody, "/classes/Big?keys=createdAt").await.ok();
    assert_eq!(keys["results"].as_array().unwrap().len(), 10);
}
