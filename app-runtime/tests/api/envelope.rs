//! Credentials in every form, and what an answer looks like.

use app_runtime::settings::{IpRanges, TrustProxy};
use reqwest::Method;
use serde_json::json;

use crate::support::{As, answer, app, stock};

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_needed_once_they_are_configured() {
    let app = app(|settings| {
        settings.javascript_key = Some("js".to_owned().into());
        settings.client_key = Some("ck".to_owned().into());
        settings.rest_api_key = Some("rest".to_owned().into());
    })
    .await;
    let get = |headers: &[(&'static str, &'static str)]| {
        let request = headers.iter().fold(
            app.raw(Method::GET, "/classes/_User"),
            |request, (name, value)| request.header(*name, *value),
        );
        answer(request)
    };
    let id = ("X-Parse-Application-Id", "app");
    for key in [
        ("X-Parse-Javascript-Key", "js"),
        ("X-Parse-Client-Key", "ck"),
        ("X-Parse-REST-API-Key", "rest"),
        ("X-Parse-Master-Key", "master"),
    ] {
        assert_eq!(get(&[id, key]).await.status, 200, "{key:?}");
    }
    for headers in [
        vec![],
        vec![id],
        vec![id, ("X-Parse-Javascript-Key", "ck")],
        vec![("X-Parse-Application-Id", "x"), ("X-Parse-Master-Key", "master")],
    ] {
        let refused = get(&headers).await;
        assert_eq!(
            (refused.status, refused.body),
            (403, json!({"error": "unauthorized"})),
            "{headers:?}"
        );
    }
    let sdk = json!({"_method": "GET", "_ApplicationId": "app", "_JavaScriptKey": "js", "_ClientVersion": "js8", "_InstallationId": "i"});
    let posted = app
        .raw(Method::POST, "/classes/_User")
        .header("Content-Type", "text/plain")
        .body(sdk.to_string());
    assert_eq!(answer(posted).await.ok(), json!({"results": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2023_22474_the_master_key_from_elsewhere_is_refused_and_a_claimed_address_not_believed() {
    let app = app(|settings| settings.master_key_ips = IpRanges::parse(&["203.0.113.9"]).unwrap()).await;
    let request = app
        .raw(Method::GET, "/serverInfo")
        .header("X-Parse-Application-Id", "app")
        .header("X-Parse-Master-Key", "master");
    let refused = answer(request.header("X-Forwarded-For", "203.0.113.9")).await;
    assert_eq!(
        (refused.status, refused.body),
        (403, json!({"error": "unauthorized"})),
        "cve_2023_22474"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2023_22474_behind_proxies_the_master_key_works_from_its_addresses_and_no_claimed_one() {
    let proxies = IpRanges::parse(&["127.0.0.1", "10.0.0.0/8"]).unwrap();
    let one_hop: &[(&[&str], u16)] = &[
        (&["203.0.113.9"], 200),
        (&["2001:db8::9"], 200),
        (&["::ffff:203.0.113.9"], 200),
        (&["198.51.100.1", "203.0.113.9"], 200),
        (&["198.51.100.1"], 403),
        (&["203.0.113.9, 198.51.100.1"], 403),
        (&["203.0.113.9", "198.51.100.1"], 403),
        (&["203.0.113.9", "2001:db8::8"], 403),
        (&[], 403),
    ];
    let more: &[(&[&str], u16)] = &[
        (&["203.0.113.9", "10.0.0.7"], 200),
        (&["203.0.113.9, 10.0.0.7"], 200),
        (&["203.0.113.9", "198.51.100.1", "10.0.0.7"], 403),
        (&["203.0.113.9", "198.51.100.1, 10.0.0.7"], 403),
    ];
    for (trust, cases) in [
        (TrustProxy::Hops(1), one_hop),
        (TrustProxy::Hops(2), more),
        (TrustProxy::Addresses(proxies), more),
    ] {
        let app = app(|settings| {
            settings.master_key_ips = IpRanges::parse(&["203.0.113.9", "2001:db8::9"]).unwrap();
            settings.trust_proxy = trust.clone();
        })
        .await;
        for (lines, status) in cases {
            let request = app
                .raw(Method::GET, "/schemas")
                .header("X-Parse-Application-Id", "app")
                .header("X-Parse-Master-Key", "master");
            let request = lines
                .iter()
                .fold(request, |request, line| request.header("X-Forwarded-For", *line));
            assert_eq!(answer(request).await.status, *status, "{trust:?} {lines:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn server_info_is_for_the_master_key() {
    let app = stock().await;
    assert_eq!(app.get(&As::Nobody, "/serverInfo").await.status, 403);
    let info = app.get(&As::Master, "/serverInfo").await.ok();
    assert!(info["parseServerVersion"].is_string() && info["features"]["schemas"]["addField"].is_boolean());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_read_only_master_key_reads_everything_and_writes_nothing() {
    let app = app(|settings| {
        settings.allow_client_class_creation = true;
        settings.read_only_master_key = Some("look".to_owned().into());
    })
    .await;
    let id = app.create(&As::Master, "A", json!({"n": 1, "ACL": {}})).await;
    let call = |method, path: String, body: serde_json::Value| {
        answer(
            app.raw(method, &path)
                .header("X-Parse-Application-Id", "app")
                .header("X-Parse-Master-Key", "look")
                .json(&body),
        )
    };
    assert_eq!(
        call(Method::GET, format!("/classes/A/{id}"), json!({}))
            .await
            .ok()["n"],
        1
    );
    for (method, path) in [
        (Method::POST, "/classes/A".to_owned()),
        (Method::PUT, format!("/classes/A/{id}")),
        (Method::DELETE, format!("/classes/A/{id}")),
        (Method::POST, "/users".to_owned()),
    ] {
        assert_eq!(
            call(method.clone(), path.clone(), json!({"n": 2}))
                .await
                .refusal(),
            (400, 119),
            "{method} {path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_carry_cors_and_created_objects_their_address() {
    let app = stock().await;
    let created = app
        .raw(Method::POST, "/classes/A")
        .header("X-Parse-Application-Id", "app")
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert!(
        created.headers()["location"]
            .to_str()
            .unwrap()
            .contains("/classes/A/")
    );
    assert_eq!(
        created.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    let refused = app.raw(Method::GET, "/classes/A").send().await.unwrap();
    assert_eq!(
        (
            refused.status().as_u16(),
            &refused.headers()["access-control-allow-origin"]
        ),
        (403, &"*".parse().unwrap())
    );
    let preflight = app.raw(Method::OPTIONS, "/classes/A").send().await.unwrap();
    assert_eq!(preflight.status(), 200);
    assert!(
        preflight.headers()["access-control-allow-headers"]
            .to_str()
            .unwrap()
            .contains("X-Parse-Session-Token")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_answers_any_verb_and_unknown_paths_are_404() {
    let app = stock().await;
    for method in [Method::GET, Method::POST, Method::HEAD] {
        assert_eq!(app.raw(method, "/health").send().await.unwrap().status(), 200);
    }
    assert_eq!(app.get(&As::Nobody, "/nothing/here").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sites_answer_is_not_another_sites_to_a_cache() {
    let app = app(|settings| {
        settings.allow_origin = ["https://one.example", "https://two.example"]
            .map(str::to_owned)
            .into();
        settings.allow_headers = ["X-Mine", "X-Ours"].map(str::to_owned).into();
    })
    .await;
    for (method, origin, allowed) in [
        (Method::GET, "https://two.example", "https://two.example"),
        (Method::OPTIONS, "https://two.example", "https://two.example"),
        (Method::GET, "https://three.example", "https://one.example"),
    ] {
        let request = app.raw(method, "/classes/A").header("Origin", origin);
        let headers = request.send().await.unwrap().headers().clone();
        assert_eq!(headers["access-control-allow-origin"], allowed);
        assert_eq!(headers["vary"], "Origin");
        let names = headers["access-control-allow-headers"].to_str().unwrap();
        assert!(
            names.contains("X-Parse-Session-Token") && names.ends_with(", X-Mine, X-Ours"),
            "{names}"
        );
    }
    let anybodys = stock().await.raw(Method::GET, "/classes/A").send().await.unwrap();
    assert!(!anybodys.headers().contains_key("vary"), "the same for everybody");
}

#[tokio::test(flavor = "multi_thread")]
async fn batch_paths_begin_with_the_mount_or_the_path_of_the_public_address() {
    let app = app(|settings| {
        settings.allow_client_class_creation = true;
        settings.public_server_url = Some("https://notes.example/api/".to_owned());
    })
    .await;
    for (path, status) in [
        ("/parse/classes/A", 200),
        ("/api/classes/A", 200),
        ("/other/classes/A", 400),
        ("/apiclasses/A", 400),
    ] {
        let batch = json!({"requests": [{"method": "POST", "path": path, "body": {}}]});
        assert_eq!(
            app.post(&As::Nobody, "/batch", batch).await.status,
            status,
            "{path}"
        );
    }
}
