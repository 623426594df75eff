//! The committed OpenAPI document is the one the handlers make.

use control_plane::openapi;

#[test]
fn the_committed_document_is_up_to_date() {
    let committed = include_str!("../../openapi.json");
    assert!(
        committed == openapi::document(),
        "control-plane/openapi.json is stale: write the output of `slipway openapi` to it"
    );
}

#[tokio::test]
async fn the_document_is_served() {
    let server = crate::support::Server::start().await;
    let answer = server.nobody().get("/api/v1/openapi.json").await;
    assert_eq!(answer.text, openapi::document());
}
