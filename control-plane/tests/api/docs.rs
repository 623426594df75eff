//! The documentation, which every error links to.

use reqwest::Method;

use crate::support::Server;

#[tokio::test]
async fn the_link_of_an_error_leads_to_its_explanation() {
    let server = Server::start().await;
    let nobody = server.nobody();
    let error = nobody.get("/api/v1/apps").await;
    let link = error.json["error"]["docs"].as_str().unwrap();
    let (path, anchor) = link.split_once('#').unwrap();
    let page = nobody.get(path).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert!(page.text.contains(&format!("<h2 id=\"{anchor}\">")), "{link}");
    assert_eq!(
        page.header("content-security-policy"),
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
}

#[tokio::test]
async fn index_and_style_sheet_are_served() {
    let server = Server::start().await;
    let nobody = server.nobody();
    for path in ["/docs", "/docs/"] {
        let index = nobody.get(path).await;
        assert_eq!(index.status, 200, "{path}");
        assert!(index.text.contains("href=\"/docs/founders-guide\""), "{path}");
    }
    let style = nobody.get("/docs/style.css").await;
    assert_eq!(
        (style.status, style.header("content-type")),
        (200, "text/css; charset=utf-8")
    );
    assert!(style.text.contains("@media (prefers-color-scheme: dark)"));
    let head = nobody.send(nobody.request(Method::HEAD, "/docs/errors")).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

#[tokio::test]
async fn what_is_no_page_is_not_found_and_says_what_there_is() {
    let server = Server::start().await;
    let nobody = server.nobody();
    for path in [
        "/docs/secrets",
        "/docs/errors.md",
        "/docs/a/b",
        "/docs/..%2fREADME",
    ] {
        let answer = nobody.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text.contains("There is no such page"), "{path}");
    }
    let wrong = nobody.send(nobody.request(Method::POST, "/docs/errors")).await;
    assert_eq!(wrong.error(), (405, "method_not_allowed"));
}
