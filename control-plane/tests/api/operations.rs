//! What operators and browsers see around the API.

use crate::support::Server;

#[tokio::test]
async fn ready_means_that_some_region_is() {
    let server = Server::start().await;
    let nobody = server.nobody();
    assert_eq!(nobody.get("/healthz").await.status, 200);
    assert_eq!(nobody.get("/readyz").await.status, 200);
    server.driver.set_broken(true);
    server.na.set_broken(true);
    let answer = nobody.get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json["reasons"][0]["part"], "region eu");
    assert_eq!(answer.json["reasons"][0]["reason"], "MongoDB is away.");
    assert_eq!(nobody.get("/healthz").await.status, 200);
    server.driver.set_broken(false);
    server.na.set_broken(false);
    assert_eq!(nobody.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn without_its_database_it_is_alive_but_not_ready_and_recovers() {
    let server = Server::start_with("database.acquire_timeout_seconds = 1").await;
    let ada = server.person("ada").await;
    let name: String = sqlx::query_scalar("SELECT current_database()")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    let elsewhere = test_kit::postgres().await;
    let admin = elsewhere.pool().await;
    let allow = async |allowed: bool| {
        let statement = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}");
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&admin)
            .await
            .unwrap();
    };
    allow(false).await;
    sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1")
        .bind(&name)
        .execute(&admin)
        .await
        .unwrap();
    let nobody = server.nobody();
    assert_eq!(nobody.get("/healthz").await.status, 200);
    let unready = nobody.get("/readyz").await;
    assert_eq!(
        (unready.status, &unready.json["reasons"][0]["part"]),
        (503, &"database".into())
    );
    let failed = ada.get("/api/v1/apps").await;
    assert!(failed.status >= 500, "{}", failed.text);
    assert!(
        !failed.text.contains("database"),
        "the cause is for the log: {}",
        failed.text
    );
    allow(true).await;
    test_kit::wait_until(std::time::Duration::from_secs(10), "it recovers", async || {
        ada.get("/api/v1/apps").await.status == 200
    })
    .await;
}

#[tokio::test]
async fn requests_are_counted_by_route_not_by_path() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    server.until_status(&ada, &id, "ready").await;
    let text = server.nobody().get("/metrics").await.text;
    for line in [
        "slipway_http_requests_total{method=\"POST\",route=\"/api/v1/apps\",status=\"201\"} 1",
        "slipway_apps{status=\"ready\"} 1",
        "slipway_http_request_duration_seconds_count{method=\"POST\",route=\"/api/v1/signup\"} 1",
        "slipway_database_connections_open ",
    ] {
        assert!(text.contains(line), "{line} not in\n{text}");
    }
    assert!(text.contains("route=\"/api/v1/apps/{id}\""));
    assert!(!text.contains(&id));
}

#[tokio::test]
async fn every_answer_carries_a_request_id_and_stays_on_the_safe_side() {
    let server = Server::start().await;
    let nobody = server.nobody();
    for path in ["/healthz", "/api/v1/session", "/api/v1/nothing", "/"] {
        let answer = nobody.get(path).await;
        assert_eq!(answer.header("x-request-id").len(), 26, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(
            !answer.header("content-security-policy").contains("unsafe"),
            "{path}"
        );
    }
    assert_eq!(
        nobody.get("/api/v1/session").await.header("cache-control"),
        "no-store"
    );
    let given = |id: &str| {
        nobody
            .request(reqwest::Method::GET, "/healthz")
            .header("x-request-id", id.to_owned())
    };
    assert_eq!(
        nobody.send(given("trace-42")).await.header("x-request-id"),
        "trace-42"
    );
    assert_ne!(nobody.send(given("a b")).await.header("x-request-id"), "a b");
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_last_forwarded_address_counts() {
    let server = Server::start_with("server.trust_forwarded_for = true").await;
    let nobody = server.nobody();
    let forwarded = nobody
        .request(reqwest::Method::GET, "/metrics")
        .header("x-forwarded-for", "10.0.0.1, 203.0.113.9");
    assert_eq!(
        nobody.send(forwarded).await.error(),
        (404, "not_found"),
        "metrics are for near by"
    );
    let two_lines = nobody
        .request(reqwest::Method::GET, "/metrics")
        .header("x-forwarded-for", "127.0.0.1")
        .header("x-forwarded-for", "203.0.113.9");
    assert_eq!(
        nobody.send(two_lines).await.status,
        404,
        "a line the caller wrote"
    );
    assert_eq!(nobody.get("/metrics").await.status, 200);
}

#[tokio::test]
async fn on_the_port_for_apps_there_is_nothing_but_their_reports() {
    let port = test_kit::free_port();
    let server = Server::start_with(&format!(
        "server.reports_port = {port}\nserver.trust_forwarded_for = true"
    ))
    .await;
    let base = format!("http://127.0.0.1:{port}");
    let status = async |method: reqwest::Method, path: &str| {
        let request = server.http.request(method, format!("{base}{path}"));
        request.send().await.unwrap().status().as_u16()
    };
    let (get, post) = (reqwest::Method::GET, reqwest::Method::POST);
    for path in [
        "/metrics",
        "/healthz",
        "/readyz",
        "/",
        "/docs",
        "/api/v1/openapi.json",
    ] {
        assert_eq!(status(get.clone(), path).await, 404, "{path}");
    }
    for path in ["/api/v1/signup", "/api/v1/login"] {
        assert_eq!(status(post.clone(), path).await, 404, "{path}");
    }
    let report = "/internal/v1/usage";
    assert_eq!(status(post, report).await, 401, "no token");
    assert_eq!(status(get.clone(), report).await, 405);
    let nobody = server.nobody();
    assert_eq!(
        nobody.get("/healthz").await.status,
        200,
        "the other port has it all"
    );
    assert_eq!(
        nobody.post(report, serde_json::json!({})).await.error().1,
        "invalid_usage_token"
    );
}
