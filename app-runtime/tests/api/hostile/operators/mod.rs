//! Operators of the database in every place where a request has a value. Each is refused or means nothing, and nobody
//! else's data shows or changes.

mod identity;
mod objects;
mod queries;

use serde_json::{Value, json};

use crate::support::{Answer, App, As, app};

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
