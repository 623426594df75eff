//! Choosing what an app runs on.

use control_plane::regions::Engine;
use serde_json::{Value, json};

use crate::support::{Answer, Person, Server};

fn engine(id: &str) -> String {
    format!("/api/v1/apps/{id}/engine")
}

fn choice(engine: &str, min: i32, max: Option<i32>) -> Value {
    json!({ "engine": engine, "replicas": { "min": min, "max": max } })
}

#[tokio::test]
async fn a_new_app_runs_on_the_included_engine_and_sees_what_else_there_is() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let shown = ada.get(&engine(&id)).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert_eq!(shown.json["engine"], "dev");
    assert_eq!(shown.json["replicas"], json!({ "min": 1, "max": null }));
    assert_eq!(shown.json["price"]["per_hour_max"], "0");
    let offers = shown.json["offers"].as_array().unwrap();
    assert_eq!(offers.len(), 5);
    assert_eq!(
        offers[1],
        json!({ "engine": "s", "millicpu": 500, "memory_mib": 512, "price_per_hour": "0.0137" })
    );
}

#[tokio::test]
async fn a_choice_reaches_the_region_with_its_price_and_is_remembered() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let chosen = ada.put(&engine(&id), choice("m", 2, Some(4))).await;
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    assert_eq!(
        chosen.json["price"],
        json!({ "currency": "USD", "per_hour_min": "0.0548", "per_hour_max": "0.1096" })
    );
    let app = server.until_status(&ada, &id, "ready").await;
    assert_eq!(app.json["app"]["engine"], "m");
    let desired = server.driver.last(&id).unwrap();
    assert_eq!(desired.sizing.engine, Engine::M);
    assert_eq!(
        (desired.sizing.replicas_min, desired.sizing.replicas_max),
        (2, Some(4))
    );

    let again = ada.put(&engine(&id), choice("m", 2, Some(4))).await;
    assert_eq!(again.status, 200);
    let entries = ada.get(&format!("/api/v1/apps/{id}/audit")).await.json;
    let resizes = entries["entries"].as_array().unwrap().iter();
    let resizes: Vec<&Value> = resizes.filter(|entry| entry["action"] == "app.resize").collect();
    assert_eq!(resizes.len(), 1, "repeating it changes nothing");
    assert_eq!(resizes[0]["before"]["engine"], "dev");
    assert_eq!(resizes[0]["after"]["replicas"], json!({ "min": 2, "max": 4 }));
}

#[tokio::test]
async fn high_availability_raises_the_replicas_to_three() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let mut wanted = choice("s", 1, None);
    wanted["high_availability"] = json!(true);
    let chosen = ada.put(&engine(&id), wanted).await;
    assert_eq!(chosen.json["replicas"]["min"], 3, "{}", chosen.text);
    assert_eq!(chosen.json["price"]["per_hour_min"], "0.0411");
    let mut too_few = choice("s", 1, Some(2));
    too_few["high_availability"] = json!(true);
    let refused = ada.put(&engine(&id), too_few).await;
    assert_eq!(refused.error(), (422, "invalid_input"));
    assert!(
        refused.json["error"]["fields"]["replicas"].is_string(),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn a_choice_that_breaks_a_rule_is_refused_with_the_rules_sentence() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let cases = [
        (choice("xxl", 1, None), "engine", "dev, s, m, l or xl"),
        (choice("s", 0, None), "replicas.min", "1 to 20"),
        (choice("s", 1, Some(21)), "replicas.max", "1 to 20"),
        (choice("s", 3, Some(2)), "replicas", "must not be greater"),
        (
            choice("dev", 2, None),
            "engine",
            "the dev engine runs one replica",
        ),
    ];
    for (body, field, part) in cases {
        let refused = ada.put(&engine(&id), body).await;
        assert_eq!(refused.error(), (422, "invalid_input"), "{}", refused.text);
        let sentence = refused.json["error"]["fields"][field]
            .as_str()
            .unwrap_or_default();
        assert!(sentence.contains(part), "{field}: {}", refused.text);
    }
    assert_eq!(ada.get(&engine(&id)).await.json["engine"], "dev");
    ada.delete(&format!("/api/v1/apps/{id}")).await;
    let refused = ada.put(&engine(&id), choice("s", 1, None)).await;
    assert_eq!(refused.error(), (409, "app_deleted"));
}

#[tokio::test]
async fn a_region_of_one_machine_says_that_it_is_one() {
    let server = Server::start().await;
    server.driver.set_most_replicas(1);
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let refused = ada.put(&engine(&id), choice("s", 2, None)).await;
    assert_eq!(refused.error(), (422, "invalid_input"));
    assert!(refused.text.contains("runs on one machine"), "{}", refused.text);
    assert_eq!(ada.get(&engine(&id)).await.json["most_replicas"], 1);
    assert_eq!(ada.put(&engine(&id), choice("l", 1, None)).await.status, 200);
}

/// Changes the app's row while a choice, whose caller read it before, waits for it; returns the answer to the choice.
async fn choose_while(server: &Server, person: &Person, id: &str, change: &'static str) -> Answer {
    let (person, path) = (person.clone(), engine(id));
    let choosing = async move { person.put(&path, choice("s", 2, None)).await };
    server.meanwhile(id, change, choosing).await
}

#[tokio::test]
async fn a_choice_that_somebody_else_made_meanwhile_is_not_made_again() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    server.until_status(&ada, &id, "ready").await;
    let same = "UPDATE apps SET engine = 's', replicas_min = 2, generation = generation + 1 WHERE id = $1";
    let answer = choose_while(&server, &ada, &id, same).await;
    assert_eq!((answer.status, &answer.json["engine"]), (200, &json!("s")));
    let entries = ada.get(&format!("/api/v1/apps/{id}/audit")).await;
    assert!(!entries.text.contains("app.resize"), "{}", entries.text);

    let other = "UPDATE apps SET engine = 'xl', replicas_min = 4 WHERE id = $1";
    assert_eq!(choose_while(&server, &ada, &id, other).await.status, 200);
    let entries = ada.get(&format!("/api/v1/apps/{id}/audit")).await.json;
    let mut entries = entries["entries"].as_array().unwrap().iter();
    let resized = entries.find(|entry| entry["action"] == "app.resize").unwrap();
    assert_eq!(resized["before"]["engine"], "xl", "what it really was before");
}

#[tokio::test]
async fn an_app_that_is_deleted_meanwhile_is_not_resized() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    server.until_status(&ada, &id, "ready").await;
    let deleted = "UPDATE apps SET deleted_at = now(), purge_after = now() + '1 day' WHERE id = $1";
    let answer = choose_while(&server, &ada, &id, deleted).await;
    assert_eq!(answer.error(), (409, "app_deleted"));
    let kept: String = sqlx::query_scalar("SELECT engine FROM apps")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(kept, "dev");
}
