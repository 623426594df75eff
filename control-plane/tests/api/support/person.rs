//! Somebody who calls the API: nobody, a person with a session, or a script with a token.

use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

use super::Server;

/// Strong enough for every sign-up.
pub const PASSWORD: &str = "otter violin granite march";

/// A caller with their credentials.
#[derive(Clone)]
pub struct Person {
    pub http: reqwest::Client,
    pub base: String,
    pub cookie: Option<String>,
    pub csrf: Option<String>,
    pub token: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// Null when the body is not JSON.
    pub json: Value,
}

impl Answer {
    async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self {
            status,
            headers,
            text,
            json,
        }
    }

    /// Status and error code, for comparing.
    pub fn error(&self) -> (u16, &str) {
        (
            self.status,
            self.json["error"]["code"].as_str().unwrap_or("no error"),
        )
    }

    /// What is wrong with a field.
    pub fn field(&self, name: &str) -> &str {
        self.json["error"]["fields"][name].as_str().unwrap_or_default()
    }

    /// A header as text; empty when missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    /// The session token the answer sets.
    pub fn session_cookie(&self) -> Option<String> {
        let cookie = self.header("set-cookie").strip_prefix("slipway_session=")?;
        cookie.split(';').next().map(str::to_owned)
    }
}

impl Person {
    pub fn nobody(server: &Server) -> Self {
        Self {
            http: server.http.clone(),
            base: server.base.clone(),
            cookie: None,
            csrf: None,
            token: None,
        }
    }

    /// The same browser after signing in.
    pub fn signed_in(&self, answer: &Answer) -> Self {
        let csrf = answer.json["csrf_token"].as_str().map(str::to_owned);
        Self {
            cookie: answer.session_cookie(),
            csrf,
            ..self.clone()
        }
    }

    /// A script that holds the token, and nothing else.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            cookie: None,
            csrf: None,
            ..self.clone()
        }
    }

    /// A request with this person's credentials, to be completed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("slipway_session={cookie}"));
        }
        if let Some(csrf) = &self.csrf {
            request = request.header("x-csrf-token", csrf);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        request
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::of(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PUT, path).json(&body)).await
    }

    /// A POST under an `Idempotency-Key`.
    pub async fn post_once(&self, key: &str, path: &str, body: Value) -> Answer {
        Answer::of(
            self.request(Method::POST, path)
                .header("idempotency-key", key)
                .json(&body),
        )
        .await
    }

    pub async fn sign_up(&self, email: &str) -> Answer {
        let body = json!({ "email": email, "password": PASSWORD, "organization": "Analytical Engines" });
        self.post("/api/v1/signup", body).await
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Answer {
        self.post("/api/v1/login", json!({ "email": email, "password": password }))
            .await
    }

    /// Makes an app and returns its id.
    pub async fn create_app(&self, name: &str) -> String {
        let answer = self
            .post("/api/v1/apps", json!({ "name": name, "region": "eu" }))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json["app"]["id"].as_str().unwrap().to_owned()
    }

    /// Makes a token and returns its id and its secret.
    pub async fn create_token(&self, name: &str) -> (String, String) {
        let answer = self
            .post("/api/v1/tokens", json!({ "name": name, "expires_in_days": 30 }))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let text = |key: &str| answer.json[key].as_str().unwrap().to_owned();
        (text("id"), text("token"))
    }
}
