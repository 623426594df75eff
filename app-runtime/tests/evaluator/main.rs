//! The evaluator that live queries use, held against MongoDB: for generated objects and where-clauses, `matches`
//! finds what the API finds. `PROPTEST_RNG_SEED=<n>` tries other ones than the fixed selection.
#![allow(clippy::unwrap_used, reason = "a panic is a test's report")]

mod generate;
mod places;
#[allow(dead_code, reason = "this suite needs only a part of it")]
#[path = "../api/support.rs"]
mod support;

use std::collections::BTreeSet;

use app_runtime::query::{Reader, evaluate, where_clause};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use serde_json::{Value, json};
use support::{App, As, encode, stock};
use tokio::runtime::Handle;

const OBJECTS: usize = 150;
const PER_BATCH: usize = 50;
const CLAUSES: u32 = 800;

#[tokio::test(flavor = "multi_thread")]
async fn objects_match_as_mongodb_says() {
    agree(generate::object(), generate::clause(), CLAUSES).await;
}

/// Stores generated objects and compares both answers for each generated clause.
async fn agree(objects: impl Strategy<Value = Value>, clauses: impl Strategy<Value = Value>, cases: u32) {
    let mut runner = runner(cases);
    let app = stock().await;
    let fields = (0..OBJECTS).map(|_| objects.new_tree(&mut runner).unwrap().current());
    store(&app, fields.collect()).await;
    let stored = find(&app, &json!({})).await.unwrap();
    assert_eq!(stored.len(), OBJECTS + 1);
    let handle = Handle::current();
    let agrees = |mut clause: Value| {
        generate::fill_in(&mut clause, &stored);
        let found = tokio::task::block_in_place(|| handle.block_on(find(&app, &clause)));
        compare(&stored, &clause, found)
    };
    if let Err(difference) = runner.run(&clauses, agrees) {
        panic!("{difference}");
    }
}

fn runner(cases: u32) -> TestRunner {
    let config = Config::default();
    let rng_seed = match config.rng_seed {
        RngSeed::Random => RngSeed::Fixed(20_261_121),
        chosen => chosen,
    };
    TestRunner::new(Config {
        cases,
        rng_seed,
        failure_persistence: None,
        max_shrink_iters: 300,
        ..config
    })
}

async fn store(app: &App, objects: Vec<Value>) {
    // The first one gives every field its type.
    app.create(&As::Master, "Thing", generate::every_field()).await;
    let requests: Vec<Value> = objects
        .into_iter()
        .map(|body| json!({"method": "POST", "path": "/parse/classes/Thing", "body": body}))
        .collect();
    for requests in requests.chunks(PER_BATCH) {
        let answers = app
            .post(&As::Master, "/batch", json!({ "requests": requests }))
            .await
            .ok();
        for (answer, request) in answers.as_array().unwrap().iter().zip(requests) {
            assert!(answer["success"].is_object(), "{answer} {request}");
        }
    }
    // So that some were updated at another moment than they were created.
    for object in find(app, &json!({})).await.unwrap().iter().step_by(3) {
        let path = format!("/classes/Thing/{}", id(object));
        app.put(&As::Master, &path, json!({"f": true})).await.ok();
    }
}

async fn find(app: &App, clause: &Value) -> Result<Vec<Value>, String> {
    let path = format!("/classes/Thing?limit=1000&where={}", encode(&clause.to_string()));
    let answer = app.get(&As::Master, &path).await;
    match answer.body["results"].as_array() {
        Some(found) => Ok(found.clone()),
        None => Err(format!("{} {}", answer.status, answer.body)),
    }
}

fn compare(stored: &[Value], clause: &Value, found: Result<Vec<Value>, String>) -> Result<(), TestCaseError> {
    let found = found.map_err(|refusal| TestCaseError::fail(format!("{clause} was refused: {refusal}")))?;
    let found: BTreeSet<&str> = found.iter().map(id).collect();
    let now = ids::Clock::now(&ids::SystemClock).timestamp_millis();
    let reader = Reader { master: true, now };
    let filter = where_clause::parse(clause.as_object().unwrap(), reader).unwrap();
    for object in stored {
        let matches = evaluate::matches(object, &filter);
        if matches != found.contains(id(object)) {
            let reason = format!("evaluator: {matches}, MongoDB: {}\n{object}\n{clause}", !matches);
            return Err(TestCaseError::fail(reason));
        }
    }
    Ok(())
}

fn id(object: &Value) -> &str {
    object["objectId"].as_str().unwrap()
}
