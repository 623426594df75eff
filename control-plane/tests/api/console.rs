//! The embedded console, or the page that says how to build it.

use reqwest::Method;

use crate::support::Server;

#[tokio::test]
async fn every_route_of_the_console_gets_its_start_page() {
    let server = Server::start().await;
    let nobody = server.nobody();
    let start = nobody.get("/").await;
    assert!(
        start.header("content-type").starts_with("text/html"),
        "{}",
        start.text
    );
    let deep = nobody.get("/apps/app_1/keys").await;
    assert_eq!((deep.status, &deep.text), (start.status, &start.text));
    if start.status == 503 {
        assert!(start.text.contains("make console"), "not built: {}", start.text);
        return;
    }
    assert_eq!((start.status, start.header("cache-control")), (200, "no-cache"));
    let asset = start
        .text
        .split('"')
        .find(|part| part.starts_with("/assets/") && part.ends_with(".js"))
        .unwrap();
    let script = nobody.get(asset).await;
    assert_eq!(
        script.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let known = nobody
        .request(Method::GET, asset)
        .header("if-none-match", script.header("etag"));
    assert_eq!(nobody.send(known).await.status, 304);
    let packed = nobody
        .request(Method::GET, asset)
        .header("accept-encoding", "gzip");
    assert_eq!(nobody.send(packed).await.header("content-encoding"), "gzip");
}

#[tokio::test]
async fn a_missing_asset_is_missing() {
    let server = Server::start().await;
    assert_eq!(
        server.nobody().get("/assets/old-hash.js").await.error(),
        (404, "not_found")
    );
}

#[tokio::test]
async fn the_console_may_call_the_apps_of_every_region_and_nobody_else() {
    let cluster = r#"
        regions.eu.driver = "kubernetes"
        regions.eu.domain = "eu.apps.example.com"
        regions.eu.public_port = 8443
        regions.eu.runtime_version = "0.1.0"
        regions.eu.usage_report_url = "https://console.example.com/internal/v1/usage"
        regions.na.driver = "off"
    "#;
    let both = cluster.replace("\"off\"", "\"local\"");
    let machine = "http://127.0.0.1:* http://localhost:*";
    let cases = [
        ("", format!("connect-src 'self' {machine};")),
        (
            cluster,
            "connect-src 'self' https://*.eu.apps.example.com:8443;".to_owned(),
        ),
        (
            &both,
            format!("connect-src 'self' {machine} https://*.eu.apps.example.com:8443;"),
        ),
    ];
    for (settings, expected) in cases {
        let server = Server::start_with(settings).await;
        let policy = server
            .nobody()
            .get("/")
            .await
            .header("content-security-policy")
            .to_owned();
        assert!(policy.contains(&expected), "{policy}");
    }
}
