//! One sweep over every endpoint, as nobody, as another tenant, with a token of another tenant, and as every role of the
//! tenant. An endpoint that is not in the table fails the sweep: a new one cannot be forgotten.

use std::collections::BTreeSet;
use std::path::Path;

use control_plane::openapi;
use serde_json::Value;

use crate::endpoints::{Door, Owned, Role, TABLE, call};
use crate::support::Server;

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

/// Method and path of everything that `src/routes/mod.rs` registers, but for the pages of the documentation.
fn registered() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for function in include_str!("../../src/routes/mod.rs")
        .split("\nfn ")
        .flat_map(|text| text.split("\npub fn "))
    {
        let prefix = match function.split('(').next().unwrap() {
            "configure" | "reports" => "",
            "public" | "signed_in" | "apps" => "/api/v1",
            "documentation" => continue,
            other => {
                assert!(
                    !function.contains("resource(\""),
                    "{other} registers under an unknown prefix"
                );
                continue;
            }
        };
        for resource in function.split("resource(").skip(1) {
            let path = resource.trim_start().split('"').nth(1).unwrap();
            for method in ["get", "post", "put", "patch", "delete", "head"] {
                if resource.contains(&format!(".route({method}()")) {
                    found.insert((method.to_owned(), format!("{prefix}{path}")));
                }
            }
        }
    }
    found
}

/// Files below `folder` that register routes.
fn registering(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            registering(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            if [".route(", "web::resource(", "web::scope("]
                .iter()
                .any(|call| text.contains(call))
            {
                found.insert(path.display().to_string());
            }
        }
    }
}

#[test]
fn every_registered_route_is_in_the_table() {
    let table = TABLE
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(registered(), table);
    let mut files = BTreeSet::new();
    registering(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(
        files.len() == 1 && files.iter().all(|file| file.ends_with("src/routes/mod.rs")),
        "routes are registered in one file: {files:?}"
    );
}

#[tokio::test]
async fn no_endpoint_lets_a_stranger_in() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let owned = Owned::by(&ada).await;
    server.until_status(&ada, &owned.app, "ready").await;
    let script = bob.with_token(&bob.create_token("Bob's token").await.1);
    let before = owned.shown_to(&ada).await;

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
            Door::Foreign(_) => {
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
    assert_eq!(owned.shown_to(&ada).await, before, "nothing changed");
}

#[tokio::test]
async fn every_role_may_what_it_may_and_no_more() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let owned = Owned::by(&ada).await;
    let script = bob.with_token(&bob.create_token("Bob's token").await.1);
    server.until_status(&ada, &owned.app, "ready").await;
    let doors = TABLE.iter().filter_map(|&(method, template, door)| match door {
        Door::Foreign(least) => Some((method, template, least)),
        _ => None,
    });
    let doors: Vec<_> = doors.collect();

    let before = owned.shown_to(&ada).await;
    for role in Role::ALL {
        server.bob_becomes(&role.word()).await;
        for &(method, template, _) in doors.iter().filter(|door| role < door.2) {
            for caller in [&bob, &script] {
                let answer = call(caller, &owned, method, template).await;
                assert_eq!(
                    (answer.0, answer.1.as_str()),
                    (403, "forbidden"),
                    "{method} {template} as {role:?}: {answer:?}"
                );
            }
        }
    }
    assert_eq!(owned.shown_to(&ada).await, before, "nothing changed");

    for role in Role::ALL {
        server.bob_becomes(&role.word()).await;
        for &(method, template, _) in doors.iter().filter(|door| door.2 <= role) {
            let answer = call(&bob, &owned, method, template).await;
            assert_eq!(answer.0, 200, "{method} {template} as {role:?}: {answer:?}");
        }
    }
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
