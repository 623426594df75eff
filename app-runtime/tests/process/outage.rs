//! MongoDB is killed for ten seconds while clients write.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use test_kit::wait_until;
use tokio::time::Instant;

use crate::mongod::Mongod;
use crate::runtime::{DEADLINE, Runtime, options};

const OUTAGE: Duration = Duration::from_secs(10);
const WRITERS: usize = 16;

/// What the writers saw.
#[derive(Default)]
struct Seen {
    acknowledged: Mutex<HashSet<String>>,
    refused: AtomicU64,
    unclear: Mutex<Vec<String>>,
    enough: AtomicBool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outage_of_mongodb_fails_clearly_recovers_by_itself_and_loses_no_acknowledged_write() {
    let mut mongod = Mongod::start().await;
    let runtime = Arc::new(Runtime::ready(&options(&mongod.uri(), json!({}))).await);
    let seen = Arc::new(Seen::default());
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| tokio::spawn(write(runtime.clone(), seen.clone())))
        .collect();
    let acknowledged = || seen.acknowledged.lock().unwrap().len();
    wait_until(DEADLINE, "writes are acknowledged", async || {
        acknowledged() >= 200
    })
    .await;

    mongod.kill();
    let killed = Instant::now();
    wait_until(
        OUTAGE + DEADLINE,
        "ten seconds pass and requests are refused",
        async || killed.elapsed() >= OUTAGE && seen.refused.load(Relaxed) > 0,
    )
    .await;
    mongod.restart().await;
    let before = acknowledged();
    wait_until(DEADLINE, "writes are acknowledged again", async || {
        acknowledged() >= before + 200
    })
    .await;
    seen.enough.store(true, Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }

    assert_eq!(*seen.unclear.lock().unwrap(), Vec::<String>::new());
    let stored = stored(&runtime).await;
    let lost: Vec<_> = seen
        .acknowledged
        .lock()
        .unwrap()
        .difference(&stored)
        .cloned()
        .collect();
    assert_eq!(lost, Vec::<String>::new());
}

/// Creates objects, one after the other, until there are enough.
async fn write(runtime: Arc<Runtime>, seen: Arc<Seen>) {
    while !seen.enough.load(Relaxed) {
        let sent = runtime
            .post("/classes/Note")
            .json(&json!({"title": "kept"}))
            .send()
            .await;
        let Ok(response) = sent else {
            seen.unclear.lock().unwrap().push(format!("{:?}", sent.err()));
            continue;
        };
        let status = response.status();
        let body: Value = response.json().await.unwrap_or_default();
        match body["objectId"].as_str() {
            Some(id) if status == StatusCode::CREATED => {
                seen.acknowledged.lock().unwrap().insert(id.to_owned());
            }
            _ if status.is_server_error() && body["code"] == 1 && body["error"].is_string() => {
                seen.refused.fetch_add(1, Relaxed);
            }
            _ => seen.unclear.lock().unwrap().push(format!("{status} {body}")),
        }
    }
}

async fn stored(runtime: &Runtime) -> HashSet<String> {
    let answer = runtime
        .get("/classes/Note?limit=1000000&keys=objectId")
        .send()
        .await
        .unwrap();
    let body: Value = answer.json().await.unwrap();
    let ids = body["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| object["objectId"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}
