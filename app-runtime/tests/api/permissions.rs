//! Class-level permissions, those of fields that lead to users, and protected fields (reference sections 5.2 to 5.4).

use serde_json::{Value, json};

use crate::support::{App, As, app, stock};

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

/// An app that hides `secret` of notes and `phone` of users, answers to a save included.
async fn discreet(owners_are_exempt: bool) -> App {
    app(|settings| {
        settings.allow_client_class_creation = true;
        settings.protected_fields_save_response_exempt = false;
        settings.protected_fields_owner_exempt = owners_are_exempt;
        for (class, field) in [("Note", "secret"), ("_User", "phone"), ("_Installation", "badge")] {
            let hidden = [("*".to_owned(), vec![field.to_owned()])];
            settings.protected_fields.insert(class.into(), hidden.into());
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_shows_no_protected_field_where_the_app_says_so() {
    let app = discreet(true).await;
    let add =
        json!({"secret": {"__op": "Increment", "amount": 1}, "open": {"__op": "Increment", "amount": 1}});
    let shown = |answer: Value| (answer["secret"].clone(), answer["open"].clone());
    let created = app.post(&As::Nobody, "/classes/Note", add.clone()).await.ok();
    let path = format!("/classes/Note/{}", created["objectId"].as_str().unwrap());
    assert_eq!(shown(created), (Value::Null, json!(1)));
    let batch = json!({"requests": [{"method": "PUT", "path": format!("/parse{path}"), "body": add}]});
    let batched = app.post(&As::Nobody, "/batch", batch).await.ok();
    assert_eq!(shown(batched[0]["success"].clone()), (Value::Null, json!(2)));
    let updated = app.put(&As::Nobody, &path, add.clone()).await.ok();
    assert!(updated["updatedAt"].is_string());
    assert_eq!(shown(updated), (Value::Null, json!(3)));
    let owners = app.put(&MASTER, &path, add).await.ok();
    assert_eq!(shown(owners), (json!(4), json!(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_of_devices_and_users_is_as_discreet() {
    for owners_are_exempt in [true, false] {
        let app = discreet(owners_are_exempt).await;
        let count = |field: &str| json!({ field: {"__op": "Increment", "amount": 1} });
        let mut device = count("badge");
        device["installationId"] = json!("one");
        device["deviceType"] = json!("ios");
        for round in ["made", "known"] {
            let saved = app.post(&As::Nobody, "/installations", device.clone()).await.ok();
            assert_eq!(saved["badge"], Value::Null, "{round}");
        }
        let mut user = count("phone");
        user["username"] = json!("anna");
        user["password"] = json!("pw");
        let made = app.post(&As::Nobody, "/users", user).await.ok();
        assert_eq!(made["phone"], Value::Null);
        let anna = As::User(made["sessionToken"].as_str().unwrap().into());
        let path = format!("/users/{}", made["objectId"].as_str().unwrap());
        let own = app.put(&anna, &path, count("phone")).await.ok();
        let expected = if owners_are_exempt { json!(2) } else { Value::Null };
        assert_eq!(own["phone"], expected, "as users see of themselves");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_shows_what_it_made_of_protected_fields_by_default() {
    let app = app(|settings| {
        settings.allow_client_class_creation = true;
        let hidden = [("*".to_owned(), vec!["secret".to_owned()])];
        settings.protected_fields.insert("Note".into(), hidden.into());
    })
    .await;
    let add = json!({"secret": {"__op": "Increment", "amount": 1}});
    let created = app.post(&As::Nobody, "/classes/Note", add).await.ok();
    assert_eq!(created["secret"], 1);
}
