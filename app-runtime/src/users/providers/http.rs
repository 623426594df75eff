//! Calls to providers: bounded in time and size, never redirected, their answers never told to clients.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Certificate, Client, RequestBuilder, StatusCode};
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::protocol::error::{ParseError, ParseResult, code};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answers are key sets, of some tens of kilobytes.
const MAX_BODY_BYTES: usize = 512 * 1024;

/// A client for all providers of an app.
pub struct Http {
    /// An app without social login must also run where no certificates are installed, so this fails when it is used.
    client: Result<Client, String>,
}

/// What a provider answered.
pub struct Answer {
    pub is_success: bool,
    body: Vec<u8>,
}

impl Http {
    /// Trusts the system's certificate authorities and these (PEM), which the settings have checked.
    pub fn new(trusted: &[String]) -> Self {
        let certificates = trusted
            .iter()
            .filter_map(|pem| Certificate::from_pem_bundle(pem.as_bytes()).ok())
            .flatten();
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("slipway-runtime")
            .tls_certs_merge(certificates)
            .build()
            .map_err(|error| format!("{error:?}"));
        Self { client }
    }

    /// GET, with a bearer token if there is one.
    pub async fn get(&self, url: Url, bearer: Option<&str>) -> ParseResult<Answer> {
        let request = self.client()?.get(url).header(ACCEPT, "application/json");
        send(match bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }

    /// POST of a form, with an `Authorization` header if there is one.
    pub async fn post(
        &self,
        url: Url,
        form: &[(&str, &str)],
        authorization: Option<&str>,
    ) -> ParseResult<Answer> {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self
            .client()?
            .post(url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        send(match authorization {
            Some(value) => request.header(AUTHORIZATION, value),
            None => request,
        })
        .await
    }

    fn client(&self) -> ParseResult<&Client> {
        self.client.as_ref().map_err(|error| {
            tracing::error!(error, "no client for sign-in providers can be made");
            unreachable_provider()
        })
    }
}

async fn send(request: RequestBuilder) -> ParseResult<Answer> {
    read(request).await.map_err(|reason| {
        tracing::warn!(reason, "a sign-in provider does not answer properly");
        unreachable_provider()
    })
}

async fn read(request: RequestBuilder) -> Result<Answer, String> {
    // The address may hold a token: it stays out of the log.
    let failed = |error: reqwest::Error| format!("{:?}", error.without_url());
    let mut response = request.send().await.map_err(failed)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err("the answer is too large".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    if response.status().is_server_error() || response.status() == StatusCode::TOO_MANY_REQUESTS {
        return Err(format!("status {}", response.status()));
    }
    Ok(Answer {
        is_success: response.status().is_success(),
        body,
    })
}

impl Answer {
    /// The body of a success as JSON.
    pub fn json(&self) -> Option<Value> {
        self.is_success
            .then(|| serde_json::from_slice(&self.body).ok())
            .flatten()
    }

    /// The body of a success.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.is_success.then_some(&self.body)
    }

    /// The body of a success as a form.
    pub fn form(&self) -> Vec<(String, String)> {
        if self.is_success {
            url::form_urlencoded::parse(&self.body).into_owned().collect()
        } else {
            Vec::new()
        }
    }
}

/// 141: nothing is wrong with the request; the provider could not be asked.
pub fn unreachable_provider() -> ParseError {
    ParseError::new(
        code::SCRIPT_FAILED,
        "The sign-in provider cannot be reached right now. Try again in a moment.",
    )
}
