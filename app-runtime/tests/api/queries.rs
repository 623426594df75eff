//! Finds: conditions, order, pages, counts and keys.

use serde_json::{Value, json};

use crate::support::{App, As, encode, stock};

async fn filled() -> App {
    let app = stock().await;
    for (title, n, tags) in [
        ("a", json!(1), json!(["x"])),
        ("b", json!(2), json!(["x", "y"])),
        ("c", json!(3), json!([])),
        ("d", Value::Null, json!(["z"])),
    ] {
        app.create(
            &As::Nobody,
            "A",
            json!({"title": title, "n": n, "tags": tags, "info": {"k": title}}),
        )
        .await;
    }
    app
}

async fn titles(app: &App, clause: Value) -> String {
    let mut titles: Vec<String> = app
        .find(&As::Nobody, "A", clause)
        .await
        .iter()
        .map(|object| object["title"].as_str().unwrap().to_owned())
        .collect();
    titles.sort();
    titles.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_select_what_they_say() {
    let app = filled().await;
    for (clause, expected) in [
        (json!({}), "abcd"),
        (json!({"title": "a"}), "a"),
        (json!({"n": {"$gt": 1}}), "bc"),
        (json!({"n": {"$gte": 1, "$lt": 3}}), "ab"),
        (json!({"n": {"$ne": 1}}), "bcd"),
        (json!({"n": null}), "d"),
        (json!({"title": {"$in": ["a", "c", "zz"]}}), "ac"),
        (json!({"title": {"$nin": ["a", "c"]}}), "bd"),
        (json!({"title": {"$in": []}}), ""),
        (json!({"missing": {"$exists": false}}), "abcd"),
        (json!({"missing": {"$exists": true}}), ""),
        (json!({"missing": "x"}), ""),
        (json!({"tags": "x"}), "ab"),
        (json!({"tags": {"$all": ["x", "y"]}}), "b"),
        (json!({"tags": ["x"]}), "a"),
        (json!({"info.k": "c"}), "c"),
        (json!({"title": {"$regex": "^[AB]$", "$options": "i"}}), "ab"),
        (json!({"title": {"$regex": "^\\Qa\\E"}}), "a"),
        (json!({"$or": [{"title": "a"}, {"n": 3}]}), "ac"),
        (json!({"$and": [{"n": {"$gt": 1}}, {"n": {"$lt": 3}}]}), "b"),
        (json!({"$nor": [{"title": "a"}, {"title": "b"}]}), "cd"),
    ] {
        assert_eq!(titles(&app, clause.clone()).await, expected, "{clause}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn order_pages_counts_and_keys() {
    let app = filled().await;
    let page = app
        .get(
            &As::Nobody,
            "/classes/A?order=-title&limit=2&skip=1&count=1&keys=title",
        )
        .await
        .ok();
    assert_eq!(page["count"], 4);
    let shown: Vec<&str> = page["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| object["title"].as_str().unwrap())
        .collect();
    assert_eq!(shown, ["c", "b"]);
    let first = page["results"][0].as_object().unwrap();
    assert_eq!(
        first
            .keys()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>(),
        ["createdAt", "objectId", "title", "updatedAt"]
    );

    let counted = app
        .get(
            &As::Nobody,
            &format!(
                "/classes/A?limit=0&count=1&where={}",
                encode(r#"{"n":{"$gt":1}}"#)
            ),
        )
        .await
        .ok();
    assert_eq!(counted, json!({"results": [], "count": 2}));
    assert!(
        app.get(&As::Nobody, "/classes/A?count=0")
            .await
            .ok()
            .get("count")
            .is_none()
    );
    let slim = app
        .get(&As::Nobody, "/classes/A?excludeKeys=tags,info,objectId&limit=1")
        .await
        .ok();
    assert!(slim["results"][0].get("tags").is_none() && slim["results"][0]["objectId"].is_string());
    assert_eq!(
        app.get(&As::Nobody, "/classes/Unknown?count=1").await.ok(),
        json!({"results": [], "count": 0})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_limit_and_the_greatest_limit_hold() {
    let app = crate::support::app(|settings| {
        settings.allow_client_class_creation = true;
        settings.default_limit = 2;
        settings.max_limit = Some(3);
    })
    .await;
    for n in 0..5 {
        app.create(&As::Nobody, "A", json!({ "n": n })).await;
    }
    let found = |answer: Value| answer["results"].as_array().unwrap().len();
    assert_eq!(found(app.get(&As::Nobody, "/classes/A").await.ok()), 2);
    assert_eq!(found(app.get(&As::Nobody, "/classes/A?limit=100").await.ok()), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_queries_are_bad_requests() {
    let app = filled().await;
    for (query, code) in [
        ("where={", 107),
        ("where=[]", 107),
        ("limit=-1", 102),
        ("limit=x", 102),
        ("skip=1.5", 102),
        ("unknown=1", 102),
        ("order=_hashed_password", 105),
    ] {
        assert_eq!(
            app.get(&As::Nobody, &format!("/classes/A?{query}"))
                .await
                .refusal(),
            (400, code),
            "{query}"
        );
    }
}
