//! What is in the database is what Parse Server would have put there.

use bson::{Bson, Document, doc};
use serde_json::json;

use crate::support::{As, on, stock};

#[tokio::test(flavor = "multi_thread")]
async fn documents_have_parse_servers_columns() {
    let app = stock().await;
    let (anna, as_anna) = app.user("anna").await;
    let acl = json!({"*": {"read": true}, anna.clone(): {"read": true, "write": true}});
    let owner = json!({"__type": "Pointer", "className": "_User", "objectId": anna});
    let id = app
        .create(
            &as_anna,
            "Task",
            json!({"title": "x", "n": 5, "owner": owner, "ACL": acl}),
        )
        .await;
    let database = app.mongo.database().await;
    let task = database
        .collection::<Document>("Task")
        .find_one(doc! {"_id": &id})
        .await
        .unwrap()
        .unwrap();
    assert_eq!(task.get_str("_p_owner").unwrap(), format!("_User${anna}"));
    assert_eq!(task.get("n"), Some(&Bson::Int32(5)));
    assert_eq!(
        task.get_array("_rperm").unwrap(),
        &[Bson::from("*"), Bson::from(anna.as_str())]
    );
    assert_eq!(task.get_array("_wperm").unwrap(), &[Bson::from(anna.as_str())]);
    assert_eq!(
        task.get_document("_acl").unwrap(),
        &doc! {"*": {"r": true}, &anna: {"r": true, "w": true}}
    );
    assert!(matches!(task.get("_created_at"), Some(Bson::DateTime(_))));

    let user = database
        .collection::<Document>("_User")
        .find_one(doc! {"_id": &anna})
        .await
        .unwrap()
        .unwrap();
    assert!(user.get_str("_hashed_password").unwrap().starts_with("$2y$10$"));
    assert!(!user.contains_key("password"));
    let session = database
        .collection::<Document>("_Session")
        .find_one(doc! {})
        .await
        .unwrap()
        .unwrap();
    assert_eq!(session.get_str("_session_token").unwrap().len(), 34);
    assert_eq!(session.get_str("_p_user").unwrap(), format!("_User${anna}"));
    let schema = database
        .collection::<Document>("_SCHEMA")
        .find_one(doc! {"_id": "Task"})
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (schema.get_str("owner").unwrap(), schema.get_str("n").unwrap()),
        ("*_User", "number")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parse_servers_database_is_served_as_it_is() {
    let mongo = test_kit::mongo().await;
    let database = mongo.database().await;
    let at = bson::DateTime::from_millis(1_600_000_000_000);
    let schema = doc! {"_id": "Post", "objectId": "string", "createdAt": "date", "updatedAt": "date", "title": "string", "author": "*_User",
    "_metadata": {"class_permissions": {"get": {"*": true}, "find": {"requiresAuthentication": true}}}};
    database.collection("_SCHEMA").insert_one(schema).await.unwrap();
    database
        .collection("Post")
        .insert_one(
            doc! {"_id": "p1", "title": "Old", "_p_author": "_User$u1", "_created_at": at, "_updated_at": at},
        )
        .await
        .unwrap();
    let hash = bcrypt::hash_with_result("legacy", 4)
        .unwrap()
        .format_for_version(bcrypt::Version::TwoA);
    database.collection("_User").insert_one(doc! {"_id": "u1", "username": "old", "_hashed_password": hash, "_rperm": ["u1"], "_wperm": ["u1"],
        "_acl": {"u1": {"r": true, "w": true}}, "_created_at": at, "_updated_at": at}).await.unwrap();

    let app = on(mongo, |_| {}).await;
    let post = app.get(&As::Nobody, "/classes/Post/p1").await.ok();
    assert_eq!(
        (&post["title"], &post["author"]["objectId"], &post["createdAt"]),
        (&json!("Old"), &json!("u1"), &json!("2020-09-13T12:26:40.000Z"))
    );
    assert_eq!(
        app.get(&As::Nobody, "/classes/Post").await.refusal(),
        (404, 101),
        "class permissions are kept"
    );
    assert_eq!(
        app.put(&As::Nobody, "/classes/Post/p1", json!({"title": "x"}))
            .await
            .refusal(),
        (400, 119),
        "what is not named is closed"
    );
    let user = app
        .post(
            &As::Nobody,
            "/login",
            json!({"username": "old", "password": "legacy"}),
        )
        .await
        .ok();
    let as_old = As::User(user["sessionToken"].as_str().unwrap().into());
    assert_eq!(app.find(&as_old, "Post", json!({})).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_changed_by_another_process_is_seen() {
    let app = stock().await;
    app.create(&As::Nobody, "A", json!({"n": 1})).await;
    let schemas = app.mongo.database().await;
    let closed = doc! {"$set": {"_metadata.class_permissions": {"find": {}}}};
    schemas
        .collection::<Document>("_SCHEMA")
        .update_one(doc! {"_id": "A"}, closed)
        .await
        .unwrap();
    test_kit::wait_until(
        std::time::Duration::from_secs(10),
        "the change is noticed",
        async || app.get(&As::Nobody, "/classes/A").await.refusal() == (400, 119),
    )
    .await;
}

/// What Parse Server, or this runtime before it stored null as Parse Server does, may have left of a pointer.
#[tokio::test(flavor = "multi_thread")]
async fn null_pointers_are_read_however_they_were_stored() {
    let app = stock().await;
    let to = |id: &str| json!({"__type": "Pointer", "className": "Thing", "objectId": id});
    let made = [
        ("unset", json!({})),
        ("null", json!({ "p": null })),
        ("set", json!({ "p": to("t1") })),
    ];
    for (name, mut fields) in made {
        fields["name"] = json!(name);
        app.create(&As::Nobody, "Thing", fields).await;
    }
    let rows = app.mongo.database().await.collection::<Document>("Thing");
    let stored = rows.find_one(doc! {"name": "null"}).await.unwrap().unwrap();
    assert_eq!(
        (stored.get("p"), stored.get("_p_p")),
        (Some(&Bson::Null), None),
        "as Parse Server has it"
    );
    rows.insert_many([
        doc! {"_id": "both", "name": "both", "p": null, "_p_p": "Thing$t1"},
        doc! {"_id": "turned", "name": "turned", "_p_p": "Thing$t1", "p": null},
        doc! {"_id": "nulls", "name": "nulls", "p": null, "_p_p": null},
        doc! {"_id": "older", "name": "older", "_p_p": null},
    ])
    .await
    .unwrap();
    let text = |path: &'static str| {
        let request = app.raw(reqwest::Method::GET, path);
        async move {
            let answer = request.header("X-Parse-Application-Id", "app").send().await;
            answer.unwrap().text().await.unwrap()
        }
    };
    for path in ["/classes/Thing/both", "/classes/Thing/turned"] {
        let text = text(path).await;
        assert_eq!(text.matches(r#""p":"#).count(), 1, "{text}");
        assert!(text.contains(r#""objectId":"t1""#), "{text}");
    }
    let names = async |clause: serde_json::Value| {
        let found = app.find(&As::Nobody, "Thing", clause).await;
        let mut names: Vec<String> = found
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names.join(" ")
    };
    let exists = |is: bool| json!({"p": {"$exists": is}});
    assert_eq!(names(exists(false)).await, "null unset");
    assert_eq!(names(exists(true)).await, "both nulls older set turned");
    assert_eq!(names(json!({ "p": null })).await, "null nulls older unset");
    assert_eq!(names(json!({ "p": to("t1") })).await, "both set turned");
    let shown = async |id: &str| {
        let row = app.get(&As::Nobody, &format!("/classes/Thing/{id}")).await.ok();
        row.get("p").cloned()
    };
    assert_eq!(shown("nulls").await, Some(json!(null)));
    assert_eq!(shown("older").await, None);
}
