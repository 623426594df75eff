//! Sign-up, login and changing users.

use serde_json::json;

use crate::support::{As, app, stock};

#[tokio::test(flavor = "multi_thread")]
async fn signing_up_and_in_by_name_and_by_address() {
    let app = stock().await;
    let created = app
        .post(
            &As::Nobody,
            "/users",
            json!({"username": "Anna", "password": "pw", "email": "anna@example.org"}),
        )
        .await;
    assert_eq!(created.status, 201);
    assert!(created.body["sessionToken"].as_str().unwrap().starts_with("r:"));
    assert!(created.body.get("password").is_none() && created.body.get("username").is_none());
    for credentials in [
        json!({"username": "Anna", "password": "pw"}),
        json!({"username": "anna@example.org", "password": "pw"}),
        json!({"email": "anna@example.org", "password": "pw"}),
    ] {
        let user = app.post(&As::Nobody, "/login", credentials).await.ok();
        assert_eq!(
            (&user["username"], &user["email"]),
            (&json!("Anna"), &json!("anna@example.org"))
        );
        assert!(user.get("_hashed_password").is_none() && user.get("password").is_none());
    }
    let by_query = app
        .get(&As::Nobody, "/login?username=Anna&password=pw")
        .await
        .ok();
    assert!(by_query["sessionToken"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_be_wrong_at_login_looks_the_same() {
    let app = stock().await;
    app.user("anna").await;
    for credentials in [
        json!({"username": "anna", "password": "other"}),
        json!({"username": "nobody", "password": "pw"}),
        json!({"username": "ANNA", "password": "pw"}),
        json!({"username": {"$regex": "a"}, "password": "pw"}),
        json!({"username": "anna", "password": {"$ne": 1}}),
        json!({"username": "anna", "email": "other@example.org", "password": "pw"}),
    ] {
        let answer = app.post(&As::Nobody, "/login", credentials.clone()).await;
        assert_eq!(
            (answer.refusal(), &answer.body["error"]),
            ((404, 101), &json!("Invalid username/password.")),
            "{credentials}"
        );
    }
    assert_eq!(
        app.post(&As::Nobody, "/login", json!({"password": "pw"}))
            .await
            .refusal(),
        (400, 200)
    );
    assert_eq!(
        app.post(&As::Nobody, "/login", json!({"username": "anna"}))
            .await
            .refusal(),
        (400, 201)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_addresses_are_unique_in_any_case() {
    let app = stock().await;
    app.post(
        &As::Nobody,
        "/users",
        json!({"username": "anna", "password": "pw", "email": "a@example.org"}),
    )
    .await
    .ok();
    for (body, code) in [
        (json!({"username": "ANNA", "password": "pw"}), 202),
        (
            json!({"username": "other", "password": "pw", "email": "A@example.org"}),
            203,
        ),
        (
            json!({"username": "other", "password": "pw", "email": "nonsense"}),
            125,
        ),
        (json!({"username": "", "password": "pw"}), 200),
        (json!({"username": 5, "password": "pw"}), 200),
        (json!({"username": "other"}), 201),
        (json!({"username": "other", "password": 5}), 201),
        (
            json!({"username": "other", "password": "pw", "emailVerified": true}),
            119,
        ),
        (
            json!({"username": "other", "password": "pw", "_hashed_password": "x"}),
            105,
        ),
    ] {
        assert_eq!(
            app.post(&As::Nobody, "/users", body.clone()).await.refusal(),
            (400, code),
            "{body}"
        );
    }
    let (_, as_other) = app.user("other").await;
    let me = app.get(&as_other, "/users/me").await.ok()["objectId"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        app.put(&as_other, &format!("/users/{me}"), json!({"username": "Anna"}))
            .await
            .refusal(),
        (400, 202)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_sign_ups_of_one_name_one_wins() {
    let app = stock().await;
    let attempts = (0..8).map(|_| {
        app.post(
            &As::Nobody,
            "/users",
            json!({"username": "anna", "password": "pw"}),
        )
    });
    let answers = futures_util::future::join_all(attempts).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(
        answers
            .iter()
            .filter(|answer| answer.status != 201)
            .all(|answer| answer.refusal() == (400, 202))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_user_comes_back_and_grows_up() {
    let app = stock().await;
    let auth = json!({"authData": {"anonymous": {"id": "device-1"}}});
    let first = app.post(&As::Nobody, "/users", auth.clone()).await;
    assert_eq!(
        (first.status, first.body["username"].as_str().unwrap().len()),
        (201, 25)
    );
    let again = app.post(&As::Nobody, "/users", auth.clone()).await;
    assert_eq!(
        (again.status, &again.body["objectId"]),
        (200, &first.body["objectId"])
    );
    assert_eq!(again.body["authData"], auth["authData"]);

    let as_guest = As::User(again.body["sessionToken"].as_str().unwrap().into());
    let path = format!("/users/{}", first.body["objectId"].as_str().unwrap());
    let upgrade = json!({"username": "anna", "password": "pw", "authData": {"anonymous": null}});
    let answer = app.put(&as_guest, &path, upgrade).await.ok();
    let as_anna = As::User(answer["sessionToken"].as_str().unwrap().into());
    let anna = app.get(&as_anna, &path).await.ok();
    assert_eq!((&anna["username"], anna.get("authData")), (&json!("anna"), None));
    assert_eq!(
        app.post(&As::Nobody, "/users", auth).await.status,
        201,
        "the device id is free again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_identities_are_refused() {
    let app = stock().await;
    app.post(
        &As::Nobody,
        "/users",
        json!({"authData": {"anonymous": {"id": "device-1"}}}),
    )
    .await
    .ok();
    for (auth, code) in [
        (json!({"anonymous": {"id": {"$regex": "^d"}}}), 162),
        (json!({"anonymous": {"id": ""}}), 162),
        (json!({"anonymous": {}}), 162),
        (json!({"unheard": {"id": "1"}}), 252),
        (json!({}), 200),
        (json!({"anonymous": null}), 200),
        (json!("x"), 252),
    ] {
        assert_eq!(
            app.post(&As::Nobody, "/users", json!({ "authData": auth }))
                .await
                .refusal(),
            (400, code),
            "{auth}"
        );
    }
    let closed = crate::support::app(|settings| settings.enable_anonymous_users = false).await;
    let refused = closed
        .post(
            &As::Nobody,
            "/users",
            json!({"authData": {"anonymous": {"id": "x"}}}),
        )
        .await;
    assert_eq!(refused.refusal(), (400, 252));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_oneself_and_the_owner_change_a_user() {
    let app = stock().await;
    let (anna, as_anna) = app.user("anna").await;
    let (_, as_bert) = app.user("bert").await;
    let path = format!("/users/{anna}");
    for other in [&As::Nobody, &as_bert] {
        assert_eq!(
            app.put(other, &path, json!({"nick": "x"})).await.refusal(),
            (400, 206)
        );
        assert_eq!(app.delete(other, &path).await.refusal(), (400, 206));
        assert_eq!(
            app.put(other, &format!("/classes/_User/{anna}"), json!({"nick": "x"}))
                .await
                .refusal(),
            (400, 206)
        );
    }
    app.put(&as_anna, &path, json!({"nick": "x", "ACL": {}}))
        .await
        .ok();
    assert_eq!(
        app.get(&as_anna, &path).await.ok()["nick"],
        "x",
        "one cannot lock oneself out"
    );
    app.delete(&as_anna, &path).await.ok();
    assert_eq!(app.get(&as_anna, "/users/me").await.refusal(), (400, 209));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_all_sessions_and_starts_one() {
    let app = stock().await;
    let (anna, as_anna) = app.user("anna").await;
    let elsewhere = app
        .post(
            &As::Nobody,
            "/login",
            json!({"username": "anna", "password": "pw"}),
        )
        .await
        .ok();
    let answer = app
        .put(&as_anna, &format!("/users/{anna}"), json!({"password": "new"}))
        .await
        .ok();
    for stale in [
        as_anna,
        As::User(elsewhere["sessionToken"].as_str().unwrap().into()),
    ] {
        assert_eq!(app.get(&stale, "/users/me").await.refusal(), (400, 209));
    }
    let fresh = As::User(answer["sessionToken"].as_str().unwrap().into());
    assert_eq!(app.get(&fresh, "/users/me").await.ok()["objectId"], json!(anna));
    assert_eq!(
        app.post(
            &As::Nobody,
            "/login",
            json!({"username": "anna", "password": "pw"})
        )
        .await
        .status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_starts_a_session_also_where_it_ends_none() {
    let app = app(|settings| settings.revoke_session_on_password_reset = false).await;
    let (anna, as_anna) = app.user("anna").await;
    let path = format!("/users/{anna}");
    let answer = app.put(&as_anna, &path, json!({"password": "new"})).await.ok();
    let fresh = As::User(answer["sessionToken"].as_str().unwrap().into());
    for session in [&as_anna, &fresh] {
        assert_eq!(app.get(session, "/users/me").await.ok()["objectId"], json!(anna));
    }
    let by_owner = app
        .put(&As::Master, &path, json!({"password": "newer"}))
        .await
        .ok();
    assert_eq!(by_owner["sessionToken"], json!(null));
    let name = app.put(&fresh, &path, json!({"username": "anna-2"})).await.ok();
    assert_eq!(name["sessionToken"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2024_47183_custom_ids_cannot_pose_as_roles() {
    let app = app(|settings| settings.allow_custom_object_id = true).await;
    let sign_up = |id: serde_json::Value| {
        app.post(
            &As::Nobody,
            "/users",
            json!({"username": "anna", "password": "pw", "objectId": id}),
        )
    };
    for (id, code) in [("role:Admin", 119), ("a$b", 105), ("*", 105)] {
        assert_eq!(
            sign_up(json!(id)).await.refusal(),
            (400, code),
            "cve_2024_47183 {id}"
        );
    }
    assert_eq!(sign_up(json!("")).await.refusal(), (400, 104));
    assert_eq!(sign_up(json!("anna-1")).await.ok()["objectId"], "anna-1");
}
