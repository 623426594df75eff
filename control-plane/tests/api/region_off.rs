//! A region that is switched off although it has apps: their owner is told that changes wait.

use std::sync::Arc;

use control_plane::{
    config::Config,
    regions::{Region, RegionDriver},
    startup,
    workers::Drivers,
};
use serde_json::{Value, json};
use sqlx::ConnectOptions;

use crate::support::{NotingDriver, Person, Server};

#[tokio::test]
async fn the_owner_of_an_app_in_a_region_that_is_off_is_told() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let id = ada.create_app("Shop").await;
    server.until_status(&ada, &id, "ready").await;
    let url = server.pool.connect_options().to_url_lossy();
    let config = Config::from_toml(&format!(
        "database.url = {:?}\nserver.port = 0\nserver.workers = 1\nregions.eu.driver = \"off\"\n\
         secrets.kek = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"\nlocal.mongodb_uri = \"mongodb://unused\"\n",
        url.as_str()
    ));
    let na: Arc<dyn RegionDriver> = Arc::new(NotingDriver::default());
    let handle = startup::serve(config.unwrap(), Drivers::from([(Region::Na, na)])).await;
    let handle = handle.unwrap();
    let there = |person: &Person| Person {
        base: format!("http://{}", handle.addr()),
        ..person.clone()
    };
    let (ada, bob) = (there(&ada), there(&bob));

    let listed = ada.get("/api/v1/regions").await.json;
    let eu = &listed["regions"][0];
    assert_eq!(
        (&eu["id"], &eu["available"]),
        (&json!("eu"), &json!(false)),
        "{listed}"
    );
    assert_eq!(eu["reason"], "off");
    let sentence = eu["message"].as_str().unwrap();
    assert!(sentence.contains("Europe is switched off"), "{sentence}");
    let others = bob.get("/api/v1/regions").await.json;
    assert_eq!(others["regions"].as_array().unwrap().len(), 1, "{others}");

    let path = format!("/api/v1/apps/{id}");
    let renamed = ada.patch(&path, json!({ "name": "Stall" })).await;
    for answer in [renamed, ada.get(&path).await] {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json["app"]["status_message"], sentence);
        assert_eq!(answer.json["app"]["status"], "ready", "as it was last seen");
    }
    let created = ada
        .post("/api/v1/apps", json!({ "name": "Kiosk", "region": "eu" }))
        .await;
    assert_eq!(created.error(), (422, "invalid_input"));
    assert!(created.field("region").contains("not served here"));

    let page = ada.get("/api/v1/apps").await.json;
    assert_ne!(page["apps"][0]["status_message"], Value::Null);
    handle.stop().await;
}
