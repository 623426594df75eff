//! Sessions.

use serde_json::{Value, json};

use crate::support::{App, As, answer, app, stock};

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_logout() {
    let app = stock().await;
    let (anna, as_anna) = app.user("anna").await;
    assert_eq!(app.get(&as_anna, "/users/me").await.ok()["objectId"], json!(anna));
    assert_eq!(app.post(&as_anna, "/logout", json!({})).await.ok(), json!({}));
    for path in ["/users/me", "/classes/A", "/sessions/me"] {
        assert_eq!(app.get(&as_anna, path).await.refusal(), (400, 209), "{path}");
    }
    assert_eq!(app.post(&As::Nobody, "/logout", json!({})).await.ok(), json!({}));
    assert_eq!(app.get(&As::Nobody, "/users/me").await.refusal(), (400, 209));
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_their_own_sessions_only() {
    let app = stock().await;
    let (anna, as_anna) = app.user("anna").await;
    let (_, as_bert) = app.user("bert").await;
    let own = app.get(&as_anna, "/sessions").await.ok()["results"].clone();
    assert_eq!(own.as_array().unwrap().len(), 1);
    assert_eq!(own[0]["user"]["objectId"], json!(anna));
    assert_eq!(
        own[0]["createdWith"],
        json!({"action": "signup", "authProvider": "password"})
    );
    let path = format!("/sessions/{}", own[0]["objectId"].as_str().unwrap());
    assert_eq!(app.get(&as_bert, &path).await.refusal(), (404, 101));
    assert_eq!(
        app.put(&as_bert, &path, json!({"note": "x"})).await.refusal(),
        (404, 101)
    );
    assert_eq!(app.delete(&as_bert, &path).await.refusal(), (404, 101));
    for path in ["/sessions", "/classes/_Session"] {
        assert_eq!(app.get(&As::Nobody, path).await.refusal(), (400, 209), "{path}");
    }
    app.delete(&as_anna, &path).await.ok();
    assert_eq!(app.get(&as_anna, "/users/me").await.refusal(), (400, 209));
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_32742_what_makes_a_session_is_not_the_clients_to_set() {
    let app = stock().await;
    let (anna, as_anna) = app.user("anna").await;
    let own = app.get(&as_anna, "/sessions/me").await.ok();
    let path = format!("/sessions/{}", own["objectId"].as_str().unwrap());
    for (field, value) in [
        ("sessionToken", json!("r:mine")),
        ("sessionToken", Value::Null),
        (
            "expiresAt",
            json!({"__type": "Date", "iso": "2099-01-01T00:00:00.000Z"}),
        ),
        ("createdWith", json!({"action": "master"})),
        ("createdWith.action", json!("master")),
        (
            "user",
            json!({"__type": "Pointer", "className": "_User", "objectId": "other"}),
        ),
        ("installationId", json!({"__op": "Delete"})),
        ("ACL", json!({})),
    ] {
        let refused = app.put(&as_anna, &path, json!({ field: value })).await;
        assert_eq!(refused.refusal(), (400, 105), "cve_2026_32742 {field}");
    }
    app.put(&as_anna, &path, json!({"note": "mine"})).await.ok();
    let made = app
        .post(
            &as_anna,
            "/sessions",
            json!({"sessionToken": "r:mine", "createdWith": {"action": "x"}, "note": "y"}),
        )
        .await;
    assert_eq!(
        (made.status, &made.body["createdWith"]),
        (201, &json!({"action": "create"}))
    );
    let second = As::User(made.body["sessionToken"].as_str().unwrap().into());
    let session = app.get(&second, "/sessions/me").await.ok();
    assert_eq!(
        (&session["createdWith"], &session["user"]["objectId"]),
        (&json!({"action": "create"}), &json!(anna))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_session_is_refused() {
    let app = app(|settings| settings.session_length = std::time::Duration::ZERO).await;
    let (_, as_anna) = app.user("anna").await;
    let refused = app.get(&as_anna, "/users/me").await;
    assert_eq!(
        (refused.refusal(), &refused.body["error"]),
        ((400, 209), &json!("Session token is expired."))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_has_one_session_of_a_user() {
    let app = stock().await;
    app.user("anna").await;
    let login = || async {
        let request = app
            .raw(reqwest::Method::POST, "/login")
            .header("X-Parse-Application-Id", "app");
        let request = request
            .header("X-Parse-Installation-Id", "phone")
            .json(&json!({"username": "anna", "password": "pw"}));
        As::User(
            answer(request).await.ok()["sessionToken"]
                .as_str()
                .unwrap()
                .into(),
        )
    };
    let (first, second) = (login().await, login().await);
    assert_eq!(app.get(&first, "/users/me").await.refusal(), (400, 209));
    assert_eq!(
        app.get(&second, "/sessions/me").await.ok()["installationId"],
        "phone"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2022_39225_nobody_writes_a_session_of_somebody_else() {
    let app = stock().await;
    let (anna, as_anna) = app.user("anna").await;
    let (_, as_bert) = app.user("bert").await;
    let session = app.get(&as_anna, "/sessions/me").await.ok();
    let id = session["objectId"].as_str().unwrap();
    let pointer = json!({"__type": "Pointer", "className": "_User", "objectId": anna});
    for path in [format!("/sessions/{id}"), format!("/classes/_Session/{id}")] {
        for body in [
            json!({"note": "x"}),
            json!({}),
            json!({"user": pointer, "note": "x"}),
        ] {
            let refused = app.put(&as_bert, &path, body.clone()).await;
            assert!(refused.status >= 400, "{path} {body}: {refused:?}");
        }
        assert_eq!(
            app.put(&As::Nobody, &path, json!({"note": "x"})).await.refusal(),
            (400, 209)
        );
    }
    let made = app
        .post(&as_bert, "/sessions", json!({"user": pointer}))
        .await
        .ok();
    let mine = As::User(made["sessionToken"].as_str().unwrap().into());
    assert_ne!(app.get(&mine, "/users/me").await.ok()["objectId"], json!(anna));
    assert_eq!(app.get(&as_anna, "/sessions/me").await.ok().get("note"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_33527_and_34574_null_is_no_way_to_set_what_makes_a_session() {
    let app = stock().await;
    let (_, as_anna) = app.user("anna").await;
    let own = app.get(&as_anna, "/sessions/me").await.ok();
    let path = format!("/sessions/{}", own["objectId"].as_str().unwrap());
    let fields = [
        "sessionToken",
        "expiresAt",
        "createdWith",
        "user",
        "installationId",
    ];
    for field in fields {
        for value in [Value::Null, json!({"__op": "Delete"}), json!(0), json!("")] {
            let refused = app.put(&as_anna, &path, json!({ field: value })).await;
            assert_eq!(refused.refusal(), (400, 105), "{field} {value}");
        }
    }
    for field in fields {
        let made = app.post(&as_anna, "/sessions", json!({ field: null })).await.ok();
        let second = As::User(made["sessionToken"].as_str().unwrap().into());
        let session = app.get(&second, "/sessions/me").await.ok();
        assert_eq!(session["createdWith"], json!({"action": "create"}), "{field}");
        assert!(
            session["expiresAt"]["iso"].is_string() && session["user"]["objectId"].is_string(),
            "{field}"
        );
    }
    assert_eq!(
        app.get(&as_anna, "/sessions/me").await.ok()["expiresAt"],
        own["expiresAt"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_39381_protected_fields_of_a_session_stay_hidden_at_sessions_me() {
    let app = app(|settings| {
        let hidden = std::collections::BTreeMap::from([("*".to_owned(), vec!["note".to_owned()])]);
        settings.protected_fields.insert("_Session".to_owned(), hidden);
    })
    .await;
    let (_, as_anna) = app.user("anna").await;
    let id = app.get(&as_anna, "/sessions/me").await.ok()["objectId"].clone();
    let path = format!("/sessions/{}", id.as_str().unwrap());
    app.put(&As::Master, &path, json!({"note": "hidden"})).await.ok();
    assert_eq!(app.get(&As::Master, &path).await.ok()["note"], "hidden");
    for path in ["/sessions/me", &path, "/sessions"] {
        let shown = app.get(&as_anna, path).await.ok();
        assert!(!shown.to_string().contains("hidden"), "{path}: {shown}");
    }
}

/// Requests that bring these fields to sessions of a user: by changing one, and by making one.
async fn bring(app: &App, who: &As, fields: Value) -> [(u16, i64); 2] {
    let own = app.get(who, "/sessions/me").await.ok();
    let path = format!("/sessions/{}", own["objectId"].as_str().unwrap());
    [
        app.put(who, &path, fields.clone()).await.refusal(),
        app.post(who, "/sessions", fields).await.refusal(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_sessions_are_only_added_by_those_who_may_add_them() {
    let app = stock().await;
    let (_, as_anna) = app.user("anna").await;
    assert_eq!(
        bring(&app, &as_anna, json!({"known": 1})).await,
        [(200, 0), (201, 0)]
    );
    let anybody = json!({"*": true});
    let closed = json!({"classLevelPermissions": {
        "find": anybody, "get": anybody, "create": anybody, "update": anybody, "delete": anybody, "addField": {},
    }});
    app.put(&As::Master, "/schemas/_Session", closed).await.ok();
    assert_eq!(
        bring(&app, &as_anna, json!({"fresh": 1})).await,
        [(400, 119), (400, 119)]
    );
    assert_eq!(
        bring(&app, &as_anna, json!({"known": 2})).await,
        [(200, 0), (201, 0)]
    );
    let class = app.get(&As::Master, "/schemas/_Session").await.ok();
    assert_eq!(class["fields"].get("fresh"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_have_no_more_fields_than_other_classes() {
    let app = stock().await;
    let (_, as_anna) = app.user("anna").await;
    let many: serde_json::Map<String, Value> = (0..1_000).map(|n| (format!("f{n}"), json!(n))).collect();
    assert_eq!(
        bring(&app, &as_anna, Value::Object(many)).await,
        [(400, 105), (400, 105)]
    );
    let class = app.get(&As::Master, "/schemas/_Session").await.ok();
    assert_eq!(class["fields"].get("f0"), None);
}
