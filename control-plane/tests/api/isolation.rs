//! One sweep over every endpoint of the OpenAPI document, as nobody, as another tenant, and with a token of
//! another tenant. An endpoint that is not in the table fails the sweep: a new one cannot be forgotten.

use std::collections::BTreeSet;

use control_plane::openapi;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, Server};

/// Who may call an endpoint, and what the others get.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Door {
    /// Anybody.
    Open,
    /// Anybody signed in; they see their own things only.
    Own,
    /// As `Own`, but only with a session.
    OwnSession,
    /// Belongs to somebody: for others it does not exist.
    Foreign,
    /// As `Foreign`, but only with a session.
    ForeignSession,
    /// Takes another kind of token.
    Internal,
}

const TABLE: &[(&str, &str, Door)] = &[
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
    ("get", "/api/v1/apps/{id}", Door::Foreign),
    ("patch", "/api/v1/apps/{id}", Door::Foreign),
    ("delete", "/api/v1/apps/{id}", Door::Foreign),
    ("post", "/api/v1/apps/{id}/undelete", Door::Foreign),
    ("get", "/api/v1/apps/{id}/engine", Door::Foreign),
    ("put", "/api/v1/apps/{id}/engine", Door::Foreign),
    ("post", "/api/v1/apps/{id}/pause", Door::Foreign),
    ("post", "/api/v1/apps/{id}/resume", Door::Foreign),
    ("get", "/api/v1/apps/{id}/keys", Door::Foreign),
    ("post", "/api/v1/apps/{id}/keys/master/reveal", Door::Foreign),
    ("post", "/api/v1/apps/{id}/keys/{kind}/rotate", Door::Foreign),
    ("get", "/api/v1/apps/{id}/settings", Door::Foreign),
    ("patch", "/api/v1/apps/{id}/settings", Door::Foreign),
    ("get", "/api/v1/apps/{id}/usage", Door::Foreign),
    ("get", "/api/v1/apps/{id}/audit", Door::Foreign),
    // Last, for it ends the caller's session.
    ("post", "/api/v1/logout", Door::OwnSession),
];

#[test]
fn every_endpoint_of_the_document_is_in_the_table() {
    let document: Value = serde_json::from_str(&openapi::document()).unwrap();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            documented.insert((method.clone(), path.clone()));
        }
    }
    let table = TABLE
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(documented, table);
}

/// What Ada owns.
struct Owned {
    app: String,
    session: String,
    token: String,
}

impl Owned {
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

async fn call(person: &Person, owned: &Owned, method: &str, template: &str) -> (u16, String, String) {
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    let mut request = person.request(method.clone(), &owned.path(template));
    if matches!(method, Method::POST | Method::PATCH | Method::PUT) {
        request = request.json(&body(template));
    }
    let answer = person.send(request).await;
    let (status, code) = answer.error();
    (status, code.to_owned(), answer.text)
}

#[tokio::test]
async fn no_endpoint_lets_a_stranger_in() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let owned = Owned {
        app: ada.create_app("Ada's secret shop").await,
        session: ada.get("/api/v1/sessions").await.json["sessions"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned(),
        token: ada.create_token("Ada's token").await.0,
    };
    let script = bob.with_token(&bob.create_token("Bob's token").await.1);
    let keys = ada.get(&format!("/api/v1/apps/{}/keys", owned.app)).await;

    for &(method, template, door) in TABLE {
        let nobody = call(&server.nobody(), &owned, method, template).await;
        let what = format!("{method} {template}");
        if door == Door::Open {
            assert!([200, 201].contains(&nobody.0), "{what}: {nobody:?}");
            continue;
        }
        let token = call(&script, &owned, method, template).await;
        let session = call(&bob, &owned, method, template).await;
        match door {
            Door::Internal => {
                for answer in [&nobody, &token, &session] {
                    assert_eq!(
                        (answer.0, answer.1.as_str()),
                        (401, "invalid_usage_token"),
                        "{what}"
                    );
                }
            }
            _ => assert_eq!((nobody.0, nobody.1.as_str()), (401, "not_signed_in"), "{what}"),
        }
        let session_only = matches!(door, Door::OwnSession | Door::ForeignSession);
        if session_only {
            assert_eq!((token.0, token.1.as_str()), (403, "forbidden"), "{what}");
        }
        match door {
            Door::Own | Door::OwnSession => {
                assert!((200..300).contains(&session.0), "{what}: {session:?}");
                assert!(session_only || (200..300).contains(&token.0), "{what}: {token:?}");
            }
            Door::Foreign => {
                assert_eq!((session.0, session.1.as_str()), (404, "not_found"), "{what}");
                assert_eq!((token.0, token.1.as_str()), (404, "not_found"), "{what}");
            }
            Door::ForeignSession => assert_eq!((session.0, session.1.as_str()), (404, "not_found"), "{what}"),
            Door::Open | Door::Internal => {}
        }
        for (_, _, text) in [&nobody, &token, &session] {
            assert!(
                !text.contains("Ada's") && !text.contains(&owned.app),
                "{what} tells of Ada: {text}"
            );
        }
    }
    assert_eq!(
        ada.get(&format!("/api/v1/apps/{}/keys", owned.app)).await.json,
        keys.json,
        "nothing changed"
    );
    assert_eq!(
        ada.get("/api/v1/tokens").await.json["tokens"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn one_tenants_audit_and_lists_do_not_show_anothers() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    ada.create_app("Ada's secret shop").await;
    for path in [
        "/api/v1/apps",
        "/api/v1/audit",
        "/api/v1/apps?include_deleted=true",
    ] {
        let answer = bob.get(path).await;
        assert_eq!(answer.status, 200);
        assert!(
            !answer.text.contains("Ada") && !answer.text.contains("ada@"),
            "{path}: {}",
            answer.text
        );
    }
}
