//! Each app's own database, and the user that reaches no other.

use bson::{Document, doc};
use control_plane::regions::{DesiredApp, ObservedState};
use mongodb::Client;

use crate::local_support::{Machine, new_app, until};
use crate::{own_database, own_uri};

#[tokio::test]
async fn user_of_one_app_reaches_no_other_database() {
    let machine = Machine::new().await;
    let driver = machine.driver().await;
    let (mine, theirs) = (new_app(), new_app());
    until(&driver, &mine, ObservedState::Ready).await;
    until(&driver, &theirs, ObservedState::Ready).await;
    let my_database = own_database(&machine, &mine).await;
    my_database
        .collection("Note")
        .insert_one(doc! { "text": "mine" })
        .await
        .unwrap();

    let their_client = own_database(&machine, &theirs).await;
    let there = their_client.client().database(my_database.name());
    let read = there.collection::<Document>("Note").find_one(doc! {}).await;
    assert!(read.unwrap_err().to_string().contains("not authorized"));
    let write = there
        .collection("Note")
        .insert_one(doc! { "text": "theirs" })
        .await;
    assert!(write.unwrap_err().to_string().contains("not authorized"));
    let users = their_client
        .client()
        .database("admin")
        .run_command(doc! { "usersInfo": 1 })
        .await;
    assert!(users.unwrap_err().to_string().contains("not authorized"));
}

#[tokio::test]
async fn new_database_password_is_given_to_the_user() {
    let machine = Machine::new().await;
    let (driver, app) = (machine.driver().await, new_app());
    until(&driver, &app, ObservedState::Ready).await;
    let old = own_database(&machine, &app).await;
    old.run_command(doc! { "ping": 1 }).await.unwrap();
    let old_uri = own_uri(&machine, &app);
    let rotated = DesiredApp {
        database_password: "another".into(),
        generation: 2,
        ..app.clone()
    };
    until(&driver, &rotated, ObservedState::Ready).await;
    let new = own_database(&machine, &rotated).await;
    new.collection::<Document>("Note")
        .find_one(doc! {})
        .await
        .unwrap();
    assert_ne!(own_uri(&machine, &app), old_uri);
    let with_old = Client::with_uri_str(old_uri)
        .await
        .unwrap()
        .default_database()
        .unwrap();
    assert!(
        with_old
            .collection::<Document>("Note")
            .find_one(doc! {})
            .await
            .is_err()
    );
}
