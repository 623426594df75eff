//! Heads of requests, paths and pages that nobody's client would send.

use reqwest::header::HeaderValue;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{App, As, answer, stock};

async fn still_serves(app: &App) {
    assert_eq!(app.get(&As::Nobody, "/classes/_User").await.status, 200);
}

/// The status line of the answer to these bytes; empty if the connection was closed without one.
async fn raw(app: &App, request: &[u8]) -> String {
    let address = app
        .url
        .strip_prefix("http://")
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may have hung up by now, which is an answer.
    let _ = stream.write_all(request).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let text = String::from_utf8_lossy(&answer);
    text.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_are_no_http_or_say_two_things() {
    let app = stock().await;
    let with = |lines: &str| {
        format!(
            "POST /parse/classes/A HTTP/1.1\r\nHost: x\r\nX-Parse-Application-Id: app\r\n{lines}\r\n\r\n{{\"a\":1}}"
        )
    };
    for request in [
        with("Content-Length: 7\r\nContent-Length: 3"),
        with("Content-Length: 7\r\nTransfer-Encoding: chunked"),
        with("Content-Length: -1"),
        with("Content-Length: 99999999999999999999999"),
        with("Transfer-Encoding: chunked, identity"),
        with("Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF"),
        with("Bad Header: x"),
        with(&"X-Filler: x\r\n".repeat(500)),
        with(&format!("X-Long: {}", "x".repeat(2_000_000))),
        "POST /parse/classes/A\r\n\r\n".to_owned(),
        "\u{0}\u{1}\u{2}\r\n\r\n".to_owned(),
        format!(
            "GET /parse/classes/{} HTTP/1.1\r\nHost: x\r\n\r\n",
            "a".repeat(2_000_000)
        ),
        "GET /parse/../../etc/passwd HTTP/1.1\r\nHost: x\r\nX-Parse-Application-Id: app\r\n\r\n".to_owned(),
    ] {
        let status = raw(&app, request.as_bytes()).await;
        let shown: String = request.chars().take(160).collect();
        assert!(
            status.is_empty() || status.starts_with("HTTP/1.1 4"),
            "{shown}: {status}"
        );
        still_serves(&app).await;
    }
    assert!(app.find(&As::Master, "A", json!({})).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_whose_values_are_no_texts_or_no_ids() {
    let app = stock().await;
    let odd = [
        HeaderValue::from_bytes(b"\xff\xfe").unwrap(),
        HeaderValue::from_static("{\"$ne\":null}"),
        HeaderValue::from_str(&"x".repeat(20_000)).unwrap(),
        HeaderValue::from_static("__proto__"),
        HeaderValue::from_static("../../x"),
        HeaderValue::from_static(""),
    ];
    for value in odd {
        for name in [
            "X-Parse-Session-Token",
            "X-Parse-Installation-Id",
            "X-Parse-Request-Id",
            "X-Parse-Cloud-Context",
            "X-Parse-Job-Status-Id",
            "X-Parse-Client-Version",
            "X-Parse-Revocable-Session",
            "X-Forwarded-For",
            "X-HTTP-Method-Override",
            "Authorization",
            "Origin",
            "Content-Type",
            "Content-Encoding",
        ] {
            let request = app
                .raw(Method::POST, "/classes/A")
                .header("X-Parse-Application-Id", "app")
                .header(name, value.clone())
                .body(r#"{"n":1}"#);
            let answer = answer(request).await;
            let expected = match (name, value.to_str()) {
                ("X-Parse-Session-Token", Ok(token)) if !token.is_empty() => (400, 209),
                ("X-Parse-Cloud-Context", Ok(context)) if !context.starts_with('{') => (400, 107),
                // A header that means nothing here, or is no text, is like none.
                _ => (201, 0),
            };
            assert_eq!(answer.refusal(), expected, "{name} {value:?} {answer:?}");
        }
    }
    for override_name in ["X-HTTP-Method-Override", "X-Method-Override"] {
        let id = app.create(&As::Nobody, "Kept", json!({})).await;
        let request = app.raw(Method::POST, &format!("/classes/Kept/{id}"));
        let request = request
            .header("X-Parse-Application-Id", "app")
            .header(override_name, "DELETE");
        assert!(answer(request.body("{}")).await.status >= 400);
        app.get(&As::Nobody, &format!("/classes/Kept/{id}")).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verbs_that_a_body_may_not_choose() {
    let app = stock().await;
    let id = app.create(&As::Nobody, "A", json!({"n": 1})).await;
    for method in [
        json!("TRACE"),
        json!("CONNECT"),
        json!("constructor"),
        json!(""),
        json!("GET\r\nX: y"),
        json!(7),
        json!(["GET"]),
    ] {
        let answer = app
            .post(
                &As::Nobody,
                &format!("/classes/A/{id}"),
                json!({ "_method": method }),
            )
            .await;
        assert!((400..500).contains(&answer.status), "{method} {answer:?}");
    }
    for real in [Method::GET, Method::PUT] {
        let request = app
            .raw(real, &format!("/classes/A/{id}"))
            .header("X-Parse-Application-Id", "app");
        answer(request.body(r#"{"_method":"DELETE"}"#)).await;
        app.get(&As::Nobody, &format!("/classes/A/{id}")).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_take_texts_and_lead_nowhere_else() {
    let app = stock().await;
    for path in [
        "/apps/..%2f..%2f..%2fetc%2fpasswd",
        "/apps/../../../../etc/passwd",
        "/apps/%2e%2e/%2e%2e/Cargo.toml",
        "/apps/app/verify_email?token[$ne]=&username[$gt]=",
        "/apps/app/verify_email?token=%7B%22$ne%22:null%7D",
        "/apps/app/request_password_reset?token[$regex]=^&id=app&locale=../../x",
        "/apps/app/request_password_reset?token=%00&locale=%00",
        "/apps/__proto__/verify_email?token=x",
        "/apps/choose_password?token=%3Cscript%3Ealert(1)%3C/script%3E&id=app",
        "/apps/%FF%FE",
    ] {
        let page = app.raw(Method::GET, path).send().await.unwrap();
        assert!(page.status() != StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        let text = page.text().await.unwrap();
        assert!(
            !text.contains("root:") && !text.contains("[package]") && !text.contains("<script>alert"),
            "{path}: {text}"
        );
    }
    for body in [
        r#"{"token":{"$ne":null},"new_password":"x"}"#.to_owned(),
        r#"{"token":["x"],"new_password":{"$set":1}}"#.to_owned(),
        "token[$ne]=&new_password=x".to_owned(),
        format!("token=x&new_password={}", "x".repeat(3_000_000)),
        "[".repeat(100_000),
    ] {
        for route in ["request_password_reset", "resend_verification_email"] {
            let page = app
                .raw(Method::POST, &format!("/apps/app/{route}"))
                .body(body.clone())
                .send()
                .await
                .unwrap();
            assert!(page.status().as_u16() < 500, "{route}");
        }
    }
    still_serves(&app).await;
}

/// Names that are properties of every object in other languages name nothing here.
#[tokio::test(flavor = "multi_thread")]
async fn names_that_every_object_has_elsewhere() {
    let app = stock().await;
    for name in [
        "constructor",
        "__proto__",
        "prototype",
        "toString",
        "hasOwnProperty",
        "valueOf",
        "then",
    ] {
        for path in [
            format!("/functions/{name}"),
            format!("/jobs/{name}"),
            format!("/{name}"),
            format!("/hooks/functions/{name}"),
        ] {
            let answer = app.post(&As::Nobody, &path, json!({})).await;
            assert!((400..500).contains(&answer.status), "{path} {answer:?}");
        }
        let body = json!({"authData": { name: {"id": "x"}}});
        assert!(
            (400..500).contains(&app.post(&As::Nobody, "/users", body).await.status),
            "{name}"
        );
        let seen = app.get(&As::Nobody, &format!("/classes/{name}")).await;
        assert!(
            seen.status >= 400 || seen.body["results"] == Value::Array(Vec::new()),
            "{name} {seen:?}"
        );
        for parameters in [
            format!("order={name}"),
            format!("keys={name}"),
            format!("include={name}.{name}"),
        ] {
            let seen = app
                .get(&As::Nobody, &format!("/classes/_User?{parameters}"))
                .await;
            assert!(matches!(seen.status, 200 | 400), "{parameters} {seen:?}");
        }
    }
    still_serves(&app).await;
}

/// What the database cannot be asked is the caller's mistake: an SDK sends what looks like an outage five times.
#[tokio::test(flavor = "multi_thread")]
async fn queries_that_the_database_does_not_take_are_bad_requests() {
    let app = stock().await;
    app.create(&As::Nobody, "A", json!({"n": 1})).await;
    let deep = vec!["a"; 250].join(".");
    let many: Vec<String> = (0..40).map(|n| format!("k{n}")).collect();
    for (query, code) in [
        ("order=n.".to_owned(), 105),
        ("order=-n..a".to_owned(), 105),
        (format!("order={deep}"), 105),
        (format!("order={}", many.join(",")), 102),
        ("order=$score".to_owned(), 102),
        ("keys=$score".to_owned(), 102),
        ("keys=.".to_owned(), 105),
        ("keys=n.$x".to_owned(), 105),
        (format!("keys={deep}"), 105),
        (format!(r#"where={{"{deep}":1}}"#), 102),
        (
            r#"where={"n":{"$text":{"$search":{"$term":"x"}}}}"#.to_owned(),
            102,
        ),
    ] {
        let answer = app.get(&As::Nobody, &format!("/classes/A?{query}")).await;
        assert_eq!(answer.refusal(), (400, code), "{query}");
    }
}
