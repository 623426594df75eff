//! Asks a runtime how it is: `GET /parse/health` on its port.

use std::time::Duration;

use serde::Deserialize;

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

/// What a runtime says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub health: Health,
    /// Names the settings file in force; `None` until it serves.
    pub settings: Option<String>,
    /// The settings file that it does not take, if there is one.
    pub refused: Option<Refused>,
}

/// A settings file that is not in force because it cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Refused {
    pub hash: Option<String>,
    /// Options to correct.
    pub options: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Body {
    settings: Option<Settings>,
}

#[derive(Deserialize)]
struct Settings {
    refused: Option<Refused>,
}

impl Answer {
    fn silent() -> Self {
        Self {
            health: Health::Silent,
            settings: None,
            refused: None,
        }
    }
}

/// Asks whoever listens on `port` whether it is the runtime of `app` (its `X-Slipway-App` header), whether it is ready,
/// and with which settings.
pub async fn probe(client: &reqwest::Client, port: u16, app: &str) -> Answer {
    let url = format!("{}/health", runtime_settings::url(port));
    let Ok(answer) = client.get(url).send().await else {
        return Answer::silent();
    };
    let header = |name| answer.headers().get(name)?.to_str().ok().map(str::to_owned);
    if header("x-slipway-app").as_deref() != Some(app) {
        return Answer::silent();
    }
    let settings = header("x-slipway-settings");
    if !answer.status().is_success() {
        return Answer {
            health: Health::NotReady,
            settings,
            refused: None,
        };
    }
    let body: Body = answer.json().await.unwrap_or_default();
    Answer {
        health: Health::Ready,
        settings,
        refused: body.settings.and_then(|settings| settings.refused),
    }
}

/// A client for probes: no proxy, no waiting.
pub fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(1))
        .build()
}
