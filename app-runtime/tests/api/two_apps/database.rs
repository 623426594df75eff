//! The database server that both apps are on, with a database each or with a prefix each.

use reqwest::Method;
use serde_json::json;

use super::{Tenant, distinct, two, with_master};
use crate::support::{answer, encode, on};

/// Whoever the runtime is on the database server, root even, its owner's requests stay in one database.
#[tokio::test(flavor = "multi_thread")]
async fn aggregates_and_names_of_classes_reach_no_other_database() {
    let (ours, theirs) = two().await;
    let database = theirs.app.mongo.name();
    let before = theirs.everything().await;
    let other = json!({"db": database, "coll": "Task"});
    let dotted = format!("{database}.Task");
    for stage in [
        json!({ "$out": other }),
        json!({"$merge": { "into": other }}),
        json!({"$lookup": {"from": other, "localField": "x", "foreignField": "x", "as": "all"}}),
        json!({"$unionWith": other}),
        json!({"$unionWith": dotted}),
        json!({"$graphLookup": {"from": dotted, "startWith": "$x", "connectFromField": "x", "connectToField": "x", "as": "all"}}),
        json!({"$facet": {"a": [{ "$out": other }]}}),
        json!({"$listSessions": {"allUsers": true}}),
        json!({"$currentOp": {"allUsers": true}}),
        json!({"$changeStream": {"allChangesForCluster": true}}),
    ] {
        let pipeline = encode(&json!([stage]).to_string());
        let request = ours
            .app
            .raw(Method::GET, &format!("/aggregate/Task?pipeline={pipeline}"));
        let refused = answer(with_master(request, "ours")).await;
        let empty = refused.body["results"]
            .as_array()
            .is_some_and(|found| !found.iter().any(|row| row.to_string().contains(&theirs.object)));
        assert!(refused.status == 400 || empty, "{stage} {refused:?}");
    }
    for class in [
        dotted.as_str(),
        &format!("../{dotted}"),
        "admin.system.users",
        "local.oplog.rs",
        "system.profile",
    ] {
        for method in [Method::GET, Method::POST] {
            let path = format!("/classes/{}", class.replace('/', "%2F"));
            let request = ours.app.raw(method, &path);
            let refused = answer(with_master(request, "ours")).await;
            assert!((400..500).contains(&refused.status), "{class} {refused:?}");
        }
    }
    assert_eq!(theirs.everything().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_of_one_database_keep_apart_by_their_prefixes() {
    let mongo = test_kit::mongo().await;
    let uri = mongo.uri().to_owned();
    let ours = Tenant::new(
        on(mongo, |settings| {
            distinct("ours")(settings);
            settings.collection_prefix = "ours_".into();
        })
        .await,
        "ours",
    )
    .await;
    let other = test_kit::mongo().await;
    let theirs = Tenant::new(
        on(other, |settings| {
            distinct("theirs")(settings);
            settings.database_uri = uri.clone().into();
            settings.collection_prefix = "theirs_".into();
        })
        .await,
        "theirs",
    )
    .await;
    for (tenant, name, other) in [(&ours, "ours", &theirs), (&theirs, "theirs", &ours)] {
        let master = |path: &str| answer(with_master(tenant.app.raw(Method::GET, path), name));
        for path in [
            "/classes/Task",
            "/users",
            "/sessions",
            "/installations",
            "/roles",
            "/schemas",
        ] {
            let shown = master(path).await.ok().to_string();
            for secret in other.secrets() {
                assert!(!shown.contains(secret), "{path}: {shown}");
            }
        }
        for class in ["ours_Task", "theirs_Task", "../Task", "theirs_Task%00"] {
            let shown = master(&format!("/classes/{class}")).await;
            assert!(
                shown.status >= 400 || shown.body["results"] == json!([]),
                "{class} {shown:?}"
            );
        }
        let found = master("/classes/Task").await.ok();
        assert_eq!(found["results"].as_array().unwrap().len(), 1);
        assert_eq!(found["results"][0]["title"], name);
        let lookup = json!([{"$lookup": {"from": "theirs_Task", "localField": "x", "foreignField": "x", "as": "all"}}]);
        let shown = master(&format!(
            "/aggregate/Task?pipeline={}",
            encode(&lookup.to_string())
        ))
        .await;
        assert!(!shown.body.to_string().contains(&other.object), "{shown:?}");
    }
}
