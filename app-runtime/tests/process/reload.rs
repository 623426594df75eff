//! Settings that change while the server runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use nix::sys::signal::Signal;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use test_kit::{mongo, wait_until};

use crate::runtime::{DEADLINE, Runtime, options};

async fn in_force(runtime: &Runtime, hash: &str) {
    wait_until(DEADLINE, "the new settings are in force", async || {
        let health = runtime.health().await;
        health.is_some_and(|answer| answer.headers()["x-slipway-settings"] == hash)
    })
    .await;
}

async fn told(runtime: &Runtime) -> Value {
    let answer = runtime.health().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json::<Value>().await.unwrap()["settings"].clone()
}

async fn until_told(runtime: &Runtime, wanted: Value) {
    wait_until(DEADLINE, "the health check tells of the settings", async || {
        told(runtime).await == wanted
    })
    .await;
}

fn with_key(runtime: &Runtime, key: &str) -> RequestBuilder {
    let request = runtime.client.get(runtime.url("/classes/Note"));
    request
        .header("X-Parse-Application-Id", "notes")
        .header("X-Parse-REST-API-Key", key)
}

#[tokio::test]
async fn new_key_works_at_sighup_the_old_one_no_more_and_the_process_stays() {
    let database = mongo().await;
    let runtime = Runtime::ready(&options(database.uri(), json!({}))).await;
    let instance = runtime.health().await.unwrap().headers()["x-slipway-instance"].clone();
    assert_eq!(with_key(&runtime, "rest").send().await.unwrap().status(), 200);
    assert_eq!(with_key(&runtime, "next").send().await.unwrap().status(), 403);

    let hash = runtime.rewrite(&options(database.uri(), json!({"restAPIKey": "next"})));
    runtime.signal(Signal::SIGHUP);
    in_force(&runtime, &hash).await;
    assert_eq!(with_key(&runtime, "rest").send().await.unwrap().status(), 403);
    assert_eq!(with_key(&runtime, "next").send().await.unwrap().status(), 200);
    assert_eq!(told(&runtime).await, Value::Null);
    let health = runtime.health().await.unwrap();
    assert_eq!(health.headers()["x-slipway-instance"], instance);
    assert!(
        runtime.log().contains("changed=\"restAPIKey\""),
        "{}",
        runtime.log()
    );
}

#[tokio::test]
async fn suspended_app_turns_everybody_away_but_whoever_asks_for_its_health() {
    let database = mongo().await;
    let runtime = Runtime::ready(&options(database.uri(), json!({}))).await;
    let reason = "This app is paused by its owner.";
    let hash = runtime.rewrite(&options(database.uri(), json!({"suspended": reason})));
    in_force(&runtime, &hash).await;
    for path in ["/classes/Note", "/users", "/nothing"] {
        let request = runtime
            .client
            .get(runtime.url(path))
            .header("Origin", "https://app.example");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PAYMENT_REQUIRED, "{path}");
        assert_eq!(
            answer.headers()["access-control-allow-origin"],
            "*",
            "a browser may read why"
        );
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body, json!({"code": 402, "error": reason}));
    }
    let hash = runtime.rewrite(&options(database.uri(), json!({})));
    in_force(&runtime, &hash).await;
    assert_eq!(with_key(&runtime, "rest").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn file_behind_a_symbolic_link_is_taken_up_without_a_signal() {
    let database = mongo().await;
    let runtime = Runtime::ready(&options(database.uri(), json!({}))).await;
    let instance = runtime.health().await.unwrap().headers()["x-slipway-instance"].clone();
    // As the kubelet keeps a mounted secret: the file is a link through `..data`, which leads to another folder from one
    // moment to the next; then the folder before is removed.
    let file = runtime.settings_file();
    let folder = file.parent().unwrap();
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, folder.join("..data_tmp")).unwrap();
        std::fs::rename(folder.join("..data_tmp"), folder.join(name)).unwrap();
    };
    for (round, key) in ["mount", "swap1", "swap2"].into_iter().enumerate() {
        let mut document = options(database.uri(), json!({ "restAPIKey": key }));
        document["port"] = runtime.port.into();
        let (now, before) = (format!("..{round}"), format!("..{}", round.wrapping_sub(1)));
        std::fs::create_dir(folder.join(&now)).unwrap();
        std::fs::write(folder.join(&now).join("settings.json"), document.to_string()).unwrap();
        link(&now, "..data");
        match round {
            0 => link("..data/settings.json", "settings.json"),
            _ => std::fs::remove_dir_all(folder.join(before)).unwrap(),
        }
        let hash = app_runtime::settings::document_hash(document.to_string().as_bytes());
        in_force(&runtime, &hash).await;
        assert_eq!(with_key(&runtime, key).send().await.unwrap().status(), 200);
    }
    assert_eq!(with_key(&runtime, "mount").send().await.unwrap().status(), 403);
    assert_eq!(
        runtime.health().await.unwrap().headers()["x-slipway-instance"],
        instance
    );
}

#[tokio::test]
async fn mistake_changes_nothing_and_is_named_until_it_is_corrected() {
    let database = mongo().await;
    let first = options(database.uri(), json!({"sessionLength": 60}));
    let runtime = Runtime::ready(&first).await;
    let hash = runtime.rewrite(&first);
    in_force(&runtime, &hash).await;

    let wrong = options(
        database.uri(),
        json!({"sessionLength": "soon", "restAPIKey": "next"}),
    );
    let refused = runtime.rewrite(&wrong);
    let told = json!({"needsRestart": [], "refused": {"hash": refused, "options": ["sessionLength"]}});
    until_told(&runtime, told).await;
    in_force(&runtime, &hash).await;
    assert_eq!(with_key(&runtime, "rest").send().await.unwrap().status(), 200);
    let log = runtime.log();
    assert!(
        log.contains("sessionLength must be a whole number") && !log.contains("soon"),
        "{log}"
    );

    runtime.replace_file("{");
    wait_until(DEADLINE, "half a file is refused, too", async || {
        runtime.log().contains("is not a JSON object of options")
    })
    .await;
    std::fs::remove_file(runtime.settings_file()).unwrap();
    until_told(
        &runtime,
        json!({"needsRestart": [], "refused": {"hash": null, "options": []}}),
    )
    .await;
    let hash = runtime.rewrite(&options(database.uri(), json!({"restAPIKey": "next"})));
    in_force(&runtime, &hash).await;
    until_told(&runtime, Value::Null).await;
    assert_eq!(with_key(&runtime, "next").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn option_that_needs_a_restart_stays_and_is_named_while_the_others_are_taken_up() {
    let database = mongo().await;
    let runtime = Runtime::ready(&options(database.uri(), json!({}))).await;
    let hash = runtime.rewrite(&options(
        database.uri(),
        json!({"port": test_kit::free_port(), "databaseURI": "mongodb://127.0.0.1:1/other", "restAPIKey": "next"}),
    ));
    in_force(&runtime, &hash).await;
    assert_eq!(with_key(&runtime, "next").send().await.unwrap().status(), 200);
    assert_eq!(
        told(&runtime).await,
        json!({"needsRestart": ["databaseURI", "port"], "refused": null})
    );
    let log = runtime.log();
    assert!(
        log.contains("port is different in the settings file and needs a restart"),
        "{log}"
    );
}

#[tokio::test]
async fn limits_count_on_while_their_option_stays_and_afresh_when_it_changes() {
    let database = mongo().await;
    let limit = |count: u32| {
        json!({"rateLimit": [{"requestPath": "/classes/Note", "requestTimeWindow": 3_600_000, "requestCount": count,
            "includeInternalRequests": true}], "restAPIKey": "rest"})
    };
    let runtime = Runtime::ready(&options(database.uri(), limit(1))).await;
    assert_eq!(with_key(&runtime, "rest").send().await.unwrap().status(), 200);
    assert_eq!(with_key(&runtime, "rest").send().await.unwrap().status(), 429);

    let mut other = limit(1);
    other["sessionLength"] = 60.into();
    in_force(&runtime, &runtime.rewrite(&options(database.uri(), other))).await;
    assert_eq!(with_key(&runtime, "rest").send().await.unwrap().status(), 429);

    in_force(&runtime, &runtime.rewrite(&options(database.uri(), limit(2)))).await;
    for status in [200, 200, 429] {
        assert_eq!(with_key(&runtime, "rest").send().await.unwrap().status(), status);
    }
}

#[tokio::test]
async fn sign_in_bodies_and_classes_follow_their_options() {
    let database = mongo().await;
    let runtime = Runtime::ready(&options(database.uri(), json!({}))).await;
    let sign_in = async |id: &str| {
        let body = json!({"authData": {"anonymous": {"id": id}}});
        runtime.post("/users").json(&body).send().await.unwrap().status()
    };
    assert_eq!(sign_in("one").await, 201);
    let large = async || {
        let body = json!({"text": "x".repeat(5_000)});
        let answer = runtime.post("/classes/Note").json(&body).send().await.unwrap();
        answer.status()
    };
    assert_eq!(large().await, 201);

    let changed = json!({
        "auth": {"anonymous": {"enabled": false}},
        "maxUploadSize": "4kb",
        "schema": {"definitions": [{"className": "Defined", "fields": {"title": {"type": "String"}}}]},
    });
    in_force(&runtime, &runtime.rewrite(&options(database.uri(), changed))).await;
    assert_eq!(sign_in("two").await, 400);
    assert_eq!(large().await, StatusCode::PAYLOAD_TOO_LARGE);
    let shown = runtime
        .get("/schemas/Defined")
        .header("X-Parse-Master-Key", "master")
        .send()
        .await
        .unwrap();
    assert_eq!(
        shown.json::<Value>().await.unwrap()["fields"]["title"]["type"],
        "String"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_settings_change_again_and_again() {
    let database = mongo().await;
    let runtime = Arc::new(Runtime::ready(&options(database.uri(), json!({}))).await);
    let (done, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (runtime, done, served) = (runtime.clone(), done.clone(), served.clone());
            tokio::spawn(async move {
                while !done.load(Relaxed) {
                    let note = json!({"title": "kept"});
                    let answer = runtime.post("/classes/Note").json(&note).send().await.unwrap();
                    assert_eq!(answer.status(), 201, "{:?}", answer.text().await);
                    served.fetch_add(1, Relaxed);
                }
            })
        })
        .collect();
    for round in 1..=25 {
        let changed = json!({
            "sessionLength": 60 + round,
            "javascriptKey": format!("js{round}"),
            "rateLimit": [{"requestPath": "/login", "requestTimeWindow": 1_000, "requestCount": round}],
            "auth": {"google": {"clientId": format!("client{round}")}},
        });
        let before = served.load(Relaxed);
        let hash = runtime.rewrite(&options(database.uri(), changed));
        runtime.signal(Signal::SIGHUP);
        in_force(&runtime, &hash).await;
        wait_until(DEADLINE, "requests are served", async || {
            served.load(Relaxed) > before
        })
        .await;
    }
    done.store(true, Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert!(served.load(Relaxed) > 25);
}
