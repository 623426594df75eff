//! What the app's owner and their tools ask for: config, aggregates, audiences, the security check.

use bson::doc;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, As, answer, app, encode, rows, stock};

const MASTER: As = As::Master;

async fn aggregate(app: &App, class: &str, pipeline: Value) -> Vec<Value> {
    let path = format!("/aggregate/{class}?pipeline={}", encode(&pipeline.to_string()));
    app.get(&MASTER, &path).await.ok()["results"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_read_the_config_but_for_what_is_the_owners() {
    let app = stock().await;
    assert_eq!(app.get(&As::Nobody, "/config").await.ok(), json!({"params": {}}));
    let at = json!({"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"});
    let body = json!({"params": {"color": "red", "secret": 1, "at": at}, "masterKeyOnly": {"secret": true}});
    assert_eq!(app.put(&As::Nobody, "/config", body.clone()).await.status, 403);
    assert_eq!(
        app.put(&MASTER, "/config", body).await.ok(),
        json!({"result": true})
    );
    assert_eq!(
        app.get(&As::Nobody, "/config").await.ok(),
        json!({"params": {"color": "red", "at": at}, "masterKeyOnly": {"color": false, "at": false}})
    );
    assert_eq!(app.get(&MASTER, "/config").await.ok()["params"]["secret"], 1);
    app.put(
        &MASTER,
        "/config",
        json!({"params": {"color": {"__op": "Delete"}, "size": 2}}),
    )
    .await
    .ok();
    assert_eq!(
        app.get(&MASTER, "/config").await.ok()["params"],
        json!({"secret": 1, "at": at, "size": 2})
    );
    for (params, code) in [
        (json!([]), 107),
        (json!({"a.b": 1}), 105),
        (json!({"$set": 1}), 105),
        (json!({"a": {"$where": 1}}), 121),
        (json!({"a": {"__op": "Increment", "amount": 1}}), 107),
        (json!({"a": {"__proto__": 1}}), 105),
    ] {
        let refused = app.put(&MASTER, "/config", json!({ "params": params })).await;
        assert_eq!(refused.refusal(), (400, code), "{params}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelines_speak_of_fields_dates_and_pointers() {
    let app = stock().await;
    let (anna, _) = app.user("anna").await;
    let owner = json!({"__type": "Pointer", "className": "_User", "objectId": anna});
    let due = |day: u8| json!({"__type": "Date", "iso": format!("2026-01-0{day}T00:00:00.000Z")});
    for (points, day) in [(1, 1), (2, 2), (3, 3)] {
        app.create(
            &MASTER,
            "Task",
            json!({"points": points, "owner": owner, "due": due(day)}),
        )
        .await;
    }
    let grouped = aggregate(
        &app,
        "Task",
        json!([{"$group": {"_id": "$owner", "points": {"$sum": "$points"}, "last": {"$max": "$due"}}}]),
    )
    .await;
    assert_eq!(grouped, [json!({"objectId": anna, "points": 6, "last": due(3)})]);
    for conditions in [
        json!({"due": {"$gt": due(1)}}),
        json!({"due": {"$gt": "2026-01-01T00:00:00.000Z"}}),
        json!({"owner": anna, "due": {"$gt": due(1)}}),
        json!({"owner": owner, "$expr": {"$gt": ["$due", due(1)]}}),
    ] {
        let found = aggregate(
            &app,
            "Task",
            json!([{"$match": conditions}, {"$sort": {"createdAt": 1}}]),
        )
        .await;
        assert_eq!(found.len(), 2, "{conditions}");
        assert_eq!(found[0]["owner"], owner);
        assert!(found[0]["createdAt"].is_string() && found[0]["objectId"].is_string());
    }
    let spread = app
        .get(&MASTER, "/aggregate/Task?$match={\"points\":2}")
        .await
        .ok();
    assert_eq!(spread["results"].as_array().unwrap().len(), 1);
    assert_eq!(aggregate(&app, "None", json!([])).await, Vec::<Value>::new());
}

/// A class `Task` of one row, with its id.
async fn one_task(app: &App) -> String {
    let row = json!({
        "size": 1.5, "due": {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"},
        "owner": {"__type": "Pointer", "className": "_User", "objectId": "u1"},
        "bytes": {"__type": "Bytes", "base64": "aGVsbG8="},
    });
    app.create(&MASTER, "Task", row).await
}

async fn raw(app: &App, flags: &str, pipeline: Value) -> Vec<Value> {
    let path = format!(
        "/aggregate/Task?pipeline={}&{flags}",
        encode(&pipeline.to_string())
    );
    let results = &app.get(&MASTER, &path).await.ok()["results"];
    results.as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_values_are_extended_json_both_ways() {
    let app = stock().await;
    let id = one_task(&app).await;
    let at = json!({"$date": "2026-01-01T00:00:00Z"});
    for (conditions, found) in [
        (json!({"due": at}), 1),
        (json!({"due": {"$lte": at}, "createdAt": {"$gt": at}}), 1),
        (json!({"due": {"$date": {"$numberLong": "1767225600000"}}}), 1),
        (json!({"due": "2026-01-01T00:00:00.000Z"}), 0),
        (json!({"owner": "_User$u1"}), 1),
        (json!({"owner": "u1"}), 0),
    ] {
        let rows = raw(&app, "rawValues=true", json!([{"$match": conditions}])).await;
        assert_eq!(rows.len(), found, "{conditions}");
    }
    let mut row = raw(&app, "rawValues=true", json!([])).await.remove(0);
    for built_in in ["_created_at", "_updated_at"] {
        assert!(row[built_in]["$date"].is_string(), "{row}");
        row.as_object_mut().unwrap().remove(built_in);
    }
    let bytes = json!({"$binary": {"base64": "aGVsbG8=", "subType": "00"}});
    assert_eq!(
        row,
        json!({"objectId": id, "size": 1.5, "due": at, "_p_owner": "_User$u1", "bytes": bytes})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_names_are_the_databases_and_values_bare() {
    let app = stock().await;
    let id = one_task(&app).await;
    let at = "2026-01-01T00:00:00.000Z";
    for (conditions, found) in [
        (json!({"due": {"$gte": at}, "_p_owner": "_User$u1", "_id": id}), 1),
        (json!({"owner": "u1"}), 0),
        (json!({"objectId": id}), 0),
    ] {
        let rows = raw(&app, "rawFieldNames=true", json!([{"$match": conditions}])).await;
        assert_eq!(rows.len(), found, "{conditions}");
    }
    let mut row = raw(&app, "rawFieldNames=true", json!([])).await.remove(0);
    for built_in in ["_created_at", "_updated_at"] {
        assert!(row[built_in].as_str().unwrap().ends_with('Z'), "{row}");
        row.as_object_mut().unwrap().remove(built_in);
    }
    assert_eq!(
        row,
        json!({"_id": id, "size": 1.5, "due": at, "_p_owner": "_User$u1", "bytes": "aGVsbG8="})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_says_how_pipelines_are_written_and_a_request_may_differ() {
    let app = app(|settings| {
        settings.allow_client_class_creation = true;
        settings.query.aggregation_raw_values = true;
        settings.query.aggregation_raw_field_names = true;
    })
    .await;
    let id = one_task(&app).await;
    let due = |row: &Value| row["due"].clone();
    let at = json!("2026-01-01T00:00:00.000Z");
    let both = raw(&app, "", json!([])).await;
    assert_eq!(
        (&both[0]["_id"], &both[0]["due"]["$date"]),
        (&json!(id), &json!("2026-01-01T00:00:00Z"))
    );
    let names = raw(&app, "rawValues=false", json!([])).await;
    assert_eq!((&names[0]["_id"], due(&names[0])), (&json!(id), at.clone()));
    let neither = raw(&app, "rawValues=false&rawFieldNames=false", json!([])).await;
    assert_eq!(
        (&neither[0]["objectId"], due(&neither[0])),
        (&json!(id), json!({"__type": "Date", "iso": at}))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn distinct_values_come_in_their_wire_form() {
    let app = stock().await;
    let (anna, _) = app.user("anna").await;
    let owner = json!({"__type": "Pointer", "className": "_User", "objectId": anna});
    for (size, tags) in [("M", json!(["a", "b"])), ("S", json!(["b"])), ("M", json!([]))] {
        app.create(
            &MASTER,
            "Task",
            json!({"size": size, "tags": tags, "owner": owner}),
        )
        .await;
    }
    for (query, expected) in [
        ("distinct=size", json!(["M", "S"])),
        ("distinct=tags", json!(["a", "b"])),
        ("distinct=owner", json!([owner])),
        ("distinct=size&where={\"size\":\"S\"}", json!(["S"])),
        ("distinct=nothing", json!([])),
    ] {
        let found = app.get(&MASTER, &format!("/aggregate/Task?{query}")).await.ok();
        assert_eq!(found["results"], expected, "{query}");
    }
    let refused = app
        .get(&MASTER, "/aggregate/_User?distinct=_hashed_password")
        .await;
    assert_eq!(refused.refusal(), (400, 105));
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelines_are_the_owners_and_read_no_password() {
    let app = stock().await;
    let (_, as_anna) = app.user("anna").await;
    assert_eq!(
        app.get(&as_anna, "/aggregate/_User?pipeline=[]").await.status,
        403
    );
    let everything = json!([{"$project": {"all": {"$objectToArray": "$$ROOT"}}}]);
    let shown = json!(aggregate(&app, "_User", everything).await).to_string();
    assert!(shown.contains("anna") && !shown.contains("$2"), "{shown}");
    for (pipeline, code) in [
        (json!([{"$out": "Copy"}]), 102),
        (json!([{"$match": {"$where": "1"}}]), 102),
        (json!([{"$project": {"x": "$_hashed_password"}}]), 102),
        (json!([{"$group": {"_id": null, "n": {"$nothing": 1}}}]), 102),
        (json!([{"$limit": "x"}]), 102),
        (json!("x"), 102),
    ] {
        let path = format!("/aggregate/_User?pipeline={}", encode(&pipeline.to_string()));
        assert_eq!(app.get(&MASTER, &path).await.refusal(), (400, code), "{pipeline}");
    }
    let plan = app
        .get(&MASTER, "/aggregate/_User?pipeline=[]&explain=true")
        .await
        .ok();
    assert!(plan["results"][0].is_object());
    let bad = app
        .get(&MASTER, "/aggregate/_User?pipeline=[]&explain=perhaps")
        .await;
    assert_eq!(bad.refusal(), (400, 102));
}

#[tokio::test(flavor = "multi_thread")]
async fn audiences_keep_their_query_as_text_and_show_it() {
    let app = stock().await;
    let body = json!({"name": "iOS", "query": "{\"deviceType\":{\"$in\":[\"ios\"]}}"});
    assert_eq!(
        app.post(&As::Nobody, "/push_audiences", body.clone())
            .await
            .status,
        403
    );
    let made = app.post(&MASTER, "/push_audiences", body).await;
    assert_eq!(made.status, 201);
    let path = format!("/push_audiences/{}", made.body["objectId"].as_str().unwrap());
    let query = json!({"deviceType": {"$in": ["ios"]}});
    assert_eq!(app.get(&MASTER, &path).await.ok()["query"], query);
    assert_eq!(
        app.get(&MASTER, "/push_audiences").await.ok()["results"][0]["query"],
        query
    );
    app.put(
        &MASTER,
        &path,
        json!({"timesUsed": {"__op": "Increment", "amount": 1}}),
    )
    .await
    .ok();
    assert_eq!(app.get(&MASTER, &path).await.ok()["timesUsed"], 1);
    app.delete(&MASTER, &path).await.ok();
    assert_eq!(app.get(&MASTER, &path).await.refusal(), (404, 101));
    assert_eq!(
        app.get(&As::Nobody, "/classes/_Audience").await.refusal(),
        (400, 119)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_security_check_names_weak_settings_once_it_is_on() {
    let off = stock().await;
    assert_eq!(off.get(&MASTER, "/security").await.status, 409);
    let on = app(|settings| settings.security.enabled = true).await;
    assert_eq!(on.get(&As::Nobody, "/security").await.status, 403);
    let report = on.get(&MASTER, "/security").await.ok()["report"].clone();
    assert_eq!(
        (&report["version"], &report["state"]),
        (&json!("1.0.0"), &json!("fail"))
    );
    let checks = report["groups"][0]["checks"].as_array().unwrap().clone();
    let master_key = checks
        .iter()
        .find(|check| check["title"] == "Secure master key")
        .unwrap();
    assert!(master_key["state"] == "fail" && master_key["solution"].is_string());
    let info = on.get(&MASTER, "/serverInfo").await.ok();
    assert_eq!(info["features"]["settings"]["securityCheck"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_graphql_config_is_the_owners_and_is_kept_as_parse_server_keeps_it() {
    let app = app(|settings| settings.read_only_master_key = Some("looks".to_owned().into())).await;
    assert_eq!(app.get(&As::Nobody, "/graphql-config").await.status, 403);
    assert_eq!(app.get(&MASTER, "/graphql-config").await.ok(), json!({}));
    let config = json!({"enabledForClasses": ["Note"], "classConfigs": [
        {"className": "Note", "query": {"find": false}, "mutation": {"createAlias": "write"}}]});
    let body = json!({ "params": config });
    assert_eq!(
        app.put(&As::Nobody, "/graphql-config", body.clone()).await.status,
        403
    );
    let looking = app
        .raw(Method::PUT, "/graphql-config")
        .header("X-Parse-Application-Id", "app")
        .header("X-Parse-Master-Key", "looks")
        .json(&body);
    assert_eq!(answer(looking).await.refusal(), (400, 119));
    assert_eq!(
        app.put(&MASTER, "/graphql-config", body).await.ok(),
        json!({"response": {"result": true}})
    );
    assert_eq!(app.get(&MASTER, "/graphql-config").await.ok(), config);
    let stored = rows(&app, "_GraphQLConfig")
        .await
        .find_one(doc! { "_id": 1 })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        stored
            .get_document("config")
            .unwrap()
            .get_array("enabledForClasses")
            .unwrap()
            .len(),
        1
    );

    let less = json!({"params": {"disabledForClasses": ["Note"]}});
    app.put(&MASTER, "/graphql-config", less.clone()).await.ok();
    assert_eq!(
        app.get(&MASTER, "/graphql-config").await.ok(),
        less["params"],
        "it is replaced"
    );
    for bad in [
        json!({"params": []}),
        json!({"params": {"a": 1}}),
        json!({"params": {"classConfigs": [{}]}}),
    ] {
        assert_eq!(
            app.put(&MASTER, "/graphql-config", bad).await.refusal(),
            (400, 107)
        );
    }
    assert_eq!(app.get(&MASTER, "/graphql-config").await.ok(), less["params"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_taken_and_lead_nowhere() {
    let app = stock().await;
    for name in ["AppOpened", "bought"] {
        let body = json!({"dimensions": {"price": "10"}});
        assert_eq!(
            app.post(&As::Nobody, &format!("/events/{name}"), body).await.ok(),
            json!({})
        );
    }
    assert_eq!(app.post(&As::Nobody, "/events", json!({})).await.status, 404);
}
