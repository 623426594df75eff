//! Installations: one row per device, whatever it sends (reference section 6.8).

use serde_json::{Value, json};

use crate::support::{App, As, app, stock};
use app_runtime::settings::{DuplicateAction, MergePriority};

const MASTER: As = As::Master;

async fn save(app: &App, body: Value) -> (u16, Value) {
    let saved = app.post(&As::Nobody, "/installations", body).await;
    (saved.status, saved.body)
}

async fn rows(app: &App) -> Vec<Value> {
    let found = app.get(&MASTER, "/installations?order=createdAt").await.ok();
    found["results"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_comes_again_keeps_its_row() {
    let app = stock().await;
    let (status, made) = save(&app, json!({"installationId": "ABC", "deviceType": "ios"})).await;
    assert_eq!(status, 201);
    let token = "A".repeat(64);
    let (status, again) = save(&app, json!({"installationId": "abc", "deviceToken": token})).await;
    assert_eq!((status, again["updatedAt"].is_string()), (200, true));
    let rows = rows(&app).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (
            &rows[0]["objectId"],
            &rows[0]["installationId"],
            &rows[0]["deviceToken"]
        ),
        (&made["objectId"], &json!("abc"), &json!("a".repeat(64)))
    );
    assert_eq!(app.get(&As::Nobody, "/installations").await.refusal(), (400, 119));
    let path = format!("/installations/{}", made["objectId"].as_str().unwrap());
    assert_eq!(app.get(&As::Nobody, &path).await.status, 200);
    assert_eq!(app.delete(&As::Nobody, &path).await.refusal(), (400, 119));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_identifies_a_device_is_required_and_stays() {
    let app = stock().await;
    assert_eq!(save(&app, json!({"deviceType": "ios"})).await.1["code"], 135);
    assert_eq!(save(&app, json!({"installationId": "a"})).await.1["code"], 135);
    let (_, made) = save(&app, json!({"installationId": "a", "deviceType": "ios"})).await;
    let path = format!("/installations/{}", made["objectId"].as_str().unwrap());
    for body in [json!({"installationId": "b"}), json!({"deviceType": "android"})] {
        assert_eq!(
            app.put(&As::Nobody, &path, body.clone()).await.refusal(),
            (400, 136),
            "{body}"
        );
    }
    let (_, bare) = save(&app, json!({"deviceToken": "t", "deviceType": "ios"})).await;
    let bare = format!("/installations/{}", bare["objectId"].as_str().unwrap());
    assert_eq!(
        app.put(&As::Nobody, &bare, json!({"deviceToken": "u"}))
            .await
            .refusal(),
        (400, 136)
    );
    app.put(
        &As::Nobody,
        &path,
        json!({"channels": {"__op": "AddUnique", "objects": ["news"]}}),
    )
    .await
    .ok();
    assert_eq!(
        app.put(&As::Nobody, "/installations/none", json!({"deviceToken": "x"}))
            .await
            .refusal(),
        (404, 101)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_moved_leaves_the_other_installations() {
    let app = stock().await;
    save(
        &app,
        json!({"installationId": "a", "deviceToken": "t", "deviceType": "ios"}),
    )
    .await;
    save(
        &app,
        json!({"installationId": "b", "deviceToken": "t", "deviceType": "ios"}),
    )
    .await;
    let left = rows(&app).await;
    assert_eq!((left.len(), &left[0]["installationId"]), (1, &json!("b")));
    save(
        &app,
        json!({"installationId": "c", "deviceToken": "u", "deviceType": "ios"}),
    )
    .await;
    save(&app, json!({"installationId": "b", "deviceToken": "u"})).await;
    let left = rows(&app).await;
    assert_eq!((left.len(), &left[0]["deviceToken"]), (1, &json!("u")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_the_token_alone_merges_with_that_of_the_installation() {
    for (priority, action, expected) in [
        (MergePriority::DeviceToken, DuplicateAction::Delete, 1),
        (MergePriority::InstallationId, DuplicateAction::Delete, 1),
        (MergePriority::DeviceToken, DuplicateAction::Update, 2),
    ] {
        let app = app(|settings| {
            settings.installation.merge_priority = priority;
            settings.installation.action = action;
        })
        .await;
        let (_, by_id) = save(&app, json!({"installationId": "a", "deviceType": "ios"})).await;
        let (_, by_token) = save(&app, json!({"deviceToken": "t", "deviceType": "ios"})).await;
        let (status, _) = save(
            &app,
            json!({"installationId": "a", "deviceToken": "t", "deviceType": "ios"}),
        )
        .await;
        assert_eq!(status, 200);
        let rows = rows(&app).await;
        let kept = if priority == MergePriority::DeviceToken {
            by_token
        } else {
            by_id
        };
        let row = rows
            .iter()
            .find(|row| row["objectId"] == kept["objectId"])
            .unwrap();
        assert_eq!(
            (&row["installationId"], &row["deviceToken"]),
            (&json!("a"), &json!("t"))
        );
        assert_eq!(rows.len(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_100631_no_value_that_finds_rows_is_an_operator() {
    let app = stock().await;
    for name in ["a", "b", "c"] {
        save(
            &app,
            json!({"installationId": name, "deviceToken": name, "deviceType": "ios"}),
        )
        .await;
    }
    for body in [
        json!({"installationId": "x", "deviceToken": {"$ne": null}, "deviceType": "ios"}),
        json!({"installationId": {"$ne": "x"}, "deviceToken": "a", "deviceType": "ios"}),
        json!({"installationId": "x", "deviceToken": "a", "appIdentifier": {"$ne": "y"}, "deviceType": "ios"}),
        json!({"installationId": "x", "deviceToken": ["a", "b"], "deviceType": "ios"}),
        json!({"installationId": "x", "deviceToken": 5, "deviceType": "ios"}),
        json!({"installationId": "x", "deviceToken": "a", "deviceType": {"$gt": ""}}),
    ] {
        for path in ["/installations", "/classes/_Installation"] {
            let refused = app.post(&As::Nobody, path, body.clone()).await;
            assert_eq!(refused.refusal(), (400, 111), "{body}");
        }
    }
    assert_eq!(rows(&app).await.len(), 3, "nobody lost their device");
}
