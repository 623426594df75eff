//! What no endpoint takes, and how it says so.

use reqwest::Method;

use crate::support::{Answer, Person, Server};

const JSON: &str = "application/json";

async fn raw(
    person: &Person,
    method: Method,
    path: &str,
    content_type: &str,
    body: impl Into<Vec<u8>>,
) -> Answer {
    let request = person
        .request(method, path)
        .header("content-type", content_type)
        .body(body.into());
    person.send(request).await
}

/// Everything that takes a body from a person.
async fn body_endpoints(person: &Person) -> Vec<(Method, String)> {
    let app = person.create_app("Shop").await;
    let post = |path: &str| (Method::POST, path.to_owned());
    vec![
        post("/api/v1/signup"),
        post("/api/v1/login"),
        post("/api/v1/tokens"),
        post("/api/v1/apps"),
        (Method::PATCH, format!("/api/v1/apps/{app}")),
        post(&format!("/api/v1/apps/{app}/keys/master/reveal")),
        post(&format!("/api/v1/apps/{app}/keys/rest/rotate")),
    ]
}

#[tokio::test]
async fn every_body_must_be_typed_json_of_64_kib() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    for (method, path) in body_endpoints(&ada).await {
        let send = async |content_type: &str, body: &[u8]| {
            raw(&ada, method.clone(), &path, content_type, body).await
        };
        let large = format!("{{\"name\": \"{}\"}}", "x".repeat(64 * 1024));
        let cases: [(&str, &[u8], (u16, &str)); 9] = [
            (JSON, b"", (400, "malformed_json")),
            (JSON, b"{\"name\": ", (400, "malformed_json")),
            (JSON, b"{\"name\": \"\xff\xfe\"}", (400, "malformed_json")),
            (JSON, b"{} {}", (400, "malformed_json")),
            (JSON, large.as_bytes(), (413, "body_too_large")),
            ("text/plain", b"{}", (415, "unsupported_media_type")),
            (JSON, b"[]", (422, "invalid_input")),
            (JSON, b"\"text\"", (422, "invalid_input")),
            (
                JSON,
                b"{\"name\": 7, \"email\": 7, \"password\": 7}",
                (422, "invalid_input"),
            ),
        ];
        for (content_type, body, expected) in cases {
            let answer = send(content_type, body).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            // An empty list is an empty struct to serde when every field is optional.
            let rotates = path.ends_with("rotate") && body == b"[]";
            assert!(
                answer.error() == expected || rotates,
                "{path} {shown}: {}",
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn nested_to_the_depth_json_is_refused_not_followed() {
    let server = Server::start().await;
    let body = format!("{{\"email\": {}", "[".repeat(30_000));
    let answer = raw(&server.nobody(), Method::POST, "/api/v1/login", JSON, body).await;
    assert_eq!(answer.error(), (400, "malformed_json"));
}

#[tokio::test]
async fn a_body_that_announces_too_much_is_refused_before_it_comes() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = Server::start().await;
    let mut stream = tokio::net::TcpStream::connect(server.base.trim_start_matches("http://"))
        .await
        .unwrap();
    let head = "POST /api/v1/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
        content-length: 104857600\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 64];
    let read = stream.read(&mut answer).await.unwrap();
    assert!(String::from_utf8_lossy(&answer[..read]).starts_with("HTTP/1.1 413"));
}

#[tokio::test]
async fn a_stranger_learns_nothing_about_bodies() {
    let server = Server::start().await;
    let answer = raw(
        &server.nobody(),
        Method::POST,
        "/api/v1/apps",
        "text/plain",
        "nonsense",
    )
    .await;
    assert_eq!(answer.error(), (401, "not_signed_in"));
    assert_eq!(
        server.nobody().get("/api/v1/apps?limit=0").await.error(),
        (401, "not_signed_in")
    );
}

#[tokio::test]
async fn ids_that_are_none_are_not_found() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let long = "a".repeat(3_000);
    for id in [
        "nonsense",
        "%00",
        "%ff%fe",
        "app_00000000000000000000000000",
        "..%2f..",
        long.as_str(),
        "acc_1",
    ] {
        let answer = ada.get(&format!("/api/v1/apps/{id}")).await;
        assert_eq!(answer.error(), (404, "not_found"), "{id:.40}");
    }
}

#[tokio::test]
async fn unknown_addresses_and_methods_get_errors_not_the_console() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    for path in [
        "/api/v1/nothing",
        "/api/v2/apps",
        "/internal/v1/nothing",
        "/api/v1/apps/x/y/z",
    ] {
        assert_eq!(ada.get(path).await.error(), (404, "not_found"), "{path}");
    }
    assert_eq!(
        ada.delete("/api/v1/apps").await.error(),
        (405, "method_not_allowed")
    );
    assert_eq!(
        ada.get("/api/v1/signup").await.error(),
        (405, "method_not_allowed")
    );
    assert_eq!(ada.delete("/").await.error(), (405, "method_not_allowed"));
}

#[tokio::test]
async fn strange_credentials_are_refused() {
    let server = Server::start().await;
    let nobody = server.nobody();
    for header in [
        "Basic YTpi",
        "Bearer",
        "Bearer ",
        "slip_abc",
        "Bearer \u{fc}\u{fc}",
    ] {
        let request = nobody
            .request(Method::GET, "/api/v1/apps")
            .header("authorization", header.as_bytes());
        assert_eq!(
            nobody.send(request).await.error(),
            (401, "invalid_token"),
            "{header}"
        );
    }
}
