//! Data and queries: nobody reads or writes what is not theirs, whichever way they ask.

use app_runtime::settings::{Problem, Settings};
use bson::{Document, doc};
use futures_util::TryStreamExt;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, As, answer, app, encode, rows, stock};

/// An app with two notes whose field `secret` is protected, and one user.
async fn notes() -> (App, As) {
    let app = stock().await;
    for letter in ["a", "b"] {
        let note =
            json!({"title": letter, "secret": {"deep": {"word": letter}}, "ACL": {"*": {"read": true}}});
        app.create(&As::Master, "Note", note).await;
    }
    let permissions = json!({"find": {"*": true}, "get": {"*": true}, "count": {"*": true}, "protectedFields": {"*": ["secret"]}});
    let body = json!({ "classLevelPermissions": permissions });
    app.put(&As::Master, "/schemas/Note", body).await.ok();
    let (_, anna) = app.user("anna").await;
    (app, anna)
}

/// Holds that neither form of the query is answered, with or without a session.
async fn is_refused(app: &App, anna: &As, parameters: &str) {
    for who in [&As::Nobody, anna] {
        for form in ["", "&count=1&limit=0"] {
            let refused = app.get(who, &format!("/classes/Note?{parameters}{form}")).await;
            assert_eq!(refused.refusal(), (400, 119), "{who:?} {parameters}{form}");
        }
    }
}

fn clause(clause: Value) -> String {
    format!("where={}", encode(&clause.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2022_36079_protected_fields_cannot_be_queried_or_sorted_by() {
    let (app, anna) = notes().await;
    is_refused(&app, &anna, &clause(json!({"secret": {"$exists": true}}))).await;
    is_refused(
        &app,
        &anna,
        &clause(json!({"secret": {"$ne": null}, "title": "a"})),
    )
    .await;
    is_refused(&app, &anna, "order=-secret").await;
    is_refused(&app, &anna, "order=title,%2Bsecret").await;
    let inner = json!({"className": "Note", "where": {"secret": {"$exists": true}}});
    let outer = clause(json!({"title": {"$select": {"key": "title", "query": inner}}}));
    let refused = app.get(&anna, &format!("/classes/Note?{outer}")).await;
    assert_eq!(refused.refusal(), (400, 119));
    let sorted = json!({"className": "Note", "where": {}, "order": "secret", "limit": 1});
    let outer = json!({"title": {"$select": {"key": "title", "query": sorted}}});
    let found = app.find(&anna, "Note", outer).await;
    assert_eq!(found.len(), 2, "an inner query has no order that could tell");
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_30962_logical_operators_hide_no_condition_on_a_protected_field() {
    let (app, anna) = notes().await;
    let probe = json!({"secret": {"$exists": true}});
    for wrapped in [
        json!({"$or": [{"title": "x"}, probe]}),
        json!({"$and": [probe]}),
        json!({"$nor": [probe]}),
        json!({"$or": [{"$and": [{"$nor": [{"title": 1}, probe]}]}]}),
    ] {
        is_refused(&app, &anna, &clause(wrapped)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_31872_parts_of_a_protected_field_are_protected() {
    let (app, anna) = notes().await;
    is_refused(
        &app,
        &anna,
        &clause(json!({"secret.deep.word": {"$regex": "^a"}})),
    )
    .await;
    is_refused(&app, &anna, &clause(json!({"$or": [{"secret.deep.word": "a"}]}))).await;
    is_refused(&app, &anna, "order=secret.deep.word").await;
    for parameters in ["keys=secret.deep.word", "keys=secret.deep", "include=secret.deep"] {
        let shown = app.get(&anna, &format!("/classes/Note?{parameters}")).await.ok();
        assert!(!shown.to_string().contains("word"), "{parameters}: {shown}");
    }
}

/// What a subquery takes a value from may be no column that the class does not show.
#[tokio::test(flavor = "multi_thread")]
async fn a_subquery_compares_with_no_hidden_value() {
    let (app, anna) = notes().await;
    let identity = json!({"authData": {"anonymous": {"id": "device-1"}}});
    app.post(&As::Nobody, "/users", identity).await.ok();
    app.create(&As::Nobody, "Guess", json!({"word": "device-1"}))
        .await;
    for key in [
        "_auth_data_anonymous.id",
        "authData.anonymous.id",
        "_hashed_password",
        "_rperm",
        "$where",
    ] {
        let query = json!({"className": "_User", "where": {}});
        let guess = clause(json!({"word": {"$select": {"key": key, "query": query}}}));
        let answer = app.get(&anna, &format!("/classes/Guess?{guess}")).await;
        let learnt = answer.status == 200 && answer.body["results"] != json!([]);
        assert!(!learnt, "{key}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_30965_a_redirect_shows_no_sessions() {
    let app = stock().await;
    let (_, anna) = app.user("anna").await;
    let (_, bert) = app.user("bert").await;
    let session = app.get(&bert, "/sessions/me").await.ok();
    let pointer = |class: &str, id: &Value| json!({"__type": "Pointer", "className": class, "objectId": id});
    for (field, class) in [
        ("session", "_Session"),
        ("role", "_Join:users:_Role"),
        ("audience", "_Audience"),
    ] {
        let body = json!({ field: pointer(class, &session["objectId"]) });
        app.post(&anna, "/classes/Way", body).await;
        let relation = json!({"__op": "AddRelation", "objects": [pointer(class, &session["objectId"])]});
        app.post(&anna, "/classes/Way", json!({ format!("{field}s"): relation }))
            .await;
        for key in [field.to_owned(), format!("{field}s")] {
            for who in [&As::Nobody, &anna] {
                let path = format!("/classes/Way?redirectClassNameForKey={key}");
                let shown = app.get(who, &path).await.body.to_string();
                let As::User(token) = &bert else { unreachable!() };
                assert!(!shown.contains(token), "{key}: {shown}");
                assert!(
                    !shown.contains(session["objectId"].as_str().unwrap()) || !shown.contains("createdWith")
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_31800_classes_of_the_owner_are_closed_to_clients() {
    let app = stock().await;
    let (_, anna) = app.user("anna").await;
    let audience = json!({"name": "all", "query": "{}"});
    app.post(&As::Master, "/push_audiences", audience.clone())
        .await
        .ok();
    for class in ["_GraphQLConfig", "_Audience", "_PushStatus", "_JobSchedule"] {
        for who in [&As::Nobody, &anna] {
            let path = format!("/classes/{class}");
            let item = json!({"method": "GET", "path": format!("/parse{path}")});
            let batch = app.post(who, "/batch", json!({ "requests": [item] })).await;
            assert!(
                batch.status >= 400 || batch.body[0]["error"].is_object(),
                "{batch:?}"
            );
            for (method, path, body) in [
                (Method::GET, path.clone(), Value::Null),
                (Method::GET, format!("{path}/x"), Value::Null),
                (Method::POST, path.clone(), audience.clone()),
                (Method::PUT, format!("{path}/x"), audience.clone()),
                (Method::DELETE, format!("{path}/x"), Value::Null),
            ] {
                let answer = app.call(who, method.clone(), &path, body).await;
                assert_eq!(answer.refusal(), (400, 119), "{method} {path}");
            }
            let query = json!({"className": class, "where": {}});
            let inner = clause(json!({"name": {"$select": {"key": "name", "query": query}}}));
            let answer = app.get(who, &format!("/classes/_User?{inner}")).await;
            assert_eq!(answer.refusal(), (400, 119), "{class}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_30835_a_malformed_pattern_tells_nothing_of_the_database() {
    let (app, anna) = notes().await;
    for pattern in ["[", "(", "(?<n>", "*", "\\", "(?P<1>a)", "a{99999}", "(?'x"] {
        for condition in [json!({"$regex": pattern}), json!({"$all": [{"$regex": pattern}]})] {
            let path = format!("/classes/Note?{}", clause(json!({"title": condition})));
            let answer = app.get(&anna, &path).await;
            assert!(matches!(answer.status, 200 | 400), "{pattern}: {answer:?}");
            let text = answer.body.to_string().to_lowercase();
            for word in [
                "mongo",
                "clustertime",
                "topology",
                "errmsg",
                "code name",
                "regular expression is invalid",
                "51091",
            ] {
                assert!(!text.contains(word), "{pattern}: {text}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_32878_a_refused_request_leaves_the_schema_as_it_was() {
    let (app, anna) = notes().await;
    let permissions =
        json!({"create": {"*": true}, "update": {"*": true}, "find": {"*": true}, "addField": {}});
    let body = json!({ "classLevelPermissions": permissions });
    app.put(&As::Master, "/schemas/Note", body).await.ok();
    let before = app.get(&As::Master, "/schemas/Note").await.ok();
    for body in [
        r#"{"title":"x","__proto__":{"admin":true}}"#,
        r#"{"title":"x","constructor":{"prototype":{"admin":true}}}"#,
        r#"{"title":"x","extra":1}"#,
        r#"{"title":"x","extra.deep":1}"#,
        r#"{"title":"x","_schema":{"fields":{"admin":"string"}}}"#,
    ] {
        let request = app
            .raw(Method::POST, "/classes/Note")
            .header("X-Parse-Application-Id", "app")
            .body(body);
        assert_eq!(answer(request).await.status, 400, "{body}");
        assert_eq!(app.get(&As::Master, "/schemas/Note").await.ok(), before, "{body}");
    }
    app.post(&anna, "/classes/Note", json!({"title": "y"})).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_30938_a_denied_keyword_is_found_after_any_nested_value() {
    let app = stock().await;
    for mut body in [
        json!({"first": {"a": 1}, "second": {"__proto__": 1}}),
        json!({"first": [{"a": {"b": 1}}, {"constructor": 1}]}),
        json!({"first": [[], [[{"_bsontype": "Code"}]]]}),
        json!({"a": {"b": {"c": {}}, "d": [{}, {}, {"e": {"__proto__": null}}]}}),
        json!({"list": {"__op": "Add", "objects": [{}, {"__proto__": 1}]}}),
    ] {
        body["installationId"] = json!("i");
        body["deviceType"] = json!("ios");
        for path in ["/classes/A", "/users", "/installations"] {
            let refused = app.post(&As::Nobody, path, body.clone()).await;
            assert_eq!(refused.refusal(), (400, 105), "{path} {body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2024_27298_39309_2026_31840_31856_31871_32234_and_33539_sql_means_nothing() {
    let (app, anna) = notes().await;
    let sql = r#"'; DROP TABLE "Note"; --"#;
    let before = app.get(&As::Master, "/classes/Note").await.ok();
    assert!(
        app.find(&anna, "Note", json!({"title": {"$regex": format!("^{sql}")}}))
            .await
            .is_empty()
    );
    assert!(
        app.find(&anna, "Note", json!({"title": {"$regex": "\\A'; SELECT 1 --"}}))
            .await
            .is_empty()
    );
    assert!(app.find(&anna, "Note", json!({"title": sql})).await.is_empty());
    for (parameters, code) in [
        (clause(json!({ format!("info.{sql}"): 1 })), 105),
        (clause(json!({ format!("info.a' = 'x"): {"$regex": "x"} })), 105),
        (format!("order={}", encode(sql)), 105),
        (format!("order={}", encode("info.a' DESC; --")), 105),
    ] {
        let refused = app.get(&anna, &format!("/classes/Note?{parameters}")).await;
        assert_eq!(refused.refusal(), (400, code), "{parameters}");
    }
    let id = before["results"][0]["objectId"].as_str().unwrap().to_owned();
    let path = format!("/classes/Note/{id}");
    let text = json!({"count": {"__op": "Increment", "amount": "1; DROP TABLE x"}});
    assert_eq!(app.put(&As::Master, &path, text).await.refusal(), (400, 107));
    let below = json!({ format!("info.{sql}"): {"__op": "Increment", "amount": 1} });
    app.put(&As::Master, &path, below).await.ok();
    let changed = app.get(&As::Master, &path).await.ok();
    assert_eq!(
        changed["info"],
        json!({ sql: 1 }),
        "the name of a key, and nothing more"
    );
    for parameters in [
        format!("distinct={}", encode(sql)),
        clause(json!({"x": 1})) + "&distinct=a'--",
    ] {
        let answer = app
            .get(&As::Master, &format!("/aggregate/Note?{parameters}"))
            .await;
        assert!(
            answer.status == 400 || answer.body["results"] == json!([]),
            "{answer:?}"
        );
    }
    let group = encode(&json!([{"$group": {"_id": format!("$title.{sql}"), "n": {"$sum": 1}}}]).to_string());
    let answer = app
        .get(&As::Master, &format!("/aggregate/Note?pipeline={group}"))
        .await;
    assert!(matches!(answer.status, 200 | 400), "{answer:?}");
    assert_eq!(app.find(&As::Master, "Note", json!({})).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_31828_and_2020_26288_no_password_goes_to_ldap_or_into_the_database() {
    let options = json!({"appId": "app", "masterKey": "master", "auth": {
        "ldap": {"url": "ldaps://ldap.example", "suffix": "dc=example", "groupCn": "staff", "groupFilter": "(uid={{id}})"},
    }});
    let refused = Settings::from_options(options.as_object().unwrap()).unwrap_err();
    let ours = |problem: &Problem| problem.option() == Some("auth") && problem.reason().contains("LDAP");
    assert!(refused.0.iter().any(ours), "{refused}");

    // Nor has an app another provider by that name, or takes what is meant for it.
    let app = app(|settings| settings.allow_client_class_creation = true).await;
    let (user, as_anna) = app.user("anna").await;
    let identity = json!({"authData": {"ldap": {"id": "*)(uid=*", "password": "hush"}}});
    let signed_up = app.post(&As::Nobody, "/users", identity.clone()).await;
    assert_eq!(signed_up.refusal(), (400, 252));
    let linked = app.put(&as_anna, &format!("/users/{user}"), identity).await;
    assert_eq!(linked.refusal(), (400, 252));
    let stored = rows(&app, "_User").await.find(doc! {}).await.unwrap();
    let stored: Vec<Document> = stored.try_collect().await.unwrap();
    assert_eq!(stored.len(), 1);
    assert!(!format!("{stored:?}").contains("hush"), "{stored:?}");
}
