//! `include`, dotted keys, inner queries.

use serde_json::{Value, json};

use crate::support::{App, As, encode, stock};

fn pointer(class: &str, id: &str) -> Value {
    json!({"__type": "Pointer", "className": class, "objectId": id})
}

/// Two posts by two authors of one city, with comments.
async fn blog() -> App {
    let app = stock().await;
    let city = app
        .create(&As::Nobody, "City", json!({"name": "Berlin", "size": 3}))
        .await;
    for name in ["anna", "bert"] {
        let author = app
            .create(
                &As::Nobody,
                "Author",
                json!({"name": name, "age": 30, "city": pointer("City", &city)}),
            )
            .await;
        let comments = [
            app.create(&As::Nobody, "Comment", json!({"text": format!("{name} 1")}))
                .await,
            app.create(&As::Nobody, "Comment", json!({"text": format!("{name} 2")}))
                .await,
        ];
        let gone = pointer("Comment", "missing");
        let post = json!({
            "title": name, "author": pointer("Author", &author), "lost": pointer("Author", "missing"),
            "comments": [pointer("Comment", &comments[0]), gone, pointer("Comment", &comments[1])],
            "info": {"author": pointer("Author", &author), "note": "n"},
        });
        app.create(&As::Nobody, "Post", post).await;
    }
    app
}

async fn first(app: &App, query: &str) -> Value {
    app.get(&As::Nobody, &format!("/classes/Post?order=title&{query}"))
        .await
        .ok()["results"][0]
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_who_includes_at_the_same_moment_gets_their_own() {
    let app = app_with_private_authors().await;
    let ask = async |who: &As| {
        let posts = app
            .get(who, "/classes/Post?include=author&order=title")
            .await
            .ok();
        let names = posts["results"].as_array().unwrap().iter();
        names
            .map(|post| post["author"]["name"].clone())
            .collect::<Vec<_>>()
    };
    let (_, ann) = app.user("ann").await;
    let asked = (0..60).map(|number| {
        let who = [&As::Nobody, &ann, &As::Master][number % 3];
        async move { (number % 3, ask(who).await) }
    });
    for (kind, names) in futures_util::future::join_all(asked).await {
        let secret = if kind == 2 { json!("secret") } else { Value::Null };
        assert_eq!(names, [json!("public"), secret], "{kind}");
    }
}

/// Two posts: one by an author whom everybody sees, one by an author whom nobody does.
async fn app_with_private_authors() -> App {
    let app = stock().await;
    for (name, acl) in [("public", json!({"*": {"read": true}})), ("secret", json!({}))] {
        let author = app
            .create(&As::Nobody, "Author", json!({"name": name, "ACL": acl}))
            .await;
        app.create(
            &As::Nobody,
            "Post",
            json!({"title": name, "author": pointer("Author", &author)}),
        )
        .await;
    }
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn pointers_are_replaced_at_any_depth_and_lost_ones_left_out() {
    let app = blog().await;
    let post = first(&app, "include=author.city,comments,lost,info.author").await;
    assert_eq!(
        (&post["author"]["__type"], &post["author"]["className"]),
        (&json!("Object"), &json!("Author"))
    );
    assert_eq!(post["author"]["city"]["name"], "Berlin");
    assert_eq!(post.get("lost"), None);
    let texts: Vec<&Value> = post["comments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|comment| &comment["text"])
        .collect();
    assert_eq!(texts, ["anna 1", "anna 2"]);
    assert_eq!(
        (&post["info"]["author"]["name"], &post["info"]["note"]),
        (&json!("anna"), &json!("n"))
    );
    let all = first(&app, "include=*").await;
    assert_eq!(
        (&all["author"]["name"], &all["comments"][0]["text"]),
        (&json!("anna"), &json!("anna 1"))
    );
    assert_eq!(all["author"]["city"]["__type"], "Pointer");
    assert_eq!(first(&app, "").await["author"]["__type"], "Pointer");
    let id = post["objectId"].as_str().unwrap();
    let got = app
        .get(&As::Nobody, &format!("/classes/Post/{id}?include=author"))
        .await
        .ok();
    assert_eq!(got["author"]["name"], "anna");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_in_arrays_are_passed_through_and_tell_no_more_than_the_caller_may_see() {
    let app = stock().await;
    let maker = app.create(&As::Nobody, "Maker", json!({"name": "m"})).await;
    let maker = pointer("Maker", &maker);
    let tea = app
        .create(&As::Nobody, "Product", json!({"name": "tea", "maker": maker}))
        .await;
    let secret = app
        .create(&As::Master, "Product", json!({"name": "secret", "ACL": {}}))
        .await;
    let (tea, secret) = (pointer("Product", &tea), pointer("Product", &secret));
    let order = json!({
        "items": [{"product": tea, "qty": 2}, {"product": secret, "qty": 1}, [{"product": tea}], tea, secret, 7],
        "o": {"k": {"z": [secret, tea]}},
    });
    let id = app.create(&As::Nobody, "Order", order).await;
    let read = async |who: &As, query: &str| {
        let order = app.get(who, &format!("/classes/Order/{id}?{query}")).await.ok();
        let text = order.to_string();
        (order, text.matches("\"secret\"").count())
    };

    let (order, secrets) = read(&As::Nobody, "include=items.product.maker,o.k.z").await;
    assert_eq!(secrets, 0, "{order}");
    let items = order["items"].as_array().unwrap();
    assert_eq!(items.len(), 5, "{order}");
    assert_eq!(
        (&items[0]["product"]["name"], &items[0]["qty"]),
        (&json!("tea"), &json!(2))
    );
    assert_eq!(items[0]["product"]["maker"]["name"], "m");
    assert_eq!(items[1], json!({"qty": 1}));
    assert_eq!(items[2][0]["product"]["name"], "tea");
    assert_eq!(
        (&items[3]["name"], &items[3]["maker"]["__type"]),
        (&json!("tea"), &json!("Pointer"))
    );
    assert_eq!(order["o"]["k"]["z"].as_array().unwrap().len(), 1);
    assert_eq!(order["o"]["k"]["z"][0]["name"], "tea");

    let (order, secrets) = read(&As::Master, "include=items.product,o.k.z").await;
    assert_eq!(secrets, 3, "{order}");
    let (order, _) = read(&As::Nobody, "keys=items.product.name").await;
    let product = &order["items"][0]["product"];
    assert_eq!(
        (&product["name"], product.get("maker"), order.get("o")),
        (&json!("tea"), None, None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn dotted_keys_select_through_pointers() {
    let app = blog().await;
    let post = first(&app, "keys=author.name").await;
    assert_eq!(
        (
            &post["author"]["name"],
            post["author"].get("age"),
            post.get("title")
        ),
        (&json!("anna"), None, None)
    );
    let slim = first(&app, "include=author&excludeKeys=author.age").await;
    assert_eq!(
        (&slim["author"]["name"], slim["author"].get("age"), &slim["title"]),
        (&json!("anna"), None, &json!("anna"))
    );
}

/// The id of a user whom everybody may read, but for her e-mail address.
async fn readable_anna(app: &App) -> String {
    let (anna, as_anna) = app.user("anna").await;
    app.put(
        &as_anna,
        &format!("/users/{anna}"),
        json!({"email": "anna@example.org", "ACL": {"*": {"read": true}}}),
    )
    .await
    .ok();
    anna
}

#[tokio::test(flavor = "multi_thread")]
async fn an_include_shows_only_what_the_caller_may_see() {
    let app = stock().await;
    let secret = app
        .create(&As::Master, "Secret", json!({"text": "x", "ACL": {}}))
        .await;
    app.create(&As::Nobody, "A", json!({"s": pointer("Secret", &secret)}))
        .await;
    let shown = app.get(&As::Nobody, "/classes/A?include=s").await.ok();
    assert_eq!(shown["results"][0].get("s"), None);
    let master = app.get(&As::Master, "/classes/A?include=s").await.ok();
    assert_eq!(master["results"][0]["s"]["text"], "x");

    let anna = readable_anna(&app).await;
    app.create(&As::Nobody, "B", json!({"u": pointer("_User", &anna)}))
        .await;
    let user = app.get(&As::Nobody, "/classes/B?include=u").await.ok()["results"][0]["u"].clone();
    assert_eq!(
        (&user["username"], user.get("email"), user.get("sessionToken")),
        (&json!("anna"), None, None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn inner_queries_feed_outer_ones() {
    let app = blog().await;
    let titles = async |clause: Value| {
        let mut titles: Vec<String> = app
            .find(&As::Nobody, "Post", clause)
            .await
            .iter()
            .map(|post| post["title"].as_str().unwrap().to_owned())
            .collect();
        titles.sort();
        titles.concat()
    };
    let by = |name: &str| json!({"className": "Author", "where": {"name": name}});
    assert_eq!(titles(json!({"author": {"$inQuery": by("anna")}})).await, "anna");
    assert_eq!(
        titles(json!({"author": {"$notInQuery": by("anna")}})).await,
        "bert"
    );
    let comment = json!({"className": "Comment", "where": {"text": "bert 2"}});
    assert_eq!(titles(json!({"comments": {"$inQuery": comment}})).await, "bert");
    let names = |operator: &str| json!({"title": {operator: {"key": "name", "query": {"className": "Author", "where": {"name": "anna"}}}}});
    assert_eq!(titles(names("$select")).await, "anna");
    assert_eq!(titles(names("$dontSelect")).await, "bert");
    assert_eq!(
        titles(json!({"$or": [{"author": {"$inQuery": by("anna")}}, {"title": "bert"}]})).await,
        "annabert"
    );
    assert_eq!(
        titles(json!({"author": {"$inQuery": {"className": "Unknown", "where": {}}}})).await,
        ""
    );
    let anna = app.find(&As::Nobody, "Author", json!({"name": "anna"})).await[0]["objectId"].clone();
    assert_eq!(titles(json!({"author": {"$in": [anna]}})).await, "anna");
    assert_eq!(titles(json!({"author": {"$ne": anna}})).await, "bert");
    let ids = json!({"key": "author.objectId", "query": {"className": "Post", "where": {"title": "bert"}}});
    assert_eq!(titles(json!({"author": {"$select": ids}})).await, "bert");
    for bad in [
        json!({"author": {"$inQuery": {"className": "Author", "where": {}, "redirectClassNameForKey": 7}}}),
        json!({"author": {"$inQuery": {"className": "Author"}}}),
        json!({"author": {"$inQuery": {"where": {}}}}),
        json!({"title": {"$select": {"key": "name"}}}),
        json!({"title": {"$select": {"key": "name", "query": {"className": 5}}}}),
    ] {
        let path = format!("/classes/Post?where={}", encode(&bad.to_string()));
        assert_eq!(app.get(&As::Nobody, &path).await.refusal(), (400, 102), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_field_cannot_be_read_out_by_an_inner_query() {
    let app = stock().await;
    readable_anna(&app).await;
    app.create(&As::Nobody, "Probe", json!({"guess": "anna@example.org"}))
        .await;
    let clause =
        json!({"guess": {"$select": {"key": "email", "query": {"className": "_User", "where": {}}}}});
    assert!(app.find(&As::Nobody, "Probe", clause.clone()).await.is_empty());
    assert_eq!(app.find(&As::Master, "Probe", clause).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_can_be_sent_on_to_the_class_of_a_relation() {
    let app = stock().await;
    let member = app.create(&As::Nobody, "B", json!({"n": 1})).await;
    let add = json!({"__op": "AddRelation", "objects": [pointer("B", &member)]});
    let owner = app.create(&As::Nobody, "A", json!({"likes": add})).await;
    let related =
        encode(&json!({"$relatedTo": {"object": pointer("A", &owner), "key": "likes"}}).to_string());
    let answer = app
        .get(
            &As::Nobody,
            &format!("/classes/A?redirectClassNameForKey=likes&where={related}"),
        )
        .await
        .ok();
    assert_eq!(
        (
            &answer["results"][0]["objectId"],
            &answer["results"][0]["className"]
        ),
        (&json!(member), &json!("B"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inner_query_looks_through_a_relation_and_never_into_a_class_of_the_owner() {
    let app = stock().await;
    let ann = app.create(&As::Nobody, "Person", json!({"age": 5})).await;
    let bob = app.create(&As::Nobody, "Person", json!({"age": 6})).await;
    for (name, member) in [("reds", &ann), ("blues", &bob)] {
        let add = json!({"__op": "AddRelation", "objects": [pointer("Person", member)]});
        let body = json!({"name": name, "members": add, "captain": pointer("Person", member)});
        app.create(&As::Nobody, "Team", body).await;
    }
    let teams = async |clause: Value| {
        let found = app.find(&As::Nobody, "Team", clause).await;
        found
            .iter()
            .map(|team| team["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let young = json!({"className": "Person", "where": {"age": 5}});
    assert_eq!(teams(json!({"members": {"$inQuery": young}})).await, ["reds"]);
    assert_eq!(teams(json!({"members": {"$notInQuery": young}})).await, ["blues"]);
    let turned =
        |field: &str| json!({"className": "Team", "redirectClassNameForKey": field, "where": {"age": 6}});
    assert_eq!(
        teams(json!({"captain": {"$inQuery": turned("members")}})).await,
        ["blues"]
    );

    // A relation that leads to a class of the owner leads nowhere (CVE-2026-30965).
    let hidden =
        json!({"className": "Team", "fields": {"jobs": {"type": "Relation", "targetClass": "_JobStatus"}}});
    app.put(&As::Master, "/schemas/Team", hidden).await.ok();
    let job = json!({"className": "Team", "redirectClassNameForKey": "jobs", "where": {"jobName": "x"}});
    assert!(teams(json!({"captain": {"$inQuery": job}})).await.is_empty());
}
