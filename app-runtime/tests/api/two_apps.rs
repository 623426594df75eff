//! Two apps side by side on one database server: whoever has all keys, sessions and ids of the one reads, writes and
//! learns nothing of the other.

use std::collections::BTreeMap;
use std::time::Instant;

use app_runtime::settings::Settings;
use bson::{Bson, doc};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Answer, App, answer, on};

/// One of the two, with a user and an object; both apps have the same names for everything.
struct Tenant {
    app: App,
    user: String,
    token: String,
    object: String,
    session: String,
    installation: String,
    role: String,
}

fn distinct(name: &'static str) -> impl FnOnce(&mut Settings) {
    move |settings| {
        let key = |kind: &str| Some(format!("{kind}-{name}").into());
        settings.app_id = name.to_owned();
        settings.allow_client_class_creation = true;
        settings.master_key = format!("master-{name}").into();
        settings.client_key = key("client");
        settings.javascript_key = key("js");
        settings.rest_api_key = key("rest");
        settings.maintenance_key = key("maintenance");
        settings.read_only_master_key = key("look");
        let options = json!({"appId": "x", "masterKey": "m", "idempotencyOptions": {"paths": ["classes/Task"], "ttl": 300},
            "rateLimit": {"requestPath": "/classes/Limited", "requestTimeWindow": 3_600_000, "requestCount": 2,
                "includeInternalRequests": true, "zone": "ip"}});
        let parsed = Settings::from_options(options.as_object().unwrap()).unwrap();
        settings.idempotency = parsed.idempotency;
        settings.rate_limits = parsed.rate_limits;
    }
}

impl Tenant {
    async fn new(app: App, name: &str) -> Self {
        let own = |request: RequestBuilder| with_keys(request, name);
        let post =
            async |path: &str, body: Value| answer(own(app.raw(Method::POST, path)).json(&body)).await.ok();
        let user = post(
            "/users",
            json!({"username": "vera", "password": "pw", "email": "vera@example.org", "secret": name}),
        )
        .await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let token = text(&user["sessionToken"]);
        let task = post("/classes/Task", json!({"title": name})).await;
        let role = post("/roles", json!({"name": "Staff", "ACL": {"*": {"read": true}}})).await;
        let device = json!({"installationId": "device", "deviceType": "ios", "deviceToken": name});
        let installation = post("/installations", device).await;
        let session =
            answer(own(app.raw(Method::GET, "/sessions/me")).header("X-Parse-Session-Token", &token))
                .await
                .ok();
        Self {
            user: text(&user["objectId"]),
            object: text(&task["objectId"]),
            session: text(&session["objectId"]),
            installation: text(&installation["objectId"]),
            role: text(&role["objectId"]),
            token,
            app,
        }
    }

    /// Ids and tokens, which nobody outside of the app may be told.
    fn secrets(&self) -> [&str; 6] {
        [
            &self.user,
            &self.token,
            &self.object,
            &self.session,
            &self.installation,
            &self.role,
        ]
    }

    /// Every stored document, by collection.
    async fn everything(&self) -> BTreeMap<String, Vec<Bson>> {
        let database = self.app.mongo.database().await;
        let mut all = BTreeMap::new();
        for name in database.list_collection_names().await.unwrap() {
            let cursor = database
                .collection::<bson::Document>(&name)
                .find(doc! {})
                .await
                .unwrap();
            let rows: Vec<bson::Document> = futures_util::TryStreamExt::try_collect(cursor).await.unwrap();
            all.insert(name, rows.into_iter().map(Bson::from).collect());
        }
        all
    }
}

fn with_keys(request: RequestBuilder, name: &str) -> RequestBuilder {
    request
        .header("X-Parse-Application-Id", name)
        .header("X-Parse-REST-API-Key", format!("rest-{name}"))
}

async fn two() -> (Tenant, Tenant) {
    let (first, second) = (test_kit::mongo().await, test_kit::mongo().await);
    let ours = Tenant::new(on(first, distinct("ours")).await, "ours").await;
    let theirs = Tenant::new(on(second, distinct("theirs")).await, "theirs").await;
    (ours, theirs)
}

/// Every route there is, with the ids of `tenant` in it.
fn routes(tenant: &Tenant) -> Vec<(Method, String, Value)> {
    let Tenant {
        user,
        object,
        session,
        installation,
        role,
        token,
        ..
    } = tenant;
    let get = |path: String| (Method::GET, path, Value::Null);
    let write = json!({"title": "changed"});
    let log_in = json!({"username": "vera", "password": "pw"});
    let mut all = vec![
        get("/classes/Task".into()),
        get("/users".into()),
        get("/users/me".into()),
        get("/sessions".into()),
        get("/sessions/me".into()),
        get("/roles".into()),
        get("/installations".into()),
        get("/schemas".into()),
        get("/schemas/Task".into()),
        get("/config".into()),
        get("/serverInfo".into()),
        get("/security".into()),
        get("/aggregate/Task?distinct=title".into()),
        get("/push_audiences".into()),
        get("/login?username=vera&password=pw".into()),
        get("/classes/_User?count=1&limit=0".into()),
        (Method::POST, "/classes/Task".into(), write.clone()),
        (
            Method::POST,
            "/users".into(),
            json!({"username": "new", "password": "pw"}),
        ),
        (Method::POST, "/login".into(), log_in.clone()),
        (Method::POST, "/loginAs".into(), json!({ "userId": user })),
        (Method::POST, "/verifyPassword".into(), log_in),
        (Method::POST, "/logout".into(), json!({})),
        (Method::POST, "/challenge".into(), json!({"challengeData": {}})),
        (Method::POST, "/upgradeToRevocableSession".into(), json!({})),
        (
            Method::POST,
            "/requestPasswordReset".into(),
            json!({"email": "vera@example.org"}),
        ),
        (
            Method::POST,
            "/verificationEmailRequest".into(),
            json!({"email": "vera@example.org"}),
        ),
        (Method::POST, "/sessions".into(), json!({})),
        (Method::POST, "/roles".into(), json!({"name": "Mine", "ACL": {}})),
        (
            Method::POST,
            "/installations".into(),
            json!({"installationId": "device", "deviceType": "ios"}),
        ),
        (Method::POST, "/schemas/Mine".into(), json!({"className": "Mine"})),
        (
            Method::PUT,
            "/schemas/Task".into(),
            json!({"fields": {"x": {"type": "String"}}}),
        ),
        (Method::DELETE, "/schemas/Task".into(), Value::Null),
        (Method::DELETE, "/purge/Task".into(), Value::Null),
        (Method::PUT, "/config".into(), json!({"params": {"x": 1}})),
        (
            Method::POST,
            "/push_audiences".into(),
            json!({"name": "x", "query": "{}"}),
        ),
        (
            Method::POST,
            "/batch".into(),
            json!({"requests": [
                {"method": "DELETE", "path": format!("/parse/classes/Task/{object}")},
                {"method": "GET", "path": "/parse/users/me"},
            ]}),
        ),
        get(format!("/users/me?token={token}")),
    ];
    for (collection, id) in [
        ("classes/Task", object),
        ("users", user),
        ("sessions", session),
        ("installations", installation),
        ("roles", role),
    ] {
        let path = format!("/{collection}/{id}");
        all.push(get(path.clone()));
        all.push((Method::PUT, path.clone(), write.clone()));
        all.push((Method::DELETE, path, Value::Null));
    }
    all
}

/// Every way of saying that one is the other app's.
fn credentials(ours: &Tenant) -> Vec<Vec<(&'static str, String)>> {
    let header = |name: &'static str, value: &str| (name, value.to_owned());
    let id = header("X-Parse-Application-Id", "ours");
    let session = header("X-Parse-Session-Token", &ours.token);
    let mut all: Vec<Vec<_>> = [
        ("X-Parse-Master-Key", "master-ours"),
        ("X-Parse-Master-Key", "look-ours"),
        ("X-Parse-Maintenance-Key", "maintenance-ours"),
        ("X-Parse-REST-API-Key", "rest-ours"),
        ("X-Parse-Client-Key", "client-ours"),
        ("X-Parse-Javascript-Key", "js-ours"),
    ]
    .map(|(name, key)| vec![id.clone(), session.clone(), header(name, key)])
    .into();
    let names_them: Vec<Vec<_>> = all
        .iter()
        .map(|headers| {
            let rest = headers.iter().skip(1).cloned();
            std::iter::once(header("X-Parse-Application-Id", "theirs"))
                .chain(rest)
                .collect()
        })
        .collect();
    all.extend(names_them);
    all
}

/// Only the app id of a request may be public knowledge; with nothing else right, every route says the same.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_the_other_apps_keys_in_the_same_words() {
    let (ours, theirs) = two().await;
    let before = theirs.everything().await;
    let unauthorized = Answer {
        status: 403,
        body: json!({"error": "unauthorized"}),
    };
    for (method, path, body) in routes(&theirs).into_iter().chain(routes(&ours)) {
        for headers in credentials(&ours) {
            let request = theirs.app.raw(method.clone(), &path);
            let request = headers
                .iter()
                .fold(request, |request, (name, value)| request.header(*name, value));
            let request = if body.is_null() {
                request
            } else {
                request.json(&body)
            };
            assert_eq!(answer(request).await, unauthorized, "{method} {path} {headers:?}");
        }
        let sdk = json!({"_method": method.as_str(), "_ApplicationId": "theirs", "_MasterKey": "master-ours",
            "_JavaScriptKey": "js-ours", "_SessionToken": ours.token});
        let request = theirs.app.raw(Method::POST, &path).body(sdk.to_string());
        assert_eq!(answer(request).await, unauthorized, "{method} {path}");
    }
    assert_eq!(theirs.everything().await, before);
}

/// The public keys of an app are in every copy of its client: with those, a session or id of another app is worth nothing.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_ids_of_one_app_mean_nothing_in_the_other() {
    let (ours, theirs) = two().await;
    for (method, path, body) in routes(&ours) {
        if path == "/users" || path.starts_with("/login") || path == "/verifyPassword" {
            continue;
        }
        let request = with_keys(theirs.app.raw(method.clone(), &path), "theirs")
            .header("X-Parse-Session-Token", &ours.token);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let refused = answer(request).await;
        assert_eq!(refused.refusal(), (400, 209), "{method} {path} {refused:?}");
    }
    for (method, path, body) in routes(&ours) {
        let named = ours.secrets().iter().any(|secret| path.contains(secret));
        if !named || path.contains("token=") {
            continue;
        }
        let request = with_keys(theirs.app.raw(method.clone(), &path), "theirs");
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let refused = answer(request).await;
        assert!(
            (400..500).contains(&refused.status),
            "{method} {path} {refused:?}"
        );
        let invented = path.replace(|c: char| c.is_ascii_digit(), "z");
        let request = with_keys(theirs.app.raw(method.clone(), &invented), "theirs");
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let same = answer(request).await;
        assert_eq!(
            same.refusal(),
            refused.refusal(),
            "an id of another app is like one of nobody"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_one_app_remembers_counts_in_the_other() {
    let (ours, theirs) = two().await;
    for tenant in [(&ours, "ours"), (&theirs, "theirs")] {
        let once = || {
            with_keys(tenant.0.app.raw(Method::POST, "/classes/Task"), tenant.1)
                .header("X-Parse-Request-Id", "the-same")
                .json(&json!({"title": "once"}))
        };
        assert_eq!(
            answer(once()).await.status,
            201,
            "a request id of the other app is new"
        );
        assert_eq!(answer(once()).await.refusal(), (400, 159));
        for expected in [200, 200, 429] {
            let limited = with_keys(tenant.0.app.raw(Method::GET, "/classes/Limited"), tenant.1);
            assert_eq!(
                answer(limited).await.status,
                expected,
                "each app counts for itself"
            );
        }
        let me = with_keys(tenant.0.app.raw(Method::GET, "/users/me"), tenant.1);
        let me = answer(me.header("X-Parse-Session-Token", &tenant.0.token))
            .await
            .ok();
        assert_eq!(me["secret"], tenant.1);
    }
    let gone =
        with_keys(ours.app.raw(Method::POST, "/logout"), "ours").header("X-Parse-Session-Token", &ours.token);
    answer(gone.json(&json!({}))).await.ok();
    let me = with_keys(theirs.app.raw(Method::GET, "/users/me"), "theirs");
    answer(me.header("X-Parse-Session-Token", &theirs.token))
        .await
        .ok();
    let schema = json!({"className": "Only"});
    let made = ours
        .app
        .raw(Method::POST, "/schemas/Only")
        .header("X-Parse-Application-Id", "ours");
    answer(made.header("X-Parse-Master-Key", "master-ours").json(&schema))
        .await
        .ok();
    let seen = theirs
        .app
        .raw(Method::GET, "/schemas/Only")
        .header("X-Parse-Application-Id", "theirs");
    assert_eq!(
        answer(seen.header("X-Parse-Master-Key", "master-theirs"))
            .await
            .refusal(),
        (400, 103)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_token_takes_no_longer_than_one_that_never_was() {
    let (ours, theirs) = two().await;
    let fastest = async |token: &str| {
        let mut times = Vec::new();
        for _ in 0..20 {
            let request = with_keys(theirs.app.raw(Method::GET, "/users/me"), "theirs");
            let begun = Instant::now();
            let refused = answer(request.header("X-Parse-Session-Token", token)).await;
            times.push(begun.elapsed());
            assert_eq!(
                (refused.refusal(), &refused.body["error"]),
                ((400, 209), &json!("Invalid session token"))
            );
        }
        times.into_iter().min().unwrap()
    };
    let (foreign, invented) = (
        fastest(&ours.token).await,
        fastest("r:00000000000000000000000000000000").await,
    );
    assert!(
        foreign < invented * 5 && invented < foreign * 5,
        "{foreign:?} {invented:?}"
    );
}

/// Whoever the runtime is on the database server, root even, its owner's requests stay in one database.
#[tokio::test(flavor = "multi_thread")]
async fn aggregates_and_names_of_classes_reach_no_other_database() {
    let (ours, theirs) = two().await;
    let database = theirs.app.mongo.name();
    let before = theirs.everything().await;
    let other = json!({"db": database, "coll": "Task"});
    let dotted = format!("{database}.Task");
    for stage in [
        json!({ "$out": other }),
        json!({"$merge": { "into": other }}),
        json!({"$lookup": {"from": other, "localField": "x", "foreignField": "x", "as": "all"}}),
        json!({"$unionWith": other}),
        json!({"$unionWith": dotted}),
        json!({"$graphLookup": {"from": dotted, "startWith": "$x", "connectFromField": "x", "connectToField": "x", "as": "all"}}),
        json!({"$facet": {"a": [{ "$out": other }]}}),
        json!({"$listSessions": {"allUsers": true}}),
        json!({"$currentOp": {"allUsers": true}}),
        json!({"$changeStream": {"allChangesForCluster": true}}),
    ] {
        let pipeline = crate::support::encode(&json!([stage]).to_string());
        let request = ours
            .app
            .raw(Method::GET, &format!("/aggregate/Task?pipeline={pipeline}"));
        let request = request
            .header("X-Parse-Application-Id", "ours")
            .header("X-Parse-Master-Key", "master-ours");
        let refused = answer(request).await;
        let empty = refused.body["results"]
            .as_array()
            .is_some_and(|found| !found.iter().any(|row| row.to_string().contains(&theirs.object)));
        assert!(refused.status == 400 || empty, "{stage} {refused:?}");
    }
    for class in [
        dotted.as_str(),
        &format!("../{dotted}"),
        "admin.system.users",
        "local.oplog.rs",
        "system.profile",
    ] {
        for method in [Method::GET, Method::POST] {
            let path = format!("/classes/{}", class.replace('/', "%2F"));
            let request = ours.app.raw(method, &path);
            let request = request
                .header("X-Parse-Application-Id", "ours")
                .header("X-Parse-Master-Key", "master-ours");
            let refused = answer(request).await;
            assert!((400..500).contains(&refused.status), "{class} {refused:?}");
        }
    }
    assert_eq!(theirs.everything().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_of_one_database_keep_apart_by_their_prefixes() {
    let mongo = test_kit::mongo().await;
    let uri = mongo.uri().to_owned();
    let ours = Tenant::new(
        on(mongo, |settings| {
            distinct("ours")(settings);
            settings.collection_prefix = "ours_".into();
        })
        .await,
        "ours",
    )
    .await;
    let other = test_kit::mongo().await;
    let theirs = Tenant::new(
        on(other, |settings| {
            distinct("theirs")(settings);
            settings.database_uri = uri.clone().into();
            settings.collection_prefix = "theirs_".into();
        })
        .await,
        "theirs",
    )
    .await;
    for (tenant, name, other) in [(&ours, "ours", &theirs), (&theirs, "theirs", &ours)] {
        let master = |path: &str| {
            let request = tenant
                .app
                .raw(Method::GET, path)
                .header("X-Parse-Application-Id", name);
            answer(request.header("X-Parse-Master-Key", format!("master-{name}")))
        };
        for path in [
            "/classes/Task",
            "/users",
            "/sessions",
            "/installations",
            "/roles",
            "/schemas",
        ] {
            let shown = master(path).await.ok().to_string();
            for secret in other.secrets() {
                assert!(!shown.contains(secret), "{path}: {shown}");
            }
        }
        for class in ["ours_Task", "theirs_Task", "../Task", "theirs_Task%00"] {
            let shown = master(&format!("/classes/{class}")).await;
            assert!(
                shown.status >= 400 || shown.body["results"] == json!([]),
                "{class} {shown:?}"
            );
        }
        let found = master("/classes/Task").await.ok();
        assert_eq!(found["results"].as_array().unwrap().len(), 1);
        assert_eq!(found["results"][0]["title"], name);
        let lookup = json!([{"$lookup": {"from": "theirs_Task", "localField": "x", "foreignField": "x", "as": "all"}}]);
        let shown = master(&format!(
            "/aggregate/Task?pipeline={}",
            crate::support::encode(&lookup.to_string())
        ))
        .await;
        assert!(!shown.body.to_string().contains(&other.object), "{shown:?}");
    }
}
