//! Operators in what asks: conditions, parameters of a query and hints.

use serde_json::json;

use super::{Scene, is_refused, operators, shows_nothing};
use crate::support::encode;

#[tokio::test(flavor = "multi_thread")]
async fn operators_in_queries() {
    let scene = Scene::new().await;
    for operator in operators() {
        let mut clauses = vec![
            json!({"$where": operator}),
            json!({"$expr": operator}),
            json!({"$comment": operator}),
            json!({"$jsonSchema": operator}),
            json!({ "$or": {"0": operator} }),
            json!({"$relatedTo": {"object": operator, "key": "x"}}),
            json!({"word": {"$ne": operator}}),
            json!({"word": {"$in": [operator]}}),
            json!({"word": {"$elemMatch": operator}}),
            json!({"word": {"$not": operator}}),
            json!({"word": {"$size": 1, "$type": operator}}),
            json!({"word": {"$regex": operator}}),
            json!({"word": {"$regex": "x", "$options": operator}}),
            json!({"word": {"$exists": operator}}),
            json!({"to": {"$inQuery": {"className": operator, "where": {}}}}),
            json!({"to": {"$inQuery": {"className": "Diary", "where": {"$where": operator}}}}),
            json!({"word": {"$select": {"key": operator, "query": {"className": "Diary", "where": {}}}}}),
            json!({"word": {"$text": {"$search": {"$term": operator}}}}),
            json!({"word": {"a\u{0}": operator}}),
            json!({"place": {"$nearSphere": operator}}),
            json!({"place": {"$geoWithin": {"$centerSphere": [operator, 1]}}}),
            json!({"_rperm": operator}),
        ];
        // A list is a value that a literal or "not equal" may well have.
        if operator.is_array() || operator.get("__op").is_some() {
            clauses.retain(|clause| clause["word"].get("$ne").or(clause["word"].get("$in")).is_none());
        }
        for clause in clauses {
            let path = format!("/classes/Diary?where={}", encode(&clause.to_string()));
            is_refused(&clause.to_string(), &scene.app.get(&scene.anna, &path).await);
        }
        let text = encode(&operator.to_string());
        for name in [
            "limit",
            "skip",
            "order",
            "redirectClassNameForKey",
            "explain",
            "where",
            "unknown",
            "$where",
        ] {
            if name == "order" && operator.is_array() {
                continue;
            }
            let answer = scene
                .app
                .get(&scene.anna, &format!("/classes/Diary?{name}={text}"))
                .await;
            let is_field_list = name == "where" && operator.get("__op").is_some();
            if !is_field_list && name != "where" {
                is_refused(name, &answer);
            }
            shows_nothing(name, &answer);
        }
        for name in [
            "keys",
            "excludeKeys",
            "include",
            "includeAll",
            "count",
            "hint",
            "comment",
            "readPreference",
        ] {
            shows_nothing(
                name,
                &scene
                    .app
                    .get(&scene.anna, &format!("/classes/Diary?{name}={text}"))
                    .await,
            );
        }
    }
    scene.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_that_no_database_can_read() {
    let scene = Scene::new().await;
    for hint in [
        r#"{"a\u0000":1}"#,
        r#"{"$where":1}"#,
        r#"{"a":{"b":[1]}}"#,
        "[1]",
        "7",
        r#""no\u0000index""#,
        "{}",
    ] {
        let path = format!("/classes/Diary?hint={}", encode(hint));
        shows_nothing(hint, &scene.app.get(&scene.anna, &path).await);
    }
}
