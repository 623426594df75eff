//! A running app per test, and a client that speaks like one kind of caller.

use std::sync::Arc;
use std::time::Duration;

use app_runtime::settings::{Settings, Stage};
use app_runtime::startup::Runtime;
use bson::doc;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use test_kit::MongoDatabase;
use tokio_util::sync::CancellationToken;

/// An app served in this process on a database of its own. Stops when dropped.
pub struct App {
    pub url: String,
    pub mongo: Arc<MongoDatabase>,
    stop: CancellationToken,
    client: Client,
}

impl Drop for App {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Who a request comes from.
#[derive(Debug, Clone)]
pub enum As {
    Nobody,
    User(String),
    Master,
}

/// Status and body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// The body of a success; panics with the answer otherwise.
    pub fn ok(self) -> Value {
        assert!(self.status < 300, "{self:?}");
        self.body
    }

    /// HTTP status and Parse code of a refusal.
    pub fn refusal(&self) -> (u16, i64) {
        (self.status, self.body["code"].as_i64().unwrap_or_default())
    }
}

/// An app that behaves as a stock Parse Server in which clients may create classes.
pub async fn stock() -> App {
    app(|settings| settings.allow_client_class_creation = true).await
}

/// An app as the platform makes it: private by default, being built.
pub async fn building() -> App {
    app(|settings| {
        settings.allow_client_class_creation = true;
        settings.private_by_default = true;
        settings.stage = Stage::Building;
    })
    .await
}

/// An app with these settings.
pub async fn app(change: impl FnOnce(&mut Settings)) -> App {
    let mongo = test_kit::mongo().await;
    on(mongo, change).await
}

/// An app on this database.
pub async fn on(mongo: impl Into<Arc<MongoDatabase>>, change: impl FnOnce(&mut Settings)) -> App {
    let mongo = mongo.into();
    let mut settings = Settings::for_tests("app", mongo.uri());
    settings.enable_sanitized_error_response = false;
    change(&mut settings);
    let mount = settings.mount_path.clone();
    let runtime = Runtime::bind(settings).await.unwrap();
    let url = format!("http://{}{mount}", runtime.address());
    let stop = CancellationToken::new();
    tokio::spawn(runtime.serve(stop.clone()));
    let app = App {
        url,
        mongo,
        stop,
        client: Client::new(),
    };
    test_kit::wait_until(Duration::from_secs(20), "the app is ready", async || {
        app.is_ready().await
    })
    .await;
    app
}

impl App {
    async fn is_ready(&self) -> bool {
        let health = self.client.get(format!("{}/health", self.url)).send().await;
        health.is_ok_and(|answer| answer.status() == 200)
    }

    /// A request without credentials or body.
    pub fn raw(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// A request by headers, as native SDKs make them.
    pub async fn call(&self, who: &As, method: Method, path: &str, body: Value) -> Answer {
        let mut request = self.raw(method, path).header("X-Parse-Application-Id", "app");
        request = match who {
            As::Nobody => request,
            As::User(token) => request.header("X-Parse-Session-Token", token),
            As::Master => request.header("X-Parse-Master-Key", "master"),
        };
        if !body.is_null() {
            request = request.json(&body);
        }
        answer(request).await
    }

    pub async fn get(&self, who: &As, path: &str) -> Answer {
        self.call(who, Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, who: &As, path: &str, body: Value) -> Answer {
        self.call(who, Method::POST, path, body).await
    }

    pub async fn put(&self, who: &As, path: &str, body: Value) -> Answer {
        self.call(who, Method::PUT, path, body).await
    }

    pub async fn delete(&self, who: &As, path: &str) -> Answer {
        self.call(who, Method::DELETE, path, Value::Null).await
    }

    /// Creates an object and returns its id.
    pub async fn create(&self, who: &As, class: &str, fields: Value) -> String {
        let created = self.post(who, &format!("/classes/{class}"), fields).await.ok();
        created["objectId"].as_str().unwrap().to_owned()
    }

    /// The results of a find, with this where-clause.
    pub async fn find(&self, who: &As, class: &str, clause: Value) -> Vec<Value> {
        let path = format!("/classes/{class}?where={}", encode(&clause.to_string()));
        self.get(who, &path).await.ok()["results"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// Signs a new user up; returns their id and themselves as a caller.
    pub async fn user(&self, name: &str) -> (String, As) {
        let user = self
            .post(&As::Nobody, "/users", json!({"username": name, "password": "pw"}))
            .await
            .ok();
        let text = |field: &str| user[field].as_str().unwrap().to_owned();
        (text("objectId"), As::User(text("sessionToken")))
    }
}

/// Sends and reads.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    Answer {
        status,
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }
}

/// Percent-encodes a query value.
pub fn encode(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// The stored documents of a class.
pub async fn rows(app: &App, class: &str) -> mongodb::Collection<bson::Document> {
    app.mongo.database().await.collection(class)
}

/// An app whose queries end after 300 ms, with a class `A` that keeps a query busy for longer when it is asked for this.
pub async fn app_with_slow_rows() -> (App, Value) {
    let app = app(|settings| {
        settings.allow_client_class_creation = true;
        settings.query_timeout = Some(Duration::from_millis(300));
    })
    .await;
    app.create(&As::Nobody, "A", json!({"text": "b"})).await;
    let text = "a".repeat(2_000) + "!";
    let slow = (0..5_000).map(|n| doc! { "_id": n.to_string(), "text": &text });
    rows(&app, "A").await.insert_many(slow).await.unwrap();
    (app, json!({"text": {"$regex": "^(?:(a+)+|(a|aa)+)+$"}}))
}
