//! A signed-in caller of a control plane, over HTTP as everybody.
#![allow(dead_code, reason = "not every test binary does everything")]

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// A person with a console session.
pub struct Person {
    base: String,
    client: Client,
    cookie: String,
    csrf: String,
}

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "plumage-orbit-7-lantern";

impl Person {
    pub async fn sign_up(base: &str) -> Self {
        let body = json!({ "email": EMAIL, "password": PASSWORD, "organization": "Analytical" });
        Self::enter(base, "signup", body).await
    }

    pub async fn log_in(base: &str) -> Self {
        Self::enter(base, "login", json!({ "email": EMAIL, "password": PASSWORD })).await
    }

    async fn enter(base: &str, how: &str, body: Value) -> Self {
        let client = client();
        let answer = client
            .post(format!("{base}/api/v1/{how}"))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert!(
            answer.status().is_success(),
            "{how}: {}",
            answer.text().await.unwrap()
        );
        let cookie = answer.headers()["set-cookie"]
            .to_str()
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let body: Value = answer.json().await.unwrap();
        let csrf = body["csrf_token"].as_str().unwrap().to_owned();
        Self {
            base: base.to_owned(),
            client,
            cookie,
            csrf,
        }
    }

    /// Sends a request and returns status and JSON body.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let request = self.client.request(method, format!("{}/api/v1{path}", self.base));
        let request = request
            .header("cookie", &self.cookie)
            .header("x-csrf-token", &self.csrf);
        let request = if let Some(body) = body {
            request.json(&body)
        } else {
            request
        };
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    /// Creates an app and returns its id.
    pub async fn create_app(&self, name: &str) -> String {
        let body = json!({ "name": name, "region": "eu" });
        let (status, answer) = self.send(Method::POST, "/apps", Some(body)).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        answer["app"]["id"].as_str().unwrap().to_owned()
    }

    /// The app as the API shows it.
    pub async fn app(&self, id: &str) -> Value {
        self.send(Method::GET, &format!("/apps/{id}"), None).await.1["app"].clone()
    }

    /// Waits until the app's status is `status` and returns the app.
    pub async fn until_status(&self, id: &str, status: &str) -> Value {
        let mut last = Value::Null;
        test_kit::wait_until(super::PATIENCE, &format!("app {id} is {status}"), async || {
            last = self.app(id).await;
            last["status"] == status
        })
        .await;
        last
    }
}

pub fn client() -> Client {
    test_kit::install_crypto_provider();
    Client::builder().no_proxy().build().unwrap()
}
