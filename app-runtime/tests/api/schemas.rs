//! `/schemas` and `/purge`: classes made, changed and deleted by their owner (reference section 10.3).

use bson::{Document, doc};
use serde_json::{Value, json};

use crate::support::{App, As, app, on, stock};

const MASTER: As = As::Master;

async fn schema(app: &App, class: &str) -> Value {
    app.get(&MASTER, &format!("/schemas/{class}")).await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_sees_and_changes_classes() {
    let app = stock().await;
    let (_, as_user) = app.user("anna").await;
    for who in [As::Nobody, as_user] {
        assert_eq!(app.get(&who, "/schemas").await.status, 403);
        assert_eq!(app.post(&who, "/schemas/A", json!({})).await.status, 403);
        assert_eq!(app.delete(&who, "/purge/_User").await.status, 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_is_made_with_fields_permissions_and_indexes() {
    let app = stock().await;
    let body = json!({
        "className": "Task",
        "fields": {
            "title": {"type": "String", "required": true},
            "points": {"type": "Number", "defaultValue": 3},
            "owner": {"type": "Pointer", "targetClass": "_User"},
            "likes": {"type": "Relation", "targetClass": "_User"},
            "area": {"type": "Polygon"},
        },
        "classLevelPermissions": {"find": {"*": true}, "get": {"*": true}, "create": {"*": true}},
        "indexes": {"by_owner": {"owner": 1}, "words": {"title": "text"}},
    });
    let made = app.post(&MASTER, "/schemas", body.clone()).await.ok();
    assert_eq!(made, schema(&app, "Task").await);
    assert_eq!(
        made["fields"]["owner"],
        json!({"type": "Pointer", "targetClass": "_User"})
    );
    assert_eq!(
        made["fields"]["title"],
        json!({"type": "String", "required": true})
    );
    assert_eq!(
        made["fields"]["points"],
        json!({"type": "Number", "defaultValue": 3})
    );
    assert_eq!(made["classLevelPermissions"]["update"], json!({}));
    assert_eq!(made["indexes"]["by_owner"], json!({"owner": 1}));
    let again = app.post(&MASTER, "/schemas/Task", body).await;
    assert_eq!(
        (again.refusal().1, &again.body["error"]),
        (103, &json!("Class Task already exists."))
    );

    let database = app.mongo.database().await;
    let indexes = database
        .collection::<Document>("Task")
        .list_index_names()
        .await
        .unwrap();
    for name in ["by_owner", "words", "area_2dsphere"] {
        assert!(indexes.iter().any(|known| known == name), "{name} of {indexes:?}");
    }
    let row = database
        .collection::<Document>("_SCHEMA")
        .find_one(doc! {"_id": "Task"})
        .await
        .unwrap()
        .unwrap();
    let metadata = row.get_document("_metadata").unwrap();
    assert_eq!(
        metadata.get_document("fields_options").unwrap(),
        &doc! {"points": {"defaultValue": 3}, "title": {"required": true}}
    );
    assert_eq!(
        metadata.get_document("indexes").unwrap(),
        &doc! {"by_owner": {"owner": 1}, "words": {"title": "text"}}
    );

    let refused = app.post(&As::Nobody, "/classes/Task", json!({})).await;
    assert_eq!(refused.body, json!({"code": 142, "error": "title is required"}));
    let created = app
        .post(&As::Nobody, "/classes/Task", json!({"title": "x"}))
        .await
        .ok();
    assert_eq!(created["points"], 3, "an applied default is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_field_is_gone_from_every_object() {
    let app = stock().await;
    let (user, _) = app.user("anna").await;
    let member = json!({"__type": "Pointer", "className": "_User", "objectId": user});
    let body = json!({"title": "x", "owner": member, "likes": {"__op": "AddRelation", "objects": [member]}});
    let id = app.create(&MASTER, "Task", body).await;
    let delete = json!({"__op": "Delete"});
    let body =
        json!({"fields": {"title": delete, "owner": delete, "likes": delete, "fresh": {"type": "Array"}}});
    let changed = app.put(&MASTER, "/schemas/Task", body).await.ok();
    let fields: Vec<_> = changed["fields"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["objectId", "createdAt", "updatedAt", "ACL", "fresh"]);
    let database = app.mongo.database().await;
    let stored = database
        .collection::<Document>("Task")
        .find_one(doc! {"_id": &id})
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        stored.keys().collect::<Vec<_>>(),
        ["_id", "_created_at", "_updated_at"]
    );
    let collections = database.list_collection_names().await.unwrap();
    assert!(!collections.contains(&"_Join:likes:Task".to_owned()));
    app.put(&MASTER, &format!("/classes/Task/{id}"), json!({"title": 5}))
        .await
        .ok();
    assert_eq!(
        schema(&app, "Task").await["fields"]["title"]["type"],
        "Number",
        "the name is free for another type"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_changes_leave_the_class_as_it_was() {
    let app = stock().await;
    app.create(&MASTER, "Task", json!({"title": "x"})).await;
    let before = schema(&app, "Task").await;
    let delete = json!({"__op": "Delete"});
    for (body, code) in [
        (json!({"className": "Other"}), 103),
        (json!({"className": 5}), 103),
        (json!({"fields": []}), 107),
        (json!({"fields": {"title": delete, "objectId": delete}}), 136),
        (json!({"fields": {"title": delete, "none": delete}}), 255),
        (
            json!({"fields": {"title": delete}, "classLevelPermissions": {"find": {"*": 1}}}),
            107,
        ),
        (
            json!({"fields": {"title": delete}, "indexes": {"x": {"title": 1}}}),
            102,
        ),
        (
            json!({"fields": {"a": {"type": "Number"}, "b": {"type": "Nothing"}}}),
            111,
        ),
    ] {
        let refused = app.put(&MASTER, "/schemas/Task", body.clone()).await;
        assert_eq!(refused.refusal(), (400, code), "{body}");
    }
    assert_eq!(schema(&app, "Task").await, before);
    assert_eq!(
        app.put(&MASTER, "/schemas/None", json!({})).await.refusal(),
        (400, 103)
    );
    assert_eq!(app.get(&MASTER, "/schemas/None").await.refusal(), (400, 103));
    assert_eq!(
        app.post(&MASTER, "/schemas/_Mine", json!({})).await.refusal(),
        (400, 103)
    );
    assert_eq!(
        app.post(&MASTER, "/schemas/_SCHEMA", json!({})).await.refusal(),
        (400, 103)
    );
    assert_eq!(
        app.post(&MASTER, "/schemas", json!({})).await.refusal(),
        (400, 135)
    );
    let built_in = json!({"fields": {"objectId": {"type": "String"}}});
    assert_eq!(
        app.post(&MASTER, "/schemas/B", built_in).await.refusal(),
        (400, 136)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn indexes_are_dropped_by_name() {
    let app = stock().await;
    app.create(&MASTER, "Task", json!({"n": 1})).await;
    let made = app
        .put(&MASTER, "/schemas/Task", json!({"indexes": {"by_n": {"n": -1}}}))
        .await
        .ok();
    assert_eq!(made["indexes"], json!({"_id_": {"_id": 1}, "by_n": {"n": -1}}));
    let dropped = app
        .put(
            &MASTER,
            "/schemas/Task",
            json!({"indexes": {"by_n": {"__op": "Delete"}}}),
        )
        .await
        .ok();
    assert_eq!(dropped["indexes"], json!({"_id_": {"_id": 1}}));
    let database = app.mongo.database().await;
    let names = database
        .collection::<Document>("Task")
        .list_index_names()
        .await
        .unwrap();
    assert_eq!(names, ["_id_"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_is_deleted_once_it_is_empty() {
    let app = stock().await;
    app.create(&MASTER, "Task", json!({"n": 1})).await;
    let refused = app.delete(&MASTER, "/schemas/Task").await;
    assert_eq!(
        refused.body,
        json!({"code": 255, "error": "Class Task is not empty, contains 1 objects, cannot drop schema."})
    );
    assert_eq!(app.delete(&MASTER, "/purge/Task").await.ok(), json!({}));
    assert!(app.find(&MASTER, "Task", json!({})).await.is_empty());
    assert_eq!(
        schema(&app, "Task").await["fields"]["n"]["type"],
        "Number",
        "the class stays"
    );
    assert_eq!(app.delete(&MASTER, "/schemas/Task").await.ok(), json!({}));
    assert_eq!(app.get(&MASTER, "/schemas/Task").await.refusal(), (400, 103));
    assert_eq!(
        app.delete(&MASTER, "/schemas/Task").await.ok(),
        json!({}),
        "once more is no error"
    );
    assert_eq!(app.delete(&MASTER, "/purge/Nothing").await.ok(), json!({}));
    assert_eq!(app.delete(&MASTER, "/schemas/a-b").await.refusal(), (400, 103));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_master_key_looks_and_changes_nothing() {
    let app = app(|settings| settings.read_only_master_key = Some("looker".to_owned().into())).await;
    let looker = |method: reqwest::Method, path: &str, body: Value| {
        let request = app
            .raw(method, path)
            .header("X-Parse-Application-Id", "app")
            .header("X-Parse-Master-Key", "looker");
        crate::support::answer(request.json(&body))
    };
    app.create(&MASTER, "Task", json!({})).await;
    assert_eq!(
        looker(reqwest::Method::GET, "/schemas", json!({})).await.status,
        200
    );
    for (method, path) in [
        (reqwest::Method::POST, "/schemas/B"),
        (reqwest::Method::PUT, "/schemas/Task"),
        (reqwest::Method::DELETE, "/schemas/Task"),
        (reqwest::Method::DELETE, "/purge/Task"),
    ] {
        assert_eq!(
            looker(method.clone(), path, json!({})).await.refusal(),
            (400, 119),
            "{method} {path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn classes_come_from_the_settings() {
    let definitions = json!([
        {"className": "Task", "fields": {"title": {"type": "String", "required": true}},
            "classLevelPermissions": {"find": {"*": true}, "create": {"*": true}, "addField": {"*": true}},
            "indexes": {"by_title": {"title": 1}}},
        {"className": "_User", "fields": {"nick": {"type": "String"}}, "classLevelPermissions": {"create": {"*": true}}},
    ]);
    let with = |definitions: &Value, change: Value| {
        let mut options = json!({ "definitions": definitions });
        for (name, value) in change.as_object().unwrap() {
            options[name] = value.clone();
        }
        let all = json!({"appId": "app", "masterKey": "master", "schema": options});
        app_runtime::settings::Settings::from_options(all.as_object().unwrap())
            .unwrap()
            .schema
    };
    let first = on(test_kit::mongo().await, |settings| {
        settings.schema = with(&definitions, json!({"lockSchemas": true}));
    })
    .await;
    let task = schema(&first, "Task").await;
    assert_eq!(
        task["fields"]["title"],
        json!({"type": "String", "required": true})
    );
    assert_eq!(
        task["classLevelPermissions"]["addField"],
        json!({}),
        "only the settings add fields"
    );
    assert_eq!(task["indexes"]["by_title"], json!({"title": 1}));
    assert_eq!(schema(&first, "_User").await["fields"]["nick"]["type"], "String");
    let locked = first.post(&MASTER, "/schemas/B", json!({})).await;
    assert_eq!(locked.refusal(), (400, 119));
    first
        .create(&MASTER, "Task", json!({"title": "x", "extra": 1}))
        .await;

    let changed =
        json!([{"className": "Task", "fields": {"title": {"type": "String"}, "n": {"type": "Number"}}}]);
    let second = app(|settings| {
        settings.database_uri = first.mongo.uri().into();
        settings.schema = with(&changed, json!({"deleteExtraFields": true}));
    })
    .await;
    let fields = &schema(&second, "Task").await["fields"];
    assert_eq!(
        (&fields["n"]["type"], &fields["extra"]),
        (&json!("Number"), &Value::Null)
    );
    assert_eq!(fields["title"], json!({"type": "String"}));
    assert_eq!(
        schema(&second, "Task").await["indexes"]["by_title"],
        Value::Null,
        "indexes that are not defined go"
    );
}
