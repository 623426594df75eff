//! The process is killed in the middle of a transaction.

use bson::{Document, doc};
use mongodb::Client;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use test_kit::wait_until;

use crate::mongod::Mongod;
use crate::runtime::{DEADLINE, Runtime, options};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_middle_of_a_transaction_leaves_nothing() {
    let mongod = Mongod::start().await;
    let settings = options(&mongod.uri(), json!({}));
    let mut runtime = Runtime::ready(&settings).await;
    let item = json!({"method": "POST", "path": "/parse/classes/Note", "body": {"n": 1}});
    let batch = json!({"transaction": true, "requests": vec![item; 20_000]});
    let running = tokio::spawn(runtime.post("/batch").json(&batch).send());

    let client = Client::with_uri_str(mongod.uri()).await.unwrap();
    wait_until(DEADLINE, "the transaction has written", async || {
        let status = client
            .database("admin")
            .run_command(doc! { "serverStatus": 1 })
            .await
            .unwrap();
        let open = |status: &Document| status.get_document("transactions")?.get_i64("currentOpen");
        open(&status).unwrap() > 0
    })
    .await;
    runtime.signal(Signal::SIGKILL);
    runtime.ended().await;
    assert!(
        running.await.unwrap().is_err(),
        "nobody was told that it took place"
    );

    let runtime = Runtime::ready(&settings).await;
    let notes = async || -> Value {
        let answer = runtime.get("/classes/Note?count=1&limit=0").send().await.unwrap();
        answer.json::<Value>().await.unwrap()["count"].clone()
    };
    assert_eq!(notes().await, json!(0));
    let single = json!({"transaction": true, "requests": [batch["requests"][0].clone()]});
    assert_eq!(
        runtime
            .post("/batch")
            .json(&single)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    assert_eq!(notes().await, json!(1));
}
