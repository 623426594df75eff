//! Credentials: verifying passwords, logging in for others, lockout, password rules, renewing sessions.

mod lockout;
mod log_in;
mod passwords;
mod renewal;

use bson::{Document, doc};
use serde_json::json;

use crate::support::{Answer, App, As, rows};

async fn log_in(app: &App, name: &str, password: &str) -> Answer {
    let credentials = json!({"username": name, "password": password});
    app.post(&As::Nobody, "/login", credentials).await
}

async fn row(app: &App, class: &str, filter: Document) -> Document {
    rows(app, class).await.find_one(filter).await.unwrap().unwrap()
}

async fn set(app: &App, class: &str, filter: Document, fields: Document) {
    let result = rows(app, class)
        .await
        .update_one(filter, doc! { "$set": fields })
        .await
        .unwrap();
    assert_eq!(result.matched_count, 1);
}

fn error(answer: &Answer) -> &str {
    answer.body["error"].as_str().unwrap_or_default()
}
