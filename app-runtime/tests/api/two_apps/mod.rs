//! Two apps side by side on one database server: whoever has all keys, sessions and ids of the one reads, writes and
//! learns nothing of the other.

mod database;
mod memory;
mod sweep;

use std::collections::BTreeMap;

use app_runtime::settings::Settings;
use bson::{Bson, doc};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{App, answer, on};

/// One of the two, with a user and an object; both apps have the same names for everything.
struct Tenant {
    app: App,
    user: String,
    token: String,
    object: String,
    session: String,
    installation: String,
    role: String,
    audience: String,
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
        let audience = with_master(app.raw(Method::POST, "/push_audiences"), name);
        let audience = answer(audience.json(&json!({"name": "all", "query": {}})))
            .await
            .ok();
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
            audience: text(&audience["objectId"]),
            token,
            app,
        }
    }

    /// Ids and tokens, which nobody outside of the app may be told.
    fn secrets(&self) -> [&str; 7] {
        [
            &self.user,
            &self.token,
            &self.object,
            &self.session,
            &self.installation,
            &self.role,
            &self.audience,
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

fn with_master(request: RequestBuilder, name: &str) -> RequestBuilder {
    request
        .header("X-Parse-Application-Id", name)
        .header("X-Parse-Master-Key", format!("master-{name}"))
}

async fn two() -> (Tenant, Tenant) {
    let (first, second) = (test_kit::mongo().await, test_kit::mongo().await);
    let ours = Tenant::new(on(first, distinct("ours")).await, "ours").await;
    let theirs = Tenant::new(on(second, distinct("theirs")).await, "theirs").await;
    (ours, theirs)
}
