//! Asks a runtime how it is: `GET /parse/health` on its port.

use std::time::Duration;

use super::runtime_settings;

/// What a port answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// The app serves.
    Ready,
    /// The app's runtime is there, but not ready: MongoDB is away, or it has only just started.
    NotReady,
    /// Nobody answers there, or not this app.
    Silent,
}

/// Asks whoever listens on `port` whether it is the runtime of `app` (its `X-Slipway-App` header) and
/// whether it is ready.
pub async fn probe(client: &reqwest::Client, port: u16, app: &str) -> Health {
    let url = format!("{}/health", runtime_settings::url(port));
    let Ok(answer) = client.get(url).send().await else {
        return Health::Silent;
    };
    if answer
        .headers()
        .get("x-slipway-app")
        .is_none_or(|id| id.as_bytes() != app.as_bytes())
    {
        return Health::Silent;
    }
    if answer.status().is_success() {
        Health::Ready
    } else {
        Health::NotReady
    }
}

/// A client for probes: no proxy, no waiting.
pub fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(1))
        .build()
}
