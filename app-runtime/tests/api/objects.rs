//! Create, get, update and delete.

use serde_json::{Value, json};

use crate::support::{As, stock};

#[tokio::test(flavor = "multi_thread")]
async fn every_wire_type_comes_back_as_it_was_sent() {
    let app = stock().await;
    let sent = json!({
        "text": "ä\u{1F680}\"\\", "number": 1.5, "whole": 3, "big": 9_007_199_254_740_991_i64, "flag": false, "nothing": null,
        "when": {"__type": "Date", "iso": "2026-11-21T10:14:00.123Z"},
        "raw": {"__type": "Bytes", "base64": "aGVsbG8="},
        "place": {"__type": "GeoPoint", "latitude": 52.5, "longitude": 13.4},
        "area": {"__type": "Polygon", "coordinates": [[0, 0], [0, 1], [1, 1], [0, 0]]},
        "owner": {"__type": "Pointer", "className": "_User", "objectId": "u1"},
        "list": [1, "a", {"b": [true]}, {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"}, {"__type": "Pointer", "className": "A", "objectId": "x"}],
        "info": {"deep": {"when": {"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"}, "n": 1}},
    });
    let id = app.create(&As::Nobody, "Everything", sent.clone()).await;
    let mut stored = app
        .get(&As::Nobody, &format!("/classes/Everything/{id}"))
        .await
        .ok();
    let fields = stored.as_object_mut().unwrap();
    assert_eq!(fields.remove("objectId"), Some(json!(id)));
    assert_eq!(fields.remove("createdAt"), fields.remove("updatedAt"));
    assert_eq!(stored, sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_change_and_report() {
    let app = stock().await;
    let id = app
        .create(
            &As::Nobody,
            "A",
            json!({"n": 1, "tags": ["a"], "info": {"x": 1}, "gone": 1}),
        )
        .await;
    let path = format!("/classes/A/{id}");
    let answer = app
        .put(
            &As::Nobody,
            &path,
            json!({
                "n": {"__op": "Increment", "amount": 2.5}, "fresh": {"__op": "Increment", "amount": 1},
                "tags": {"__op": "AddUnique", "objects": ["a", "b"]}, "more": {"__op": "Add", "objects": [1, 1]},
                "gone": {"__op": "Delete"}, "title": "x", "info.x": {"__op": "Increment", "amount": 1},
            }),
        )
        .await
        .ok();
    assert_eq!(answer["n"], 3.5);
    assert_eq!(
        (&answer["fresh"], &answer["tags"], &answer["more"]),
        (&json!(1), &json!(["a", "b"]), &json!([1, 1]))
    );
    assert_eq!(answer["info"], json!({"x": 2}));
    assert!(answer.get("title").is_none() && answer["updatedAt"].is_string());
    let removed = app
        .put(
            &As::Nobody,
            &path,
            json!({"tags": {"__op": "Remove", "objects": ["a"]}}),
        )
        .await
        .ok();
    assert_eq!(removed["tags"], json!(["b"]));
    let stored = app.get(&As::Nobody, &path).await.ok();
    assert_eq!((stored.get("gone"), &stored["title"]), (None, &json!("x")));
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_on_a_new_object_report_their_result() {
    let app = stock().await;
    let created = app
        .post(
            &As::Nobody,
            "/classes/A",
            json!({"n": {"__op": "Increment", "amount": 2}, "l": {"__op": "Remove", "objects": [1]}, "d": {"__op": "Delete"}}),
        )
        .await;
    assert_eq!(created.status, 201);
    assert_eq!(
        (&created.body["n"], &created.body["l"], created.body.get("d")),
        (&json!(2), &json!([]), None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_keep_their_members() {
    let app = stock().await;
    let pointer = |id: &str| json!({"__type": "Pointer", "className": "B", "objectId": id});
    let ids = [
        app.create(&As::Nobody, "B", json!({"n": 1})).await,
        app.create(&As::Nobody, "B", json!({"n": 2})).await,
    ];
    let owner = app
        .create(
            &As::Nobody,
            "A",
            json!({"likes": {"__op": "AddRelation", "objects": [pointer(&ids[0]), pointer(&ids[0])]}}),
        )
        .await;
    let related = json!({"$relatedTo": {"object": {"__type": "Pointer", "className": "A", "objectId": owner}, "key": "likes"}});
    assert_eq!(app.find(&As::Nobody, "B", related.clone()).await.len(), 1);
    let edit = json!({"likes": {"__op": "Batch", "ops": [
        {"__op": "AddRelation", "objects": [pointer(&ids[1])]}, {"__op": "RemoveRelation", "objects": [pointer(&ids[0])]}]}});
    app.put(&As::Nobody, &format!("/classes/A/{owner}"), edit)
        .await
        .ok();
    let members = app.find(&As::Nobody, "B", related).await;
    assert_eq!((members.len(), &members[0]["objectId"]), (1, &json!(ids[1])));
    let owners = app
        .find(&As::Nobody, "A", json!({"likes": pointer(&ids[1])}))
        .await;
    assert_eq!(
        owners[0]["likes"],
        json!({"__type": "Relation", "className": "B"})
    );
    assert!(
        app.find(&As::Nobody, "A", json!({"likes": pointer(&ids[0])}))
            .await
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_another_type_is_refused_and_changes_nothing() {
    let app = stock().await;
    let id = app.create(&As::Nobody, "A", json!({"title": "x"})).await;
    let refused = app
        .put(
            &As::Nobody,
            &format!("/classes/A/{id}"),
            json!({"title": 5, "extra": 1}),
        )
        .await;
    assert_eq!(refused.refusal(), (400, 111));
    assert_eq!(
        refused.body["error"],
        "schema mismatch for A.title; expected String but got Number"
    );
    let added = app
        .mongo
        .database()
        .await
        .collection::<bson::Document>("_SCHEMA")
        .find_one(bson::doc! {"_id": "A"})
        .await
        .unwrap()
        .unwrap();
    assert!(!added.contains_key("extra"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_who_define_a_field_at_once_agree_on_its_type() {
    let app = stock().await;
    app.create(&As::Nobody, "A", json!({"seed": 1})).await;
    let writes = (0..20).map(|n| {
        let value = if n % 2 == 0 { json!("text") } else { json!(n) };
        app.post(&As::Nobody, "/classes/A", json!({ "contested": value }))
    });
    let answers = futures_util::future::join_all(writes).await;
    let accepted: Vec<Value> = app
        .find(&As::Nobody, "A", json!({"contested": {"$exists": true}}))
        .await;
    assert_eq!(
        accepted.len(),
        answers.iter().filter(|answer| answer.status == 201).count()
    );
    let kinds: std::collections::BTreeSet<bool> = accepted
        .iter()
        .map(|object| object["contested"].is_string())
        .collect();
    assert_eq!(kinds.len(), 1, "{accepted:?}");
    assert!(
        answers
            .iter()
            .filter(|answer| answer.status != 201)
            .all(|answer| answer.refusal() == (400, 111))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_objects_are_404_and_bad_names_400() {
    let app = stock().await;
    app.create(&As::Nobody, "A", json!({})).await;
    for answer in [
        app.get(&As::Nobody, "/classes/A/none").await,
        app.put(&As::Nobody, "/classes/A/none", json!({"a": 1})).await,
        app.delete(&As::Nobody, "/classes/A/none").await,
        app.delete(&As::Nobody, "/classes/Unknown/none").await,
    ] {
        assert_eq!(answer.refusal(), (404, 101));
    }
    assert_eq!(
        app.post(&As::Nobody, "/classes/1A", json!({})).await.refusal(),
        (400, 107)
    );
    assert_eq!(
        app.post(&As::Nobody, "/classes/A", json!({"_rperm": []}))
            .await
            .refusal(),
        (400, 105)
    );
    assert_eq!(
        app.post(&As::Nobody, "/classes/A", json!({"objectId": "mine"}))
            .await
            .refusal(),
        (400, 105)
    );
    assert_eq!(
        app.post(&As::Nobody, "/classes/A", json!({"createdAt": "2026-01-01"}))
            .await
            .refusal(),
        (400, 111)
    );
    assert_eq!(
        app.post(&As::Nobody, "/classes/A", json!({"a": {"$b": 1}}))
            .await
            .refusal(),
        (400, 121)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn acls_decide_who_reads_and_writes() {
    let app = stock().await;
    let (anna, as_anna) = app.user("anna").await;
    let (_, as_bert) = app.user("bert").await;
    let acl = json!({anna.clone(): {"read": true, "write": true}});
    let path = format!(
        "/classes/Diary/{}",
        app.create(&as_anna, "Diary", json!({"text": "x", "ACL": acl}))
            .await
    );
    for other in [&As::Nobody, &as_bert] {
        assert_eq!(app.get(other, &path).await.refusal(), (404, 101));
        assert_eq!(
            app.put(other, &path, json!({"text": "y"})).await.refusal(),
            (404, 101)
        );
        assert_eq!(app.delete(other, &path).await.refusal(), (404, 101));
        assert!(app.find(other, "Diary", json!({})).await.is_empty());
    }
    assert_eq!(app.get(&as_anna, &path).await.ok()["ACL"], acl);
    app.put(
        &as_anna,
        &path,
        json!({"ACL": {"*": {"read": true}, anna: {"write": true}}}),
    )
    .await
    .ok();
    assert_eq!(app.get(&As::Nobody, &path).await.status, 200);
    assert_eq!(
        app.put(&as_bert, &path, json!({"text": "y"})).await.refusal(),
        (404, 101)
    );
    app.delete(&As::Master, &path).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_gives_its_rights_to_its_members_and_its_childrens_members() {
    let app = stock().await;
    let (anna, as_anna) = app.user("anna").await;
    let (bert, as_bert) = app.user("bert").await;
    let role = |name: &str| json!({"name": name, "ACL": {"*": {"read": true}}});
    let staff = app.post(&As::Master, "/roles", role("Staff")).await.ok()["objectId"].clone();
    let admin = app.post(&As::Master, "/roles", role("Admin")).await.ok()["objectId"].clone();
    let add = |class: &str, id: &Value| json!({"__op": "AddRelation", "objects": [{"__type": "Pointer", "className": class, "objectId": id}]});
    let path = |id: &Value| format!("/roles/{}", id.as_str().unwrap());
    app.put(
        &As::Master,
        &path(&staff),
        json!({"users": add("_User", &json!(anna)), "roles": add("_Role", &admin)}),
    )
    .await
    .ok();
    app.put(
        &As::Master,
        &path(&admin),
        json!({"users": add("_User", &json!(bert)), "roles": add("_Role", &staff)}),
    )
    .await
    .ok();
    app.create(
        &As::Master,
        "Memo",
        json!({"ACL": {"role:Staff": {"read": true}}}),
    )
    .await;
    assert_eq!(app.find(&as_anna, "Memo", json!({})).await.len(), 1);
    assert_eq!(
        app.find(&as_bert, "Memo", json!({})).await.len(),
        1,
        "Admin is listed in Staff, and the cycle ends"
    );
    assert!(app.find(&As::Nobody, "Memo", json!({})).await.is_empty());
    app.put(&As::Master, &path(&staff), json!({"users": {"__op": "RemoveRelation", "objects": [{"__type": "Pointer", "className": "_User", "objectId": anna}]},
        "roles": {"__op": "RemoveRelation", "objects": [{"__type": "Pointer", "className": "_Role", "objectId": admin}]}})).await.ok();
    assert_eq!(
        app.find(&as_bert, "Memo", json!({})).await.len(),
        0,
        "bert is no longer Staff by way of Admin"
    );
    assert_eq!(
        app.post(&As::Nobody, "/roles", json!({"name": "NoAcl"}))
            .await
            .refusal(),
        (400, 111)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_in_order_each_on_its_own() {
    let app = stock().await;
    let id = app.create(&As::Nobody, "A", json!({"n": 1})).await;
    let answer = app
        .post(
            &As::Nobody,
            "/batch",
            json!({"requests": [
                {"method": "POST", "path": "/parse/classes/A", "body": {"n": 2}},
                {"method": "PUT", "path": format!("/parse/classes/A/{id}"), "body": {"n": "text"}},
                {"method": "GET", "path": format!("/parse/classes/A/{id}")},
                {"method": "DELETE", "path": format!("/parse/classes/A/{id}")},
                {"method": "GET", "path": "/parse/nothing"},
            ]}),
        )
        .await
        .ok();
    assert!(answer[0]["success"]["objectId"].is_string());
    assert_eq!(answer[1]["error"]["code"], 111);
    assert_eq!(answer[4]["error"]["code"], 107);
    for bad in [
        json!({"requests": 1}),
        json!({"requests": [{"method": "GET", "path": "/other/classes/A"}]}),
        json!({"requests": [{"method": "POST", "path": "/parse/batch", "body": {"requests": []}}]}),
    ] {
        assert_eq!(app.post(&As::Nobody, "/batch", bad).await.refusal(), (400, 107));
    }
}
