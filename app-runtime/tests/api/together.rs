//! Writes that meet: many at the same moment are made by few commands, and everyone still gets their own answer.

use std::collections::BTreeSet;

use bson::doc;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Answer, App, As, rows, stock};

async fn put(app: &App, id: &str, body: Value) -> Answer {
    app.put(&As::Nobody, &format!("/classes/Counter/{id}"), body)
        .await
}

fn plus(amount: i64) -> Value {
    json!({ "hits": { "__op": "Increment", "amount": amount } })
}

#[tokio::test(flavor = "multi_thread")]
async fn increments_of_one_row_each_report_the_value_they_made() {
    let app = stock().await;
    let id = app.create(&As::Nobody, "Counter", json!({ "hits": 0 })).await;
    let answers = join_all((0..200).map(|_| put(&app, &id, plus(1)))).await;
    let values: BTreeSet<i64> = answers
        .into_iter()
        .map(|answer| answer.ok()["hits"].as_i64().unwrap())
        .collect();
    assert_eq!(
        values,
        (1..=200).collect(),
        "no two increments came to the same value"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_of_many_rows_at_once_all_take_place() {
    let app = stock().await;
    let ids =
        join_all((0..60).map(|_| app.create(&As::Nobody, "Counter", json!({ "hits": 0, "tags": [] })))).await;
    let writes = ids.iter().enumerate().flat_map(|(position, id)| {
        let number = i64::try_from(position).unwrap();
        [
            put(&app, id, plus(number)),
            put(&app, id, json!({ "name": format!("row {number}") })),
            put(
                &app,
                id,
                json!({ "tags": { "__op": "Add", "objects": [number] } }),
            ),
        ]
    });
    for answer in join_all(writes).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    for (position, id) in ids.iter().enumerate() {
        let row = app.get(&As::Nobody, &format!("/classes/Counter/{id}")).await.ok();
        let expected = json!([position, format!("row {position}"), [position]]);
        assert_eq!(json!([row["hits"], row["name"], row["tags"]]), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_update_does_not_take_the_others_with_it() {
    let app = stock().await;
    let ids =
        join_all((0..30).map(|_| app.create(&As::Nobody, "Counter", json!({ "hits": 0, "name": "n" }))))
            .await;
    let locked = app
        .create(
            &As::Master,
            "Counter",
            json!({ "hits": 0, "ACL": { "*": { "read": true } } }),
        )
        .await;
    let text = app.create(&As::Nobody, "Counter", json!({ "hits": 0 })).await;
    let broken = doc! { "$set": { "hits": "not a number" } };
    rows(&app, "Counter")
        .await
        .update_one(doc! { "_id": &text }, broken)
        .await
        .unwrap();
    let mut writes: Vec<_> = ids.iter().map(|id| put(&app, id, plus(2))).collect();
    writes.extend([
        put(&app, &locked, plus(1)),
        put(&app, &text, plus(1)),
        put(&app, "missing", plus(1)),
    ]);
    let mut answers = join_all(writes).await;
    let refused: Vec<_> = answers.split_off(30).iter().map(Answer::refusal).collect();
    assert_eq!(
        refused[0],
        (404, 101),
        "the row that only the master key may write"
    );
    assert_eq!(refused[1].0, 400, "the row whose value is no number");
    assert_eq!(refused[2], (404, 101), "the row that is not there");
    for answer in answers {
        assert_eq!(answer.ok()["hits"], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_that_are_not_whole_are_added_one_by_one() {
    let app = stock().await;
    let id = app.create(&As::Nobody, "Counter", json!({ "hits": 0.5 })).await;
    let half = json!({ "hits": { "__op": "Increment", "amount": 0.25 } });
    let answers = join_all((0..20).map(|_| put(&app, &id, half.clone()))).await;
    let mut values: Vec<f64> = answers
        .into_iter()
        .map(|answer| answer.ok()["hits"].as_f64().unwrap())
        .collect();
    values.sort_by(f64::total_cmp);
    let expected: Vec<f64> = (1..=20).map(|step| 0.5 + 0.25 * f64::from(step)).collect();
    assert_eq!(values, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_element_of_a_list_is_answered_within_its_list() {
    let app = stock().await;
    let list = json!({ "l": [{ "k": 0 }, { "k": 7 }] });
    let ids = join_all((0..10).map(|_| app.create(&As::Nobody, "Counter", list.clone()))).await;
    let plus = json!({ "l.0.k": { "__op": "Increment", "amount": 1 } });
    let twice = ids.iter().chain(&ids);
    let answers = join_all(twice.map(|id| put(&app, id, plus.clone()))).await;
    let mut firsts: Vec<i64> = Vec::new();
    for answer in answers {
        let answer = answer.ok();
        assert_eq!(answer["l"][1], json!({ "k": 7 }), "{answer}");
        firsts.push(answer["l"][0]["k"].as_i64().unwrap());
    }
    firsts.sort_unstable();
    assert_eq!(firsts, [[1; 10], [2; 10]].concat());
}
