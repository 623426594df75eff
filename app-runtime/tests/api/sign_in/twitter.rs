//! `twitter` by OAuth 1.0a.

use serde_json::json;

use super::provider::{Provider, Reply, reply};
use super::{app, sign_in, signed_in};

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_request_token_signs_in() {
    let provider = Provider::start().await;
    provider.on("/oauth/access_token", |call| {
        let header = call.headers.get("authorization").cloned().unwrap_or_default();
        let signed = [
            "OAuth ",
            "oauth_consumer_key=\"key\"",
            "oauth_signature=\"",
            "oauth_token=\"request\"",
        ];
        let approved = call
            .form
            .get("oauth_verifier")
            .is_some_and(|sent| sent == "approved");
        if !approved || !signed.iter().all(|part| header.contains(part)) {
            return reply(401, json!({"errors": [{"code": 32}]}));
        }
        Reply {
            status: 200,
            headers: "Content-Type: text/html\r\n".to_owned(),
            body: b"oauth_token=access&oauth_token_secret=s&user_id=7&screen_name=a".to_vec(),
        }
    });
    let options = json!({
        "consumer_key": "key", "consumer_secret": "secret",
        "tokenUrl": format!("{}/oauth/access_token", provider.url),
    });
    let app = app(&provider, json!({ "twitter": options })).await;
    let good = json!({"oauth_token": "request", "oauth_verifier": "approved"});
    let answer = sign_in(&app, json!({ "twitter": good })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let (_, as_user) = signed_in(&answer);
    let me = app.get(&as_user, "/users/me").await.ok();
    assert_eq!(me["authData"], json!({"twitter": {"id": "7"}}));
    for (what, attempt, refusal) in [
        (
            "another user's id",
            json!({"id": "8", "oauth_token": "request", "oauth_verifier": "approved"}),
            (404, 101),
        ),
        (
            "not approved",
            json!({"oauth_token": "request", "oauth_verifier": "x"}),
            (404, 101),
        ),
        (
            "another token",
            json!({"oauth_token": "other", "oauth_verifier": "approved"}),
            (404, 101),
        ),
        ("only the id", json!({"id": "7"}), (400, 142)),
        ("no verifier", json!({"oauth_token": "request"}), (400, 142)),
    ] {
        let answer = sign_in(&app, json!({ "twitter": attempt })).await;
        assert_eq!(answer.refusal(), refusal, "{what}");
    }
}
