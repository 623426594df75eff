//! Class-level permissions, those of fields that lead to users, and protected fields (reference sections 5.2 to 5.4).

use serde_json::{Value, json};

use crate::support::{App, As, stock};

const MASTER: As = As::Master;

fn pointer(user: &str) -> Value {
    json!({"__type": "Pointer", "className": "_User", "objectId": user})
}

/// An app with a class `Note` of two owners, and these permissions.
async fn notes(permissions: Value) -> (App, [(String, As); 2], [String; 2]) {
    let app = stock().await;
    let users = [app.user("anna").await, app.user("bert").await];
    let note = |owner: &str, text: &str| json!({"text": text, "secret": text, "owner": pointer(owner), "readers": [pointer(owner)]});
    let ids = [
        app.create(&MASTER, "Note", note(&users[0].0, "a")).await,
        app.create(&MASTER, "Note", note(&users[1].0, "b")).await,
    ];
    app.put(
        &MASTER,
        "/schemas/Note",
        json!({ "classLevelPermissions": permissions }),
    )
    .await
    .ok();
    (app, users, ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_read_what_points_at_them() {
    for permissions in [
        json!({"readUserFields": ["owner"]}),
        json!({"readUserFields": ["readers"]}),
        json!({"find": {"pointerFields": ["owner"]}, "get": {"pointerFields": ["readers"]}, "count": {"pointerFields": ["owner"]}}),
    ] {
        let (app, [(_, anna), _], [hers, his]) = notes(permissions).await;
        let found = app.find(&anna, "Note", json!({})).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["text"], "a");
        assert_eq!(
            app.get(&anna, "/classes/Note?count=1&limit=0").await.ok()["count"],
            1
        );
        app.get(&anna, &format!("/classes/Note/{hers}")).await.ok();
        assert_eq!(
            app.get(&anna, &format!("/classes/Note/{his}")).await.refusal(),
            (404, 101)
        );
        assert!(app.find(&As::Nobody, "Note", json!({})).await.is_empty());
        assert_eq!(
            app.get(&As::Nobody, &format!("/classes/Note/{hers}"))
                .await
                .refusal(),
            (404, 101)
        );
        let other = app.find(&anna, "Note", json!({"objectId": his})).await;
        assert!(other.is_empty());
        let or = app
            .find(&anna, "Note", json!({"$or": [{"text": "a"}, {"text": "b"}]}))
            .await;
        assert_eq!(or.len(), 1, "an alternative does not widen what is granted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_change_what_points_at_them_and_create_nothing() {
    let (app, [(_, anna), _], [hers, his]) = notes(json!({"writeUserFields": ["owner"]})).await;
    app.put(
        &anna,
        &format!("/classes/Note/{hers}"),
        json!({"text": "c", "fresh": 1}),
    )
    .await
    .ok();
    for (path, body) in [(&his, json!({"text": "c"})), (&his, json!({"other": 1}))] {
        let refused = app.put(&anna, &format!("/classes/Note/{path}"), body).await;
        assert_eq!(refused.refusal(), (404, 101));
    }
    assert_eq!(
        app.delete(&anna, &format!("/classes/Note/{his}")).await.refusal(),
        (404, 101)
    );
    assert_eq!(
        app.post(&anna, "/classes/Note", json!({"text": "d"}))
            .await
            .refusal(),
        (400, 119)
    );
    assert_eq!(
        app.put(
            &As::Nobody,
            &format!("/classes/Note/{hers}"),
            json!({"text": "e"})
        )
        .await
        .refusal(),
        (404, 101)
    );
    app.delete(&anna, &format!("/classes/Note/{hers}")).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_acl_still_counts_where_a_pointer_grants() {
    let (app, [(_, anna), _], [hers, _]) =
        notes(json!({"readUserFields": ["owner"], "writeUserFields": ["owner"]})).await;
    app.put(&MASTER, &format!("/classes/Note/{hers}"), json!({"ACL": {}}))
        .await
        .ok();
    assert!(app.find(&anna, "Note", json!({})).await.is_empty());
    let refused = app
        .put(&anna, &format!("/classes/Note/{hers}"), json!({"text": "x"}))
        .await;
    assert_eq!(refused.refusal(), (404, 101));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_included_class_keeps_its_pointer_permissions() {
    let (app, [(_, anna), _], [hers, his]) = notes(json!({"readUserFields": ["owner"]})).await;
    for id in [&hers, &his] {
        let note = json!({"__type": "Pointer", "className": "Note", "objectId": id});
        app.create(&MASTER, "Link", json!({ "note": note })).await;
    }
    let found = app.get(&anna, "/classes/Link?include=note").await.ok();
    let texts: Vec<_> = found["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|link| link["note"]["text"].as_str())
        .collect();
    assert_eq!(texts, ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_shows_protected_fields_to_the_users_it_names() {
    let permissions = json!({
        "find": {"*": true}, "get": {"*": true},
        "protectedFields": {"*": ["secret", "text"], "userField:owner": ["text"], "userField:readers": ["text"]},
    });
    let (app, [(_, anna), _], [hers, his]) = notes(permissions).await;
    for query in ["", "&keys=secret,text"] {
        let path = format!("/classes/Note?order=createdAt{query}");
        let found = app.get(&anna, &path).await.ok();
        let [own, other] = found["results"].as_array().unwrap().as_slice() else {
            panic!("{found}")
        };
        assert_eq!(
            (&own["secret"], &own["text"]),
            (&json!("a"), &Value::Null),
            "{query}"
        );
        assert_eq!((&other["secret"], &other["text"]), (&Value::Null, &Value::Null));
    }
    let keyed = app
        .get(&anna, &format!("/classes/Note/{hers}?keys=secret"))
        .await
        .ok();
    assert_eq!((&keyed["secret"], &keyed["owner"]), (&json!("a"), &Value::Null));
    let other = app.get(&anna, &format!("/classes/Note/{his}")).await.ok();
    assert_eq!(other["secret"], Value::Null);
    let nobody = app.get(&As::Nobody, &format!("/classes/Note/{hers}")).await.ok();
    assert_eq!(nobody["secret"], Value::Null);
    let probe = app.get(&anna, "/classes/Note?order=secret").await;
    assert_eq!(probe.refusal(), (400, 119), "what may be hidden is no sort key");
}
