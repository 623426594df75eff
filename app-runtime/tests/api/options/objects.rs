//! Classes, objects, and what is to be seen of them.

use bson::doc;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{read, with};
use crate::support::{App, As, answer, on, rows};

#[tokio::test(flavor = "multi_thread")]
async fn clients_create_classes_where_they_may() {
    for (allowed, status) in [(true, 201), (false, 400)] {
        let app = with(json!({"allowClientClassCreation": allowed})).await;
        assert_eq!(
            app.post(&As::Nobody, "/classes/New", json!({})).await.status,
            status
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_choose_ids_where_they_may_and_others_have_the_apps_length() {
    let app = with(json!({"objectIdSize": 20})).await;
    assert_eq!(app.create(&As::Nobody, "A", json!({})).await.len(), 20);
    let chosen = json!({"objectId": "mine"});
    assert_eq!(
        app.post(&As::Nobody, "/classes/A", chosen.clone())
            .await
            .refusal(),
        (400, 105)
    );
    let app = with(json!({"allowCustomObjectId": true})).await;
    assert_eq!(app.create(&As::Nobody, "A", chosen).await, "mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_has_its_own_forbidden_words() {
    let app =
        with(json!({"requestKeywordDenylist": [{"key": "forbidden"}, {"key": "bad", "value": "word"}]}))
            .await;
    for (body, status) in [
        (json!({"a": {"forbidden": 1}}), 400),
        (json!({"bad": "word"}), 400),
        (json!({"bad": "other"}), 201),
    ] {
        assert_eq!(
            app.post(&As::Nobody, "/classes/A", body.clone()).await.status,
            status,
            "{body}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_list_of_sensitive_fields_protects_users_as_well() {
    for (list, hidden) in [(json!(["phone"]), true), (json!([]), false)] {
        let app = with(json!({"userSensitiveFields": list, "enforcePrivateUsers": false})).await;
        let (id, anna) = app.user("anna").await;
        let (_, ben) = app.user("ben").await;
        let path = format!("/users/{id}");
        app.put(&anna, &path, json!({"phone": "1", "city": "Bern"}))
            .await
            .ok();
        for other in [&ben, &As::Nobody] {
            let seen = app.get(other, &path).await.ok();
            assert_eq!(
                (seen.get("phone").is_none(), &seen["city"]),
                (hidden, &json!("Bern"))
            );
        }
        assert_eq!(app.get(&anna, &path).await.ok()["phone"], "1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn own_protected_fields_are_shown_where_their_owners_are_exempt() {
    for exempt in [true, false] {
        let app = with(
            json!({"protectedFields": {"_User": {"*": ["phone"]}}, "protectedFieldsOwnerExempt": exempt}),
        )
        .await;
        let (id, anna) = app.user("anna").await;
        let path = format!("/users/{id}");
        app.put(&anna, &path, json!({"phone": "1"})).await.ok();
        let seen = app.get(&anna, &path).await.ok();
        assert_eq!(seen.get("phone").is_some(), exempt, "{seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_read_only_master_key_aggregates_where_it_may() {
    for (allowed, status) in [(true, 200), (false, 400)] {
        let options = json!({"readOnlyMasterKey": "look", "allowAggregationForReadOnlyMasterKey": allowed});
        let app = with(options).await;
        let request = app.raw(Method::GET, "/aggregate/A?pipeline=[]");
        let request = request
            .header("X-Parse-Application-Id", "app")
            .header("X-Parse-Master-Key", "look");
        assert_eq!(answer(request).await.status, status);
    }
}

/// Whose row is another's token now: theirs to remove, or the app's alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_clean_up_of_installations_is_bound_by_permissions_where_the_app_says_so() {
    for (bound, left) in [(false, 1), (true, 2)] {
        let app = with(json!({"installation": {"duplicateDeviceTokenActionEnforceAuth": bound}})).await;
        let first = json!({"installationId": "a", "deviceToken": "t", "deviceType": "ios", "ACL": {}});
        app.post(&As::Master, "/installations", first).await.ok();
        let second = json!({"installationId": "b", "deviceToken": "t", "deviceType": "ios"});
        app.post(&As::Nobody, "/installations", second).await.ok();
        let found = app.get(&As::Master, "/installations").await.ok();
        assert_eq!(found["results"].as_array().unwrap().len(), left, "{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_row_that_gives_way_is_deleted_or_loses_the_token() {
    for (action, left) in [("delete", 1), ("update", 2)] {
        let app = with(json!({"installation": {"duplicateDeviceTokenAction": action}})).await;
        for name in ["a", "b"] {
            let device = json!({"installationId": name, "deviceToken": "t", "deviceType": "ios"});
            app.post(&As::Nobody, "/installations", device).await.ok();
        }
        let found = app.get(&As::Master, "/installations").await.ok();
        assert_eq!(found["results"].as_array().unwrap().len(), left, "{found}");
    }
    for (priority, kept) in [("deviceToken", 1), ("installationId", 0)] {
        let app = with(json!({"installation": {"duplicateDeviceTokenMergePriority": priority}})).await;
        let mut ids = Vec::new();
        for device in [
            json!({"installationId": "a", "deviceType": "ios"}),
            json!({"deviceToken": "t", "deviceType": "ios"}),
            json!({"installationId": "a", "deviceToken": "t", "deviceType": "ios"}),
        ] {
            ids.push(app.post(&As::Nobody, "/installations", device).await.ok()["objectId"].clone());
        }
        let found = app.get(&As::Master, "/installations").await.ok();
        assert_eq!(found["results"][0]["objectId"], ids[kept], "{priority}");
    }
}

/// The same database under these definitions.
async fn defined(app: &App, more: Value) -> App {
    on(app.mongo.clone(), |settings| {
        let mut schema = json!({"definitions": [{"className": "Task", "fields": {"n": {"type": "String"}}}]});
        schema
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        *settings = read(settings.database_uri.expose_secret(), json!({ "schema": schema }));
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_and_indexes_change_only_as_the_settings_say() {
    let first = with(json!({})).await;
    let body = json!({"className": "Task", "fields": {"n": {"type": "Number"}, "extra": {"type": "Number"}},
        "indexes": {"by_extra": {"extra": 1}}});
    first.post(&As::Master, "/schemas/Task", body).await.ok();
    first
        .create(&As::Master, "Task", json!({"n": 1, "extra": 2}))
        .await;
    let keep = json!({"keepUnknownIndexes": true});
    let task = async |more: Value| {
        let app = defined(&first, more).await;
        app.get(&As::Master, "/schemas/Task").await.ok()
    };

    let kept = task(keep.clone()).await;
    assert_eq!(
        (&kept["fields"]["n"]["type"], &kept["fields"]["extra"]["type"]),
        (&json!("Number"), &json!("Number"))
    );
    assert_eq!(kept["indexes"]["by_extra"], json!({"extra": 1}));
    let mut recreate = keep;
    recreate["recreateModifiedFields"] = true.into();
    let recreated = task(recreate).await;
    assert_eq!(recreated["fields"]["n"]["type"], "String");
    assert_eq!(recreated["fields"]["extra"]["type"], "Number");
    let row = rows(&first, "Task")
        .await
        .find_one(doc! {})
        .await
        .unwrap()
        .unwrap();
    assert!(
        !row.contains_key("n"),
        "what was stored under the other type is gone: {row}"
    );
    assert_eq!(task(json!({})).await["indexes"].get("by_extra"), None);
    assert_eq!(
        task(json!({"deleteExtraFields": true})).await["fields"].get("extra"),
        None
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_are_locked_where_the_settings_say_so() {
    let first = with(json!({})).await;
    for (locked, status) in [(true, 400), (false, 200)] {
        let app = defined(&first, json!({"lockSchemas": locked})).await;
        let path = format!("/schemas/New{locked}");
        assert_eq!(app.post(&As::Master, &path, json!({})).await.status, status);
    }
}
