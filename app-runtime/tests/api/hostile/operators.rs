//! Operators of the database in every place where a request has a value. Each is refused or means nothing, and nobody
//! else's data shows or changes.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, App, As, answer, app, encode};

/// What would match everything, were it taken for a condition.
fn operators() -> Vec<Value> {
    vec![
        json!({"$ne": null}),
        json!({"$gt": ""}),
        json!({"$regex": "^"}),
        json!({"$in": ["anna", "vera"]}),
        json!({"$where": "sleep(5000) || true"}),
        json!({"$exists": true}),
        json!({"$not": {"$eq": "x"}}),
        json!({"__op": "Increment", "amount": 1}),
        json!(["vera"]),
    ]
}

/// An app with a user whose things nobody else may touch, and one who tries.
struct Scene {
    app: App,
    vera: As,
    anna: As,
    secret: String,
}

impl Scene {
    async fn new() -> Self {
        let app = app(|settings| {
            settings.allow_client_class_creation = true;
            settings.allow_custom_object_id = true;
        })
        .await;
        let (vera_id, vera) = app.user("vera").await;
        let (_, anna) = app.user("anna").await;
        let own = json!({"word": "hidden", "ACL": { vera_id: {"read": true, "write": true}}});
        let secret = app.create(&vera, "Diary", own).await;
        for device in ["one", "two"] {
            let body = json!({"installationId": device, "deviceType": "ios", "deviceToken": device});
            app.post(&As::Nobody, "/installations", body).await.ok();
        }
        Self {
            app,
            vera,
            anna,
            secret,
        }
    }

    /// Holds that Vera has what she had.
    async fn is_unharmed(&self) {
        let diary = self
            .app
            .get(&self.vera, &format!("/classes/Diary/{}", self.secret))
            .await
            .ok();
        assert_eq!(diary["word"], "hidden");
        let me = self.app.get(&self.vera, "/users/me").await.ok();
        assert_eq!(me["username"], "vera");
        let body = json!({"username": "vera", "password": "pw"});
        self.app.post(&As::Nobody, "/login", body).await.ok();
        assert_eq!(
            self.app.find(&As::Master, "_Installation", json!({})).await.len(),
            2
        );
    }
}

/// Holds that the answer is a refusal with a sentence, and that no foreign thing is in it.
fn is_refused(what: &str, answer: &Answer) {
    assert!((400..500).contains(&answer.status), "{what}: {answer:?}");
    assert!(answer.body["error"].is_string(), "{what}: {answer:?}");
    shows_nothing(what, answer);
}

fn shows_nothing(what: &str, answer: &Answer) {
    assert!(answer.status < 500, "{what}: {answer:?}");
    let text = answer.body.to_string();
    assert!(
        !text.contains("hidden") && !text.contains(r#""sessionToken":"#),
        "{what}: {text}"
    );
}

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

#[tokio::test(flavor = "multi_thread")]
async fn operators_in_values_pointers_and_lists_of_rights() {
    let scene = Scene::new().await;
    let known = scene.app.create(&scene.anna, "A", json!({"n": 1})).await;
    for operator in operators() {
        let pointer =
            |class: &Value, id: &Value| json!({"__type": "Pointer", "className": class, "objectId": id});
        let id = json!(known);
        for body in [
            json!({"to": pointer(&json!("Diary"), &operator)}),
            json!({"to": pointer(&operator, &id)}),
            json!({"many": {"__op": "AddRelation", "objects": [pointer(&json!("Diary"), &operator)]}}),
            json!({"many": {"__op": "AddRelation", "objects": operator}}),
            json!({"n": {"__op": "Increment", "amount": operator}}),
            json!({"list": {"__op": "Add", "objects": {"$each": operator}}}),
            json!({"n": {"__op": operator}}),
            json!({"at": {"__type": "Date", "iso": operator}}),
            json!({"place": {"__type": "GeoPoint", "latitude": operator, "longitude": 1}}),
            json!({"area": {"__type": "Polygon", "coordinates": operator}}),
            json!({"file": {"__type": "File", "name": operator}}),
            json!({"raw": {"__type": "Bytes", "base64": operator}}),
            json!({"typed": {"__type": operator}}),
            json!({ "ACL": [operator] }),
            json!({"ACL": {"u": operator["$in"]}}),
            json!({ "objectId": operator }),
            json!({"info": {"a": {"$set": operator}}}),
            json!({"$set": {"word": operator}}),
            json!({"info.$[]": operator}),
            json!({"_rperm": operator}),
        ] {
            is_refused(
                &body.to_string(),
                &scene.app.post(&scene.anna, "/classes/A", body.clone()).await,
            );
            if body.get("objectId").is_none() {
                let changed = scene
                    .app
                    .put(&scene.anna, &format!("/classes/A/{known}"), body.clone())
                    .await;
                is_refused(&body.to_string(), &changed);
            }
        }
        let rights = json!({"ACL": {"$ne": {"read": true}, "a.b": {"write": true}, "x": {"read": operator}}});
        shows_nothing("ACL", &scene.app.post(&scene.anna, "/classes/A", rights).await);
    }
    let kept = scene
        .app
        .get(&scene.anna, &format!("/classes/A/{known}"))
        .await
        .ok();
    assert_eq!(kept["n"], 1);
    scene.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_in_queries() {
    let scene = Scene::new().await;
    for operator in operators() {
        let mut clauses = vec![
            json!({"$where": operator}),
            json!({"$expr": operator}),
            json!({"$comment": operator}),
            json!({"$jsonSchema": operator}),
            json!({ "$or": {"0": operator} }),
            json!({"$relatedTo": {"object": operator, "key": "x"}}),
            json!({"word": {"$ne": operator}}),
            json!({"word": {"$in": [operator]}}),
            json!({"word": {"$elemMatch": operator}}),
            json!({"word": {"$not": operator}}),
            json!({"word": {"$size": 1, "$type": operator}}),
            json!({"word": {"$regex": operator}}),
            json!({"word": {"$regex": "x", "$options": operator}}),
            json!({"word": {"$exists": operator}}),
            json!({"to": {"$inQuery": {"className": operator, "where": {}}}}),
            json!({"to": {"$inQuery": {"className": "Diary", "where": {"$where": operator}}}}),
            json!({"word": {"$select": {"key": operator, "query": {"className": "Diary", "where": {}}}}}),
            json!({"word": {"$text": {"$search": {"$term": operator}}}}),
            json!({"word": {"a\u{0}": operator}}),
            json!({"place": {"$nearSphere": operator}}),
            json!({"place": {"$geoWithin": {"$centerSphere": [operator, 1]}}}),
            json!({"_rperm": operator}),
        ];
        // A list is a value that a literal or "not equal" may well have.
        if operator.is_array() || operator.get("__op").is_some() {
            clauses.retain(|clause| clause["word"].get("$ne").or(clause["word"].get("$in")).is_none());
        }
        for clause in clauses {
            let path = format!("/classes/Diary?where={}", encode(&clause.to_string()));
            is_refused(&clause.to_string(), &scene.app.get(&scene.anna, &path).await);
        }
        let text = encode(&operator.to_string());
        for name in [
            "limit",
            "skip",
            "order",
            "redirectClassNameForKey",
            "explain",
            "where",
            "unknown",
            "$where",
        ] {
            if name == "order" && operator.is_array() {
                continue;
            }
            let answer = scene
                .app
                .get(&scene.anna, &format!("/classes/Diary?{name}={text}"))
                .await;
            let is_field_list = name == "where" && operator.get("__op").is_some();
            if !is_field_list && name != "where" {
                is_refused(name, &answer);
            }
            shows_nothing(name, &answer);
        }
        for name in [
            "keys",
            "excludeKeys",
            "include",
            "includeAll",
            "count",
            "hint",
            "comment",
            "readPreference",
        ] {
            shows_nothing(
                name,
                &scene
                    .app
                    .get(&scene.anna, &format!("/classes/Diary?{name}={text}"))
                    .await,
            );
        }
    }
    scene.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_that_no_database_can_read() {
    let scene = Scene::new().await;
    for hint in [
        r#"{"a\u0000":1}"#,
        r#"{"$where":1}"#,
        r#"{"a":{"b":[1]}}"#,
        "[1]",
        "7",
        r#""no\u0000index""#,
        "{}",
    ] {
        let path = format!("/classes/Diary?hint={}", encode(hint));
        shows_nothing(hint, &scene.app.get(&scene.anna, &path).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_in_batches_and_paths() {
    let scene = Scene::new().await;
    for operator in operators() {
        for item in [
            json!({"method": "GET", "path": operator}),
            json!({"method": "POST", "path": "/parse/classes/A", "body": operator.to_string()}),
            json!({"method": operator, "path": "/parse/classes/Diary"}),
            json!({"method": "POST", "path": "/parse/login", "body": {"username": operator, "password": operator}}),
            json!({"method": "GET", "path": "/parse/classes/Diary", "body": {"where": {"$where": operator}}}),
        ] {
            let answer = scene
                .app
                .post(&scene.anna, "/batch", json!({ "requests": [item] }))
                .await;
            shows_nothing(&item.to_string(), &answer);
            assert!(
                answer.status == 400 || answer.body[0]["error"].is_object(),
                "{item} {answer:?}"
            );
        }
        shows_nothing(
            "requests",
            &scene
                .app
                .post(&scene.anna, "/batch", json!({ "requests": operator }))
                .await,
        );
    }
    for path in [
        "/classes/Diary%00",
        "/classes/$cmd",
        "/classes/system.users",
        "/classes/_Join:users:_Role",
        "/classes/..%2F..%2Fadmin",
        "/classes/Diary.$cmd",
        "/classes/%7B%22$ne%22:1%7D",
        "/classes/_User.chunks",
        "/classes/%FF%FE",
        "/aggregate/$cmd",
    ] {
        for method in [Method::GET, Method::POST] {
            let body = if method == Method::POST {
                json!({"word": 1})
            } else {
                Value::Null
            };
            is_refused(path, &scene.app.call(&scene.anna, method, path, body).await);
        }
    }
    scene.is_unharmed().await;
}
