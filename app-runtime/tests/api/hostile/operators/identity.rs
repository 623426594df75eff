//! Operators in what says who somebody is: names, passwords, keys, tokens, devices and sessions.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Scene, is_refused, operators, shows_nothing};
use crate::support::{As, answer, encode};

#[tokio::test(flavor = "multi_thread")]
async fn operators_in_what_signs_in() {
    let scene = Scene::new().await;
    for operator in operators() {
        for (path, body) in [
            ("/login", json!({"username": operator, "password": "pw"})),
            ("/login", json!({"username": "vera", "password": operator})),
            ("/login", json!({"email": operator, "password": "pw"})),
            ("/login", json!({"username": operator, "password": operator})),
            (
                "/verifyPassword",
                json!({"username": operator, "password": operator}),
            ),
            ("/users", json!({"username": operator, "password": "pw"})),
            ("/users", json!({"username": "new", "password": operator})),
            (
                "/users",
                json!({"username": "new", "password": "pw", "email": operator}),
            ),
            ("/users", json!({"authData": {"anonymous": {"id": operator}}})),
            ("/users", json!({"authData": {"anonymous": operator}})),
            ("/users", json!({ "authData": operator })),
            ("/users", json!({"authData": {"$ne": {"id": "x"}}})),
            (
                "/challenge",
                json!({"username": operator, "password": operator, "challengeData": operator}),
            ),
        ] {
            let what = format!("{path} {body}");
            is_refused(&what, &scene.app.post(&As::Nobody, path, body).await);
        }
        let text = encode(&operator.to_string());
        let path = format!("/login?username={text}&password={text}");
        is_refused(&path, &scene.app.get(&As::Nobody, &path).await);
        let path = "/loginAs";
        let body = json!({ "userId": operator });
        is_refused(
            &body.to_string(),
            &scene.app.post(&As::Master, path, body.clone()).await,
        );
    }
    scene.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_in_credentials() {
    let scene = Scene::new().await;
    for operator in operators() {
        for body in [
            json!({"_ApplicationId": operator}),
            json!({"_ApplicationId": "app", "_SessionToken": operator}),
            json!({"_ApplicationId": "app", "_MasterKey": operator}),
            json!({"_ApplicationId": "app", "_JavaScriptKey": operator}),
            json!({"_ApplicationId": "app", "_InstallationId": operator}),
            json!({"_ApplicationId": "app", "_method": operator}),
        ] {
            let request = scene
                .app
                .raw(Method::POST, "/classes/Diary")
                .body(body.to_string());
            is_refused(&body.to_string(), &answer(request).await);
        }
        let text = operator.to_string();
        for header in [
            "X-Parse-Session-Token",
            "X-Parse-Application-Id",
            "X-Parse-Master-Key",
            "X-Parse-Installation-Id",
        ] {
            let request = scene
                .app
                .raw(Method::GET, "/classes/Diary")
                .header("X-Parse-Application-Id", "app");
            shows_nothing(header, &answer(request.header(header, &text)).await);
        }
    }
    scene.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_in_what_names_devices_and_sessions() {
    let scene = Scene::new().await;
    for operator in operators() {
        for body in [
            json!({"installationId": operator, "deviceType": "ios"}),
            json!({"deviceToken": operator, "deviceType": "ios"}),
            json!({"installationId": "one", "deviceType": operator}),
            json!({"installationId": "new", "deviceToken": operator, "deviceType": "ios"}),
            json!({"installationId": "new", "deviceType": "ios", "deviceToken": "one", "appIdentifier": operator}),
            json!({"objectId": operator, "installationId": "new", "deviceType": "ios"}),
        ] {
            for path in ["/installations", "/classes/_Installation"] {
                is_refused(
                    &body.to_string(),
                    &scene.app.post(&As::Nobody, path, body.clone()).await,
                );
            }
        }
        let text = encode(&operator.to_string());
        for path in ["classes/Diary", "users", "installations", "sessions", "roles"] {
            for method in [Method::GET, Method::PUT, Method::DELETE] {
                let body = if method == Method::PUT {
                    json!({"word": "x"})
                } else {
                    Value::Null
                };
                let what = format!("{method} /{path}/{text}");
                is_refused(
                    &what,
                    &scene
                        .app
                        .call(&scene.anna, method, &format!("/{path}/{text}"), body)
                        .await,
                );
            }
        }
        for body in [
            json!({"restricted": operator}),
            json!({"sessionToken": operator}),
            json!({"user": operator}),
        ] {
            shows_nothing(
                &body.to_string(),
                &scene.app.put(&scene.anna, "/sessions/me", body.clone()).await,
            );
        }
    }
    scene.is_unharmed().await;
}
