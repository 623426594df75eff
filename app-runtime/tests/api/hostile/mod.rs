//! Input that wants to be more than data. Each is a clear refusal, or harmless.

mod operators;
mod requests;
mod values;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{As, answer, encode, stock};

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_json_objects() {
    let app = stock().await;
    let send = |body: Vec<u8>| {
        answer(
            app.raw(Method::POST, "/classes/A")
                .header("X-Parse-Application-Id", "app")
                .body(body),
        )
    };
    for body in [
        b"{".to_vec(),
        b"{\"a\":}".to_vec(),
        vec![b'{', b'"', 0xff, b'"', b':', b'1', b'}'],
        b"[1]".to_vec(),
        b"\"x\"".to_vec(),
        b"NaN".to_vec(),
    ] {
        let refused = send(body.clone()).await;
        assert_eq!(refused.status, 400, "{body:?}");
        assert!(refused.body["error"].is_string());
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(send(deep.into_bytes()).await.status, 400);
    assert_eq!(
        send(Vec::new()).await.status,
        201,
        "an empty body is an empty object"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2022_24760_39396_and_2023_36475_prototype_keywords_are_refused_at_any_depth() {
    let app = stock().await;
    for body in [
        json!({"__proto__": {"x": 1}}),
        json!({"a": {"constructor": 1}}),
        json!({"a": [{"b": 1}, {"c": {"__proto__": 1}}]}),
        json!({"a": {"_bsontype": "Code"}}),
    ] {
        let refused = app.post(&As::Nobody, "/classes/A", body.clone()).await;
        assert_eq!(refused.refusal(), (400, 105), "cve_2022_24760 {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2020_5251_internal_columns_cannot_be_queried_or_sorted_by() {
    let app = stock().await;
    let (_, as_anna) = app.user("anna").await;
    for clause in [
        json!({"_hashed_password": {"$regex": "^"}}),
        json!({"_session_token": {"$regex": "^r"}}),
        json!({"$or": [{"_perishable_token": {"$exists": true}}]}),
        json!({"$nor": [{"$and": [{"_rperm": "*"}]}]}),
    ] {
        let path = format!("/users?where={}", encode(&clause.to_string()));
        assert_eq!(app.get(&as_anna, &path).await.refusal(), (400, 105), "{clause}");
    }
    assert_eq!(
        app.get(&as_anna, "/users?order=_hashed_password").await.refusal(),
        (400, 105)
    );
    let shown = app
        .get(&As::Master, "/users?keys=_hashed_password,_session_token")
        .await
        .ok();
    assert!(!shown.to_string().contains("$2y$"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_30966_internal_collections_are_no_classes() {
    let app = stock().await;
    let (_, as_anna) = app.user("anna").await;
    for class in [
        "_Join:users:_Role",
        "_GraphQLConfig",
        "_Audience",
        "_GlobalConfig",
        "_Hooks",
        "_JobStatus",
        "_Idempotency",
        "_SCHEMA",
    ] {
        for who in [&As::Nobody, &as_anna] {
            let read = app.get(who, &format!("/classes/{class}")).await;
            let write = app
                .post(
                    who,
                    &format!("/classes/{class}"),
                    json!({"owningId": "r", "relatedId": "u"}),
                )
                .await;
            assert!(
                read.status >= 400 && write.status >= 400,
                "{class} {read:?} {write:?}"
            );
        }
    }
    assert!(app.get(&As::Master, "/classes/_SCHEMA").await.status >= 400);
    assert!(app.post(&As::Master, "/classes/_SCHEMA", json!({})).await.status >= 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_53726_members_of_an_unreadable_owner_stay_unknown() {
    let app = stock().await;
    let member = app.create(&As::Nobody, "B", json!({})).await;
    let add = json!({"__op": "AddRelation", "objects": [{"__type": "Pointer", "className": "B", "objectId": member}]});
    let owner = app
        .create(&As::Master, "A", json!({"secret": add, "ACL": {}}))
        .await;
    let related = |key: &str| json!({"$relatedTo": {"object": {"__type": "Pointer", "className": "A", "objectId": owner}, "key": key}});
    assert!(app.find(&As::Nobody, "B", related("secret")).await.is_empty());
    assert!(app.find(&As::Nobody, "B", related("other")).await.is_empty());
    assert_eq!(app.find(&As::Master, "B", related("secret")).await.len(), 1);
    let odd = encode(&json!({"$relatedTo": {"object": {"$ne": 1}, "key": "secret"}}).to_string());
    assert_eq!(
        app.get(&As::Nobody, &format!("/classes/B?where={odd}"))
            .await
            .refusal(),
        (400, 102)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn extreme_values_are_stored_or_refused_never_half() {
    let app = stock().await;
    let long = "x".repeat(1_000_000);
    let id = app
        .create(
            &As::Nobody,
            "A",
            json!({"text": long, "n": 1e308, "nul": "a\u{0}b"}),
        )
        .await;
    let stored = app.get(&As::Nobody, &format!("/classes/A/{id}")).await.ok();
    assert_eq!(
        (
            stored["text"].as_str().unwrap().len(),
            &stored["n"],
            &stored["nul"]
        ),
        (1_000_000, &json!(1e308), &json!("a\u{0}b"))
    );
    let too_large = app
        .post(&As::Nobody, "/classes/A", json!({"text": "x".repeat(17_000_000)}))
        .await;
    assert_eq!(
        too_large.status, 400,
        "MongoDB's limit of 16 MB per object: {:?}",
        too_large.body
    );
    let many: Vec<Value> = (0..200_000).map(Value::from).collect();
    assert_eq!(
        app.post(&As::Nobody, "/classes/A", json!({ "list": many }))
            .await
            .status,
        201
    );
}
