//! Requests that would keep a server busy without end.

use std::time::{Duration, Instant};

use bson::doc;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, App, As, answer, app_with_slow_rows, encode, rows, stock};

/// Longest that a refusal may take, in a build without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// A find by the SDKs' form, whose where-clause is not bound by the length of an address.
async fn find(app: &App, clause: &str) -> Answer {
    let body = format!(r#"{{"_method":"GET","_ApplicationId":"app","where":{clause}}}"#);
    let begun = Instant::now();
    let answer = answer(app.raw(Method::POST, "/classes/A").body(body)).await;
    assert!(begun.elapsed() < PATIENCE, "took {:?}", begun.elapsed());
    assert_eq!(
        app.get(&As::Nobody, "/classes/A").await.status,
        200,
        "and the next request is answered"
    );
    answer
}

fn nested(opening: &str, closing: &str, depth: usize) -> String {
    format!("{}{{}}{}", opening.repeat(depth), closing.repeat(depth))
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_30946_32944_33498_and_57480_deep_or_many_conditions_are_refused_at_once() {
    let app = stock().await;
    app.create(&As::Nobody, "A", json!({"n": 1})).await;
    for operator in ["$or", "$and", "$nor"] {
        for depth in [60, 10_000] {
            let clause = nested(&format!(r#"{{"{operator}":["#), "]}", depth);
            assert_eq!(find(&app, &clause).await.status, 400, "{operator} {depth}");
        }
    }
    let subqueries = nested(r#"{"a":{"$inQuery":{"className":"A","where":"#, "}}}", 60);
    assert_eq!(find(&app, &subqueries).await.status, 400);
    let twice = (0..40).fold(json!({"n": 1}), |inner, _| json!({"$or": [inner]}));
    let wide = json!({"$or": [twice, twice, twice]});
    assert!(matches!(find(&app, &wide.to_string()).await.status, 200 | 400));
    let many: Vec<Value> = (0..100_000).map(|n| json!({ "n": n })).collect();
    let refused = find(&app, &json!({ "$or": many }).to_string()).await;
    assert_eq!(refused.refusal(), (400, 102));
    let fields: serde_json::Map<String, Value> = (0..50_000).map(|n| (format!("f{n}"), json!(1))).collect();
    assert_eq!(
        find(&app, &Value::Object(fields).to_string()).await.refusal(),
        (400, 102)
    );
}

/// Subqueries side by side on each level would multiply.
#[tokio::test(flavor = "multi_thread")]
async fn subqueries_are_as_many_as_a_person_would_write() {
    let app = stock().await;
    app.create(&As::Nobody, "A", json!({"n": 1})).await;
    let query = |inner: Value| json!({"$inQuery": {"className": "A", "where": inner}});
    let mut clause = json!({});
    for _ in 0..10 {
        clause = json!({"$or": [{"a": query(clause.clone())}, {"b": query(clause)}]});
    }
    assert_eq!(find(&app, &clause.to_string()).await.refusal(), (400, 102));
    let few = json!({"$or": [{"a": query(json!({}))}, {"b": query(json!({"c": query(json!({}))}))}]});
    assert_eq!(find(&app, &few.to_string()).await.status, 200);
}

/// A list of pointers to itself doubles the answer with each step that is included.
#[tokio::test(flavor = "multi_thread")]
async fn objects_that_include_themselves_do_not_multiply_without_end() {
    let app = stock().await;
    let id = app.create(&As::Nobody, "A", json!({"n": 1})).await;
    let own = json!({"__type": "Pointer", "className": "A", "objectId": id});
    let path = format!("/classes/A/{id}");
    app.put(&As::Nobody, &path, json!({"both": [own, own], "own": own}))
        .await
        .ok();
    let get = async |include: String| {
        let body = json!({"_method": "GET", "_ApplicationId": "app", "include": include});
        let begun = Instant::now();
        let answer = answer(app.raw(Method::POST, &path).body(body.to_string())).await;
        assert!(begun.elapsed() < PATIENCE, "took {:?}", begun.elapsed());
        answer
    };
    let times = |part: &str, count: usize| vec![part; count].join(".");
    assert_eq!(get(times("both", 4)).await.status, 200);
    assert_eq!(get(times("own", 25)).await.status, 200);
    assert_eq!(get(times("both", 25)).await.refusal(), (400, 102), "2^25 objects");
    assert_eq!(
        get(times("own", 10_000)).await.refusal(),
        (400, 102),
        "as many queries"
    );
    let wide = (0..400).map(|n| format!("own.a{n}"));
    assert_eq!(
        get(wide.collect::<Vec<_>>().join(",")).await.refusal(),
        (400, 102)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_as_long_as_a_person_would_read() {
    let app = stock().await;
    app.create(&As::Nobody, "A", json!({"text": "b"})).await;
    let text = "a".repeat(1_000_000);
    let large = (0..70).map(|n| doc! { "_id": n.to_string(), "text": &text });
    rows(&app, "A").await.insert_many(large).await.unwrap();
    for query in ["", "&include=x", "&order=text"] {
        let refused = app
            .get(&As::Nobody, &format!("/classes/A?limit=1000{query}"))
            .await;
        assert_eq!(refused.refusal(), (400, 102), "{query}");
    }
    assert_eq!(app.get(&As::Nobody, "/classes/A?limit=20").await.status, 200);
    let read = json!({"method": "GET", "path": "/parse/classes/A", "body": {"limit": 20}});
    let write = json!({"method": "POST", "path": "/parse/classes/B", "body": {}});
    let requests = json!({"requests": [read, read, read, read, read, write]});
    let batch = app.post(&As::Nobody, "/batch", requests).await.ok();
    let failed = |answer: &&Value| answer["error"]["code"] == json!(102);
    assert_eq!(batch.as_array().unwrap().iter().filter(failed).count(), 2);
    assert!(
        batch[5]["success"]["objectId"].is_string(),
        "a write says what it did"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_keeps_the_database_busy_ends_by_itself() {
    let (app, pattern) = app_with_slow_rows().await;
    let refused = find(&app, &pattern.to_string()).await;
    assert_eq!(refused.refusal(), (400, 124), "{refused:?}");
    let counted = app
        .get(
            &As::Nobody,
            &format!(
                "/classes/A?count=1&limit=0&where={}",
                encode(&pattern.to_string())
            ),
        )
        .await;
    assert_eq!(counted.refusal(), (400, 124), "{counted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_47138_a_version_header_is_read_in_no_time() {
    let app = stock().await;
    for version in [
        "js".to_owned() + &"1.".repeat(4_000) + "!",
        "a".repeat(8_000),
        "-".repeat(8_000),
        "i1.2.3-".repeat(900),
    ] {
        let request = app
            .raw(Method::GET, "/classes/_User")
            .header("X-Parse-Application-Id", "app")
            .header("X-Parse-Client-Version", version);
        let begun = Instant::now();
        assert!(matches!(answer(request).await.status, 200 | 403));
        assert!(begun.elapsed() < PATIENCE, "took {:?}", begun.elapsed());
    }
}
