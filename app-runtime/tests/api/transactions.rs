//! Batches with `transaction: true`.

use std::collections::BTreeSet;

use bson::doc;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Answer, App, As, app, rows, stock};

fn request(method: &str, path: &str, body: Value) -> Value {
    json!({"method": method, "path": format!("/parse{path}"), "body": body})
}

async fn transaction(app: &App, who: &As, requests: Vec<Value>) -> Answer {
    let body = json!({"transaction": true, "requests": requests});
    app.post(who, "/batch", body).await
}

fn pointer(class: &str, id: &str) -> Value {
    json!({"__type": "Pointer", "className": class, "objectId": id})
}

#[tokio::test(flavor = "multi_thread")]
async fn all_requests_of_a_transaction_take_place_and_later_ones_see_the_earlier() {
    let app = app(|settings| {
        settings.allow_client_class_creation = true;
        settings.allow_custom_object_id = true;
    })
    .await;
    let old = app.create(&As::Nobody, "Account", json!({"balance": 10})).await;
    let gone = app.create(&As::Nobody, "Account", json!({"balance": 0})).await;
    let answer = transaction(
        &app,
        &As::Nobody,
        vec![
            request(
                "POST",
                "/classes/Account",
                json!({"objectId": "fresh", "balance": 5}),
            ),
            request(
                "PUT",
                "/classes/Account/fresh",
                json!({"balance": {"__op": "Increment", "amount": 2}}),
            ),
            request("PUT", &format!("/classes/Account/{old}"), json!({"balance": 8})),
            request("DELETE", &format!("/classes/Account/{gone}"), json!({})),
            request("GET", "/classes/Account/fresh", json!({})),
            request(
                "GET",
                "/classes/Account",
                json!({"count": 1, "order": "-balance"}),
            ),
        ],
    )
    .await
    .ok();
    assert_eq!(answer[0]["success"]["objectId"], json!("fresh"));
    assert_eq!(answer[1]["success"]["balance"], json!(7));
    assert_eq!(answer[3]["success"], json!({}));
    assert_eq!(answer[4]["success"]["balance"], json!(7));
    assert_eq!(answer[5]["success"]["count"], json!(2));
    let balances: Vec<i64> = app
        .find(&As::Nobody, "Account", json!({}))
        .await
        .iter()
        .map(|account| account["balance"].as_i64().unwrap())
        .collect();
    assert_eq!(BTreeSet::from_iter(balances), BTreeSet::from([7, 8]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_undoes_everything_and_is_the_answer() {
    let app = stock().await;
    let id = app.create(&As::Nobody, "Note", json!({"n": 1})).await;
    let locked = app.create(&As::Master, "Note", json!({"n": 1, "ACL": {}})).await;
    let change = request("PUT", &format!("/classes/Note/{id}"), json!({"n": 2}));
    let create = request("POST", "/classes/Note", json!({"n": 3}));
    let failing = [
        (
            request("PUT", "/classes/Note/nothing", json!({"n": 4})),
            (404, 101),
        ),
        (
            request("DELETE", &format!("/classes/Note/{locked}"), json!({})),
            (404, 101),
        ),
        (request("POST", "/classes/Note", json!({"n": "text"})), (400, 111)),
        (
            request("POST", "/classes/Note", json!({"n": {"__op": "Explode"}})),
            (400, 108),
        ),
        (request("GET", "/classes/Note/nothing", json!({})), (404, 101)),
    ];
    for (bad, refusal) in failing {
        let requests = vec![change.clone(), create.clone(), bad.clone(), create.clone()];
        let answer = transaction(&app, &As::Nobody, requests).await;
        assert_eq!(answer.refusal(), refusal, "{bad}");
        assert!(
            answer.body["error"].is_string(),
            "an SDK makes its error of this: {answer:?}"
        );
    }
    let notes = app.find(&As::Master, "Note", json!({})).await;
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes.iter().all(|note| note["n"] == json!(1)), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_must_be_unique_undoes_the_transaction() {
    let app = stock().await;
    let acl = json!({"*": {"read": true}});
    let role = |name: &str| request("POST", "/roles", json!({"name": name, "ACL": acl}));
    app.post(&As::Master, "/roles", json!({"name": "old", "ACL": acl}))
        .await
        .ok();
    for requests in [
        vec![role("a"), role("old")],
        vec![role("a"), role("b"), role("a")],
    ] {
        assert_eq!(
            transaction(&app, &As::Master, requests).await.refusal(),
            (400, 137)
        );
    }
    let names = app.find(&As::Master, "_Role", json!({})).await;
    assert_eq!(names.len(), 1, "{names:?}");

    let user = |name: &str| request("POST", "/users", json!({"username": name, "password": "pw"}));
    let requests = vec![user("anna"), user("ANNA")];
    assert_eq!(
        transaction(&app, &As::Nobody, requests).await.refusal(),
        (400, 202)
    );
    assert_eq!(
        rows(&app, "_User").await.count_documents(doc! {}).await.unwrap(),
        0
    );
    assert_eq!(
        rows(&app, "_Session")
            .await
            .count_documents(doc! {})
            .await
            .unwrap(),
        0
    );
    let signed_up = transaction(&app, &As::Nobody, vec![user("anna"), user("bert")])
        .await
        .ok();
    let token = signed_up[1]["success"]["sessionToken"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        app.get(&As::User(token), "/users/me").await.ok()["username"],
        json!("bert")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn classes_fields_and_indexes_are_made_on_the_way() {
    let app = stock().await;
    let square = json!({"__type": "Polygon", "coordinates": [[0, 0], [0, 1], [1, 1], [1, 0]]});
    let point = json!({"__type": "GeoPoint", "latitude": 0.5, "longitude": 0.5});
    let near = json!({"where": {"place": {"$nearSphere": point}}});
    let made = transaction(
        &app,
        &As::Nobody,
        vec![
            request("POST", "/classes/Area", json!({"name": "plain"})),
            // The class is in use when its indexes are asked for.
            request("POST", "/classes/Area", json!({"shape": square, "fresh": 1})),
            request("POST", "/classes/Spot", json!({"place": point})),
            request("GET", "/classes/Spot", near),
        ],
    )
    .await
    .ok();
    assert_eq!(made[3]["success"]["results"].as_array().unwrap().len(), 1);
    assert_eq!(app.find(&As::Nobody, "Area", json!({})).await.len(), 2);
    let names = rows(&app, "Area").await.list_index_names().await.unwrap();
    assert!(names.iter().any(|name| name == "shape_2dsphere"), "{names:?}");

    let refused = transaction(
        &app,
        &As::Nobody,
        vec![
            request("POST", "/classes/Other", json!({"n": 1})),
            request("PUT", "/classes/Other/nothing", json!({"n": 2})),
        ],
    )
    .await;
    assert_eq!(refused.refusal(), (404, 101));
    assert_eq!(app.find(&As::Nobody, "Other", json!({})).await, [] as [Value; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_change_with_the_rest_or_not_at_all() {
    let app = stock().await;
    let member = app.create(&As::Nobody, "Person", json!({})).await;
    let other = app.create(&As::Nobody, "Person", json!({})).await;
    let team = app.create(&As::Nobody, "Team", json!({})).await;
    let path = format!("/classes/Team/{team}");
    let relate = |op: &str, id: &str| {
        let members = json!({"members": {"__op": op, "objects": [pointer("Person", id)]}});
        request("PUT", &path, members)
    };
    let related = json!({"$relatedTo": {"object": pointer("Team", &team), "key": "members"}});
    let bad = request("DELETE", "/classes/Person/nothing", json!({}));
    let requests = vec![
        relate("AddRelation", &member),
        relate("AddRelation", &other),
        bad.clone(),
    ];
    assert_eq!(
        transaction(&app, &As::Nobody, requests).await.refusal(),
        (404, 101)
    );
    assert_eq!(app.find(&As::Nobody, "Person", related.clone()).await.len(), 0);

    let requests = vec![relate("AddRelation", &member), relate("AddRelation", &other)];
    transaction(&app, &As::Nobody, requests).await.ok();
    assert_eq!(app.find(&As::Nobody, "Person", related.clone()).await.len(), 2);

    let requests = vec![relate("RemoveRelation", &member), bad];
    assert_eq!(
        transaction(&app, &As::Nobody, requests).await.refusal(),
        (404, 101)
    );
    assert_eq!(app.find(&As::Nobody, "Person", related).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_over_the_same_objects_take_place_one_after_the_other() {
    let app = stock().await;
    let from = app.create(&As::Nobody, "Purse", json!({"coins": 100})).await;
    let to = app.create(&As::Nobody, "Purse", json!({"coins": 0})).await;
    let add = |id: &str, amount: i64| {
        let coins = json!({"coins": {"__op": "Increment", "amount": amount}});
        request("PUT", &format!("/classes/Purse/{id}"), coins)
    };
    let answers =
        join_all((0..8).map(|_| transaction(&app, &As::Nobody, vec![add(&from, -1), add(&to, 1)]))).await;
    let done = i64::try_from(answers.iter().filter(|answer| answer.status == 200).count()).unwrap();
    assert!(done > 0, "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer.refusal(), (200, 0) | (500, 1))),
        "whoever gives up says so: {answers:?}"
    );
    let coins = async |id: &str| {
        let purse = app.get(&As::Nobody, &format!("/classes/Purse/{id}")).await.ok();
        purse["coins"].as_i64().unwrap()
    };
    assert_eq!((coins(&from).await, coins(&to).await), (100 - done, done));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_objects_are_one_transaction() {
    let app = stock().await;
    let requests: Vec<Value> = (0..50)
        .map(|n| request("POST", "/classes/Many", json!({"n": n})))
        .collect();
    let made = transaction(&app, &As::Nobody, requests).await.ok();
    assert_eq!(made.as_array().unwrap().len(), 50);
    assert_eq!(app.find(&As::Nobody, "Many", json!({})).await.len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_checked_for_each_request_of_a_transaction() {
    let app = stock().await;
    let (anna, as_anna) = app.user("anna").await;
    let (bert, as_bert) = app.user("bert").await;
    let mine = json!({"n": 1, "ACL": {anna.clone(): {"read": true, "write": true}}});
    let id = app.create(&as_anna, "Diary", mine).await;
    let path = format!("/classes/Diary/{id}");
    let requests = vec![
        request("POST", "/classes/Diary", json!({"n": 2})),
        request("PUT", &path, json!({"n": 3})),
    ];
    assert_eq!(
        transaction(&app, &as_bert, requests.clone()).await.refusal(),
        (404, 101)
    );
    let other = vec![request("PUT", &format!("/users/{anna}"), json!({"note": "x"}))];
    assert_eq!(transaction(&app, &as_bert, other).await.refusal(), (400, 206));
    assert_eq!(app.find(&as_anna, "Diary", json!({})).await.len(), 1);
    transaction(&app, &as_anna, requests).await.ok();
    assert_eq!(app.get(&as_anna, &path).await.ok()["n"], json!(3));

    // A new password ends the sessions, but only if it is there.
    let change = request("PUT", &format!("/users/{bert}"), json!({"password": "new"}));
    let bad = request("PUT", "/classes/Diary/nothing", json!({"n": 1}));
    let refused = transaction(&app, &as_bert, vec![change.clone(), bad]).await;
    assert_eq!(refused.refusal(), (404, 101));
    assert_eq!(app.get(&as_bert, "/users/me").await.status, 200);
    let changed = transaction(&app, &as_bert, vec![change]).await.ok();
    assert_eq!(app.get(&as_bert, "/users/me").await.refusal(), (400, 209));
    let token = changed[0]["success"]["sessionToken"].as_str().unwrap().to_owned();
    assert_eq!(app.get(&As::User(token), "/users/me").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_objects_can_be_part_of_a_transaction() {
    let app = stock().await;
    app.user("anna").await;
    let login = json!({"username": "anna", "password": "wrong"});
    for (method, path, body) in [
        ("POST", "/login", login),
        ("POST", "/logout", json!({})),
        (
            "POST",
            "/users",
            json!({"authData": {"anonymous": {"id": "device"}}}),
        ),
        ("POST", "/requestPasswordReset", json!({"email": "a@b.c"})),
        ("DELETE", "/purge/Note", json!({})),
        ("POST", "/schemas/Fresh", json!({})),
        ("GET", "/nothing", json!({})),
    ] {
        let requests = vec![
            request("POST", "/classes/Note", json!({})),
            request(method, path, body),
        ];
        let refused = transaction(&app, &As::Master, requests).await;
        assert_eq!(refused.refusal(), (400, 107), "{method} {path}");
    }
    assert_eq!(app.find(&As::Master, "Note", json!({})).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_in_a_transaction() {
    let app = app(|settings| {
        settings.allow_client_class_creation = true;
        settings.request_complexity.batch_request_limit = Some(2);
    })
    .await;
    let create = request("POST", "/classes/Note", json!({}));
    let refused = transaction(&app, &As::Nobody, vec![create.clone(); 3]).await;
    assert_eq!(refused.refusal(), (400, 107));
    transaction(&app, &As::Nobody, vec![create; 2]).await.ok();
    assert_eq!(transaction(&app, &As::Nobody, vec![]).await.ok(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn password_must_not_hold_the_name_that_its_transaction_gives() {
    let app = app(|settings| settings.password_policy.do_not_allow_username = true).await;
    let (id, _) = app.user("bob").await;
    let path = format!("/users/{id}");
    let both = |password: &str| {
        vec![
            request("PUT", &path, json!({"username": "carl"})),
            request("PUT", &path, json!({"password": password})),
        ]
    };
    let refused = transaction(&app, &As::Master, both("carlsecret")).await;
    assert_eq!(refused.refusal(), (400, 142), "{refused:?}");
    transaction(&app, &As::Master, both("bobsecret")).await.ok();
    let login = json!({"username": "carl", "password": "bobsecret"});
    app.post(&As::Nobody, "/login", login).await.ok();
}
