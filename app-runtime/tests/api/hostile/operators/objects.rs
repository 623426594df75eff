//! Operators in what is written: values, pointers, lists of rights, batches and paths.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Scene, is_refused, operators, shows_nothing};

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
