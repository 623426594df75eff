//! A removal never takes the data of another app along.

use k8s_openapi::api::core::v1::Secret;
use kube::api::{Patch, PatchParams};
use mongodb::bson::doc;
use serde_json::json;

use crate::support::{Rig, reason};

#[tokio::test]
async fn a_secret_that_names_another_apps_database_has_it_neither_opened_nor_dropped() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    let client = mongodb::Client::with_uri_str(rig.mongo.uri()).await.unwrap();
    let victim = client.database(&test_kit::unique_name("victim"));
    let notes = victim.collection("Note");
    notes.insert_one(doc! { "text": "mine" }).await.unwrap();
    let name = async |database: &str| {
        let patch = Patch::Merge(json!({ "stringData": { "database": database } }));
        let secrets = app.objects::<Secret>();
        secrets
            .patch("database", &PatchParams::default(), &patch)
            .await
            .unwrap();
    };

    name(victim.name()).await;
    app.until("names a foreign database", |app| {
        reason(app, "SecretsReady", "DatabaseForeign")
    })
    .await;
    let users = victim.run_command(doc! { "usersInfo": 1 }).await.unwrap();
    assert_eq!(users.get_array("users").unwrap().len(), 0);

    app.delete().await;
    app.until("cannot be removed", |app| {
        reason(app, "Degraded", "TeardownBlocked")
    })
    .await;
    assert_eq!(notes.count_documents(doc! {}).await.unwrap(), 1);

    name(&format!("app_{}", app.id.bare())).await;
    app.gone().await;
    assert_eq!(notes.count_documents(doc! {}).await.unwrap(), 1);
    victim.drop().await.unwrap();
}
