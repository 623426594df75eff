//! The settings of an app.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Person, Server};

fn path(app: &str) -> String {
    format!("/api/v1/apps/{app}/settings")
}

fn option<'a>(answer: &'a Answer, name: &str) -> &'a Value {
    let options = answer.json["options"].as_array().unwrap();
    options.iter().find(|option| option["name"] == name).unwrap()
}

/// What the region was last asked to run with.
async fn applied(server: &Server, person: &Person, app: &str) -> serde_json::Map<String, Value> {
    server.until_status(person, app, "ready").await;
    server.driver.last(app).unwrap().settings.0
}

#[tokio::test]
async fn nobody_and_other_tenants_see_and_change_nothing() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let app = ada.create_app("Shop").await;
    let change = json!({"sessionLength": 60});
    for (who, refusal) in [
        (&server.nobody(), (401, "not_signed_in")),
        (&bob, (404, "not_found")),
    ] {
        assert_eq!(who.get(&path(&app)).await.error(), refusal);
        assert_eq!(who.patch(&path(&app), change.clone()).await.error(), refusal);
    }
    assert_eq!(ada.get(&path(&app)).await.json["version"], 0);
}

#[tokio::test]
async fn every_option_of_the_owner_is_shown_with_its_default_and_none_of_the_platform() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let app = ada.create_app("Shop").await;
    let shown = ada.get(&path(&app)).await;
    assert_eq!((shown.status, shown.header("etag")), (200, "\"0\""));
    let length = option(&shown, "sessionLength");
    assert_eq!(
        (
            &length["default"],
            &length["value"],
            &length["kind"],
            &length["minimum"]
        ),
        (&json!(31_536_000), &Value::Null, &json!("integer"), &json!(1))
    );
    // Stricter than Parse Server, as decision 11 says.
    assert_eq!(option(&shown, "privateByDefault")["default"], true);
    assert_eq!(option(&shown, "stage")["value"], "building");
    assert_eq!(option(&shown, "mail")["fields"][0]["kind"], "secret");
    for name in ["masterKey", "databaseURI", "usageReportToken", "port"] {
        assert!(!shown.text.contains(&format!("\"name\":\"{name}\"")), "{name}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_of_each_option_and_nothing_changes() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let app = ada.create_app("Shop").await;
    for (change, option, part) in [
        (
            json!({"sesionLength": 60}),
            "sesionLength",
            "Perhaps sessionLength was meant.",
        ),
        (json!({"masterKey": "x"}), "masterKey", "panel Keys"),
        (json!({"databaseURI": "mongodb://x"}), "databaseURI", "platform"),
        (json!({"cloud": "x.js"}), "cloud", "no functions yet"),
        (
            json!({"sessionLength": 0}),
            "sessionLength",
            "a whole number of at least 1",
        ),
        (
            json!({"sessionLength": "soon"}),
            "sessionLength",
            "a whole number",
        ),
        (json!({"stage": "gone"}), "stage", "building or live"),
        (
            json!({"masterKeyIps": ["10.0.0"]}),
            "masterKeyIps",
            "no IP address",
        ),
        (
            json!({"rateLimit": [{"requestPath": "/x"}]}),
            "rateLimit",
            "requestTimeWindow",
        ),
        (
            json!({"auth": {"github": {"clientId": "x"}}}),
            "auth",
            "clientSecret",
        ),
        (json!({"pages": {"pagesPath": "/etc"}}), "pages", "customUrls"),
        (json!({"verifyUserEmails": true}), "verifyUserEmails", "mail"),
        (
            json!({"allowOrigin": ["https://a\u{0}b"]}),
            "allowOrigin",
            "U+0000",
        ),
        (
            json!({"mail": {"smtpUrl": "smtps://u:********@h", "from": "a@b.c"}}),
            "mail",
            "Write the secret again",
        ),
    ] {
        let answer = ada.patch(&path(&app), change.clone()).await;
        assert_eq!(
            answer.error(),
            (422, "invalid_input"),
            "{change}: {}",
            answer.text
        );
        assert!(answer.field(option).contains(part), "{change}: {}", answer.text);
    }
    let two = json!({"sessionLength": 0, "maxLimit": "many", "defaultLimit": 7});
    let answer = ada.patch(&path(&app), two).await;
    assert!(!answer.field("sessionLength").is_empty() && !answer.field("maxLimit").is_empty());
    assert_eq!(
        ada.patch(&path(&app), json!([])).await.error(),
        (422, "invalid_input")
    );
    let shown = ada.get(&path(&app)).await;
    assert_eq!(
        (&shown.json["version"], &option(&shown, "defaultLimit")["value"]),
        (&json!(0), &Value::Null)
    );
}

#[tokio::test]
async fn change_reaches_the_region_and_null_takes_it_back() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let app = ada.create_app("Shop").await;
    let changed = ada
        .patch(
            &path(&app),
            json!({
                "sessionLength": 60,
                "passwordPolicy": {"maxPasswordHistory": 3, "doNotAllowUsername": true},
                "rateLimit": [{"requestPath": "/login", "requestTimeWindow": 1000, "requestCount": 5}],
            }),
        )
        .await;
    assert_eq!(
        (changed.status, changed.header("etag")),
        (200, "\"1\""),
        "{}",
        changed.text
    );
    assert_eq!(option(&changed, "sessionLength")["value"], 60);
    let there = applied(&server, &ada, &app).await;
    assert_eq!(there["sessionLength"], 60);
    assert_eq!(there["rateLimit"][0]["requestCount"], 5);

    let again = ada
        .patch(
            &path(&app),
            json!({"sessionLength": null, "passwordPolicy": {"doNotAllowUsername": null}}),
        )
        .await;
    assert_eq!(option(&again, "sessionLength")["value"], Value::Null);
    let there = applied(&server, &ada, &app).await;
    assert!(!there.contains_key("sessionLength"));
    assert_eq!(there["passwordPolicy"], json!({"maxPasswordHistory": 3}));
}

#[tokio::test]
async fn all_that_is_wrong_with_a_change_is_told_at_once() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let app = ada.create_app("Shop").await;
    for patch in [
        json!({"sesionLength": 1, "maxLimit": 0}),
        json!({"sesionLength": null, "maxLimit": 0}),
    ] {
        let answer = ada.patch(&path(&app), patch).await;
        assert_eq!(answer.error(), (422, "invalid_input"));
        let fields = &answer.json["error"]["fields"];
        let told = |name: &str| fields[name].as_str().unwrap_or_else(|| panic!("{}", answer.text));
        assert!(told("sesionLength").contains("sessionLength"), "{fields}");
        assert!(told("maxLimit").contains("whole number"), "{fields}");
    }
    assert_eq!(ada.get(&path(&app)).await.json["version"], 0);
}

#[tokio::test]
async fn repeated_change_changes_nothing_and_is_remembered_once() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let app = ada.create_app("Shop").await;
    for _ in 0..2 {
        let answer = ada.patch(&path(&app), json!({"sessionLength": 60})).await;
        assert_eq!((answer.status, &answer.json["version"]), (200, &json!(1)));
    }
    let audit = ada.get(&format!("/api/v1/apps/{app}/audit")).await;
    let changes: Vec<_> = audit.json["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["action"] == "settings.change")
        .collect();
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (&changes[0]["before"], &changes[0]["after"]),
        (&json!({}), &json!({"sessionLength": 60}))
    );
}

#[tokio::test]
async fn change_to_a_version_that_is_gone_is_refused() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let app = ada.create_app("Shop").await;
    let change = async |version: &str, length: u64| {
        let request = ada
            .request(Method::PATCH, &path(&app))
            .header("if-match", version);
        ada.send(request.json(&json!({"sessionLength": length}))).await
    };
    assert_eq!(change("\"0\"", 60).await.status, 200);
    assert_eq!(change("\"0\"", 70).await.error(), (412, "settings_changed"));
    assert_eq!(change("\"1\"", 70).await.status, 200);
    assert_eq!(change("*", 80).await.status, 200);
    assert_eq!(change("x", 90).await.error(), (422, "invalid_input"));
    assert_eq!(option(&ada.get(&path(&app)).await, "sessionLength")["value"], 80);
}

#[tokio::test]
async fn secrets_are_sealed_masked_and_kept_when_their_mask_comes_back() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let app = ada.create_app("Shop").await;
    let url = "smtps://ann:hush-one@mail.example:465";
    let change = json!({
        "mail": {"smtpUrl": url, "from": "shop@example.com"},
        "auth": {"github": {"clientId": "id", "clientSecret": "hush-two"}},
    });
    let answer = ada.patch(&path(&app), change).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let shown = ada.get(&path(&app)).await;
    let mail = option(&shown, "mail")["value"].clone();
    assert_eq!(mail["smtpUrl"], "smtps://ann:********@mail.example:465");
    let audit = ada.get(&format!("/api/v1/apps/{app}/audit")).await;
    let stored: Value = sqlx::query_scalar("SELECT settings FROM apps")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(stored["mail"]["from"], "shop@example.com");
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM app_secrets WHERE kind = 'settings'")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    for text in [
        &answer.text,
        &shown.text,
        &audit.text,
        &stored.to_string(),
        &String::from_utf8_lossy(&sealed).into_owned(),
    ] {
        assert!(!text.contains("hush"), "{text}");
    }
    let there = applied(&server, &ada, &app).await;
    assert_eq!(there["mail"]["smtpUrl"], url);
    assert_eq!(there["auth"]["github"]["clientSecret"], "hush-two");
    assert!(!format!("{:?}", server.driver.last(&app).unwrap()).contains("hush"));

    let mut back = mail;
    back["replyTo"] = json!("help@example.com");
    back["smtpUrl"] = json!("smtps://ann:********@mail.example:465");
    assert_eq!(ada.patch(&path(&app), json!({"mail": back})).await.status, 200);
    let there = applied(&server, &ada, &app).await;
    assert_eq!(there["mail"]["smtpUrl"], url);
    assert_eq!(there["mail"]["replyTo"], "help@example.com");
    let elsewhere = json!({"mail": {"smtpUrl": "smtps://ann:********@evil.example:465"}});
    assert_eq!(ada.patch(&path(&app), elsewhere).await.error().0, 422);
}

#[tokio::test]
async fn app_goes_live_and_back_by_its_stage() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let app = ada.create_app("Shop").await;
    for stage in ["live", "building"] {
        let answer = ada.patch(&path(&app), json!({"stage": stage})).await;
        assert_eq!(option(&answer, "stage")["value"], stage, "{}", answer.text);
        let open = option(&answer, "allowClientClassCreation");
        assert_eq!(open["default"], stage == "building");
        let ready = server.until_status(&ada, &app, "ready").await;
        assert_eq!(ready.json["app"]["stage"], stage);
        assert_eq!(server.driver.last(&app).unwrap().stage, stage);
    }
    let audit = ada.get(&format!("/api/v1/apps/{app}/audit")).await;
    let last = &audit.json["entries"][0];
    assert_eq!(
        (&last["before"]["stage"], &last["after"]["stage"]),
        (&json!("live"), &json!("building"))
    );
}

#[tokio::test]
async fn deleted_app_keeps_its_settings() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let app = ada.create_app("Shop").await;
    ada.patch(&path(&app), json!({"sessionLength": 60})).await;
    ada.delete(&format!("/api/v1/apps/{app}")).await;
    let refused = ada.patch(&path(&app), json!({"sessionLength": 70})).await;
    assert_eq!(refused.error(), (409, "app_deleted"));
    ada.post(&format!("/api/v1/apps/{app}/undelete"), json!({})).await;
    assert_eq!(applied(&server, &ada, &app).await["sessionLength"], 60);
}

#[tokio::test]
async fn roles_may_what_they_may() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let app = ada.create_app("Shop").await;
    for (role, length, addresses) in [("viewer", 403, 403), ("member", 200, 403), ("admin", 200, 200)] {
        server.bob_becomes(role).await;
        assert_eq!(bob.get(&path(&app)).await.status, 200);
        let change = json!({"sessionLength": 60 + addresses});
        assert_eq!(bob.patch(&path(&app), change).await.status, length, "{role}");
        let change = json!({"masterKeyIps": ["203.0.113.7"]});
        assert_eq!(bob.patch(&path(&app), change).await.status, addresses, "{role}");
    }
}
