//! Places, relative times, texts and plans.

use serde_json::{Value, json};

use crate::support::{App, As, app, encode, stock};

fn place(latitude: f64, longitude: f64) -> Value {
    json!({"__type": "GeoPoint", "latitude": latitude, "longitude": longitude})
}

async fn cities() -> App {
    let app = stock().await;
    for (name, latitude, longitude) in [
        ("Berlin", 52.52, 13.4),
        ("Potsdam", 52.39, 13.06),
        ("Paris", 48.86, 2.35),
    ] {
        app.create(
            &As::Nobody,
            "City",
            json!({"name": name, "at": place(latitude, longitude)}),
        )
        .await;
    }
    app
}

async fn names(app: &App, clause: Value) -> Vec<String> {
    app.find(&As::Nobody, "City", clause)
        .await
        .iter()
        .map(|city| city["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn near_orders_by_distance_and_counts() {
    let app = cities().await;
    let near = |extra: Value| {
        let mut condition = json!({"$nearSphere": place(52.4, 13.0)});
        condition
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        json!({ "at": condition })
    };
    assert_eq!(names(&app, near(json!({}))).await, ["Potsdam", "Berlin", "Paris"]);
    assert_eq!(
        names(&app, near(json!({"$maxDistanceInKilometers": 100}))).await,
        ["Potsdam", "Berlin"]
    );
    assert_eq!(
        names(&app, near(json!({"$maxDistanceInMiles": 10}))).await,
        ["Potsdam"]
    );
    let counted = format!(
        "/classes/City?count=1&limit=0&where={}",
        encode(&near(json!({"$maxDistanceInKilometers": 100})).to_string())
    );
    assert_eq!(app.get(&As::Nobody, &counted).await.ok()["count"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn boxes_circles_and_polygons_contain() {
    let app = cities().await;
    for (condition, expected) in [
        (
            json!({"$within": {"$box": [place(52.0, 13.0), place(53.0, 14.0)]}}),
            2,
        ),
        (
            json!({"$geoWithin": {"$centerSphere": [place(52.52, 13.4), 0.001]}}),
            1,
        ),
        (
            json!({"$geoWithin": {"$centerSphere": [[13.4, 52.52], 0.001]}}),
            1,
        ),
        (
            json!({"$geoWithin": {"$polygon": [place(48.0, 2.0), place(48.0, 3.0), place(49.5, 3.0), place(49.5, 2.0)]}}),
            1,
        ),
    ] {
        assert_eq!(
            names(&app, json!({ "at": condition })).await.len(),
            expected,
            "{condition}"
        );
    }
    let ring = json!({"__type": "Polygon", "coordinates": [[0, 0], [0, 10], [10, 10], [10, 0]]});
    app.create(&As::Nobody, "Zone", json!({ "area": ring })).await;
    let contains = |latitude| json!({"area": {"$geoIntersects": {"$point": place(latitude, 5.0)}}});
    assert_eq!(app.find(&As::Nobody, "Zone", contains(5.0)).await.len(), 1);
    assert!(app.find(&As::Nobody, "Zone", contains(50.0)).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_contained_and_patterns_all_met() {
    let app = stock().await;
    for tags in [json!(["a"]), json!(["a", "b"]), json!([]), json!(["c", "abc"])] {
        app.create(&As::Nobody, "A", json!({ "tags": tags })).await;
    }
    app.create(&As::Nobody, "A", json!({"other": 1})).await;
    assert_eq!(
        app.find(&As::Nobody, "A", json!({"tags": {"$containedBy": ["a", "b"]}}))
            .await
            .len(),
        4
    );
    let patterns = json!({"tags": {"$all": [{"$regex": "^\\Qc\\E"}, {"$regex": "^\\Qab\\E"}]}});
    assert_eq!(app.find(&As::Nobody, "A", patterns).await.len(), 1);
    let mixed = encode(&json!({"tags": {"$all": [{"$regex": "x"}, "y"]}}).to_string());
    assert_eq!(
        app.get(&As::Nobody, &format!("/classes/A?where={mixed}"))
            .await
            .refusal(),
        (400, 107)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn moments_relative_to_now() {
    let app = stock().await;
    app.create(
        &As::Nobody,
        "A",
        json!({"due": {"__type": "Date", "iso": "2020-01-01T00:00:00.000Z"}}),
    )
    .await;
    let before = |text: &str| json!({"due": {"$lt": {"$relativeTime": text}}});
    assert_eq!(app.find(&As::Nobody, "A", before("1 day ago")).await.len(), 1);
    assert!(
        app.find(&As::Nobody, "A", before("100 years ago"))
            .await
            .is_empty()
    );
    let bad = encode(&before("soon").to_string());
    assert_eq!(
        app.get(&As::Nobody, &format!("/classes/A?where={bad}"))
            .await
            .refusal(),
        (400, 107)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2025_64502_and_2021_39187_a_plan_is_for_the_owner() {
    let app = cities().await;
    assert_eq!(
        app.get(&As::Nobody, "/classes/City?explain=true").await.refusal(),
        (400, 102),
        "cve_2025_64502"
    );
    assert_eq!(
        app.get(&As::Master, "/classes/City?explain=%7B%7D")
            .await
            .refusal(),
        (400, 102),
        "cve_2021_39187"
    );
    let plan = app
        .get(&As::Master, "/classes/City?explain=executionStats")
        .await
        .ok();
    assert!(plan["results"]["queryPlanner"].is_object() && plan["results"]["executionStats"].is_object());
    assert_eq!(app.get(&As::Nobody, "/classes/City?hint=_id_").await.status, 200);
    assert_eq!(
        app.get(&As::Nobody, "/classes/City?hint=none").await.refusal(),
        (400, 102)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_for_everybody_where_the_app_says_so() {
    let app = app(|settings| {
        settings.allow_client_class_creation = true;
        settings.allow_public_explain = true;
    })
    .await;
    app.create(&As::Nobody, "City", json!({"name": "Bern"})).await;
    let plan = app.get(&As::Nobody, "/classes/City?explain=true").await.ok();
    assert!(plan["results"]["queryPlanner"].is_object(), "{plan}");
}
