//! The table of all endpoints: who may call each, and a call that would work for whoever may.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Person};

/// What somebody is in an organization, from the least on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    Viewer,
    Member,
    Admin,
}

use Role::{Admin, Member, Viewer};

impl Role {
    pub const ALL: [Self; 3] = [Viewer, Member, Admin];

    /// The word in the database.
    pub fn word(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

/// Who may call an endpoint, and what the others get.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Door {
    /// Anybody.
    Open,
    /// Anybody signed in; they see their own things only.
    Own,
    /// As `Own`, but only with a session.
    OwnSession,
    /// Belongs to an organization: for others it does not exist, and in it a role needs to be at least this.
    Foreign(Role),
    /// Belongs to a person: for others it does not exist, and only a session opens it.
    ForeignSession,
    /// Takes another kind of token.
    Internal,
}

pub const TABLE: &[(&str, &str, Door)] = &[
    ("get", "/healthz", Door::Open),
    ("get", "/readyz", Door::Open),
    ("get", "/metrics", Door::Open),
    ("get", "/api/v1/openapi.json", Door::Open),
    ("post", "/api/v1/signup", Door::Open),
    ("post", "/api/v1/login", Door::Open),
    ("post", "/internal/v1/usage", Door::Internal),
    ("get", "/api/v1/session", Door::OwnSession),
    ("get", "/api/v1/sessions", Door::OwnSession),
    ("delete", "/api/v1/sessions/{id}", Door::ForeignSession),
    ("get", "/api/v1/tokens", Door::OwnSession),
    ("post", "/api/v1/tokens", Door::OwnSession),
    ("delete", "/api/v1/tokens/{id}", Door::ForeignSession),
    ("get", "/api/v1/regions", Door::Own),
    ("get", "/api/v1/audit", Door::Own),
    ("get", "/api/v1/apps", Door::Own),
    ("post", "/api/v1/apps", Door::Own),
    ("get", "/api/v1/apps/{id}", Door::Foreign(Viewer)),
    ("patch", "/api/v1/apps/{id}", Door::Foreign(Member)),
    ("delete", "/api/v1/apps/{id}", Door::Foreign(Admin)),
    ("post", "/api/v1/apps/{id}/undelete", Door::Foreign(Admin)),
    ("get", "/api/v1/apps/{id}/engine", Door::Foreign(Viewer)),
    ("put", "/api/v1/apps/{id}/engine", Door::Foreign(Admin)),
    ("post", "/api/v1/apps/{id}/pause", Door::Foreign(Admin)),
    ("post", "/api/v1/apps/{id}/resume", Door::Foreign(Admin)),
    ("get", "/api/v1/apps/{id}/keys", Door::Foreign(Viewer)),
    (
        "post",
        "/api/v1/apps/{id}/keys/master/reveal",
        Door::Foreign(Admin),
    ),
    (
        "post",
        "/api/v1/apps/{id}/keys/{kind}/rotate",
        Door::Foreign(Member),
    ),
    ("get", "/api/v1/apps/{id}/settings", Door::Foreign(Viewer)),
    ("patch", "/api/v1/apps/{id}/settings", Door::Foreign(Member)),
    ("get", "/api/v1/apps/{id}/usage", Door::Foreign(Viewer)),
    ("get", "/api/v1/apps/{id}/audit", Door::Foreign(Viewer)),
    // Last, for it ends the caller's session.
    ("post", "/api/v1/logout", Door::OwnSession),
];

/// What Ada owns.
pub struct Owned {
    pub app: String,
    pub session: String,
    pub token: String,
}

impl Owned {
    /// An app, a session and a token of hers.
    pub async fn by(ada: &Person) -> Self {
        let sessions = ada.get("/api/v1/sessions").await;
        Self {
            app: ada.create_app("Ada's secret shop").await,
            session: sessions.json["sessions"][0]["id"].as_str().unwrap().to_owned(),
            token: ada.create_token("Ada's token").await.0,
        }
    }

    /// All that somebody could have changed, as she sees it.
    pub async fn shown_to(&self, ada: &Person) -> Vec<Value> {
        let app = format!("/api/v1/apps/{}", self.app);
        let (keys, settings) = (format!("{app}/keys"), format!("{app}/settings"));
        let mut shown = Vec::new();
        for path in [
            app.as_str(),
            &keys,
            &settings,
            "/api/v1/tokens",
            "/api/v1/sessions",
        ] {
            let answer = ada.get(path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            shown.push(answer.json);
        }
        shown
    }

    fn path(&self, template: &str) -> String {
        let id = match template {
            _ if template.contains("/sessions/") => &self.session,
            _ if template.contains("/tokens/") => &self.token,
            _ => &self.app,
        };
        template.replace("{id}", id).replace("{kind}", "rest")
    }
}

/// A body that every endpoint would take, had the caller the right.
fn body(path: &str) -> Value {
    match path.rsplit('/').next().unwrap() {
        "signup" => json!({ "email": "eve@example.com", "password": PASSWORD, "organization": "Eve" }),
        "login" => json!({ "email": "bob@example.com", "password": PASSWORD }),
        "tokens" => json!({ "name": "x", "expires_in_days": 1 }),
        "apps" => json!({ "name": "Theirs", "region": "eu" }),
        "engine" => json!({ "engine": "dev", "replicas": { "min": 1 } }),
        "reveal" => json!({ "password": PASSWORD }),
        "settings" => json!({ "sessionLength": 60 }),
        "{id}" => json!({ "name": "Stolen" }),
        _ => json!({}),
    }
}

/// Status, error code and body of the answer.
pub async fn call(person: &Person, owned: &Owned, method: &str, template: &str) -> (u16, String, String) {
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    let mut request = person.request(method.clone(), &owned.path(template));
    if matches!(method, Method::POST | Method::PATCH | Method::PUT) {
        request = request.json(&body(template));
    }
    let answer = person.send(request).await;
    let (status, code) = answer.error();
    (status, code.to_owned(), answer.text)
}
