//! Envelopes. An input reads like a request: `METHOD ?query`, lines of `name: value`, an empty line, the body.

use app_runtime::protocol::denylist::Denylist;
use app_runtime::protocol::envelope::{Credentials, Envelope, RawRequest, params};
use app_runtime::settings::DeniedKeyword;
use serde_json::Value;

const APP: &str = "app";

/// Headers by name, small letters.
type Headers = Vec<(String, String)>;

/// Whatever is accepted is for this app, and means the same when it is sent as headers and a plain body.
pub fn run(input: &[u8]) {
    let (head, body) = split(input);
    let Ok(head) = std::str::from_utf8(head) else {
        return;
    };
    let mut lines = head.lines();
    let (method, query) = lines
        .next()
        .unwrap_or_default()
        .split_once(" ?")
        .unwrap_or(("POST", ""));
    let headers: Headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let Ok(envelope) = decode(method, query, &headers, body) else {
        return;
    };
    assert_eq!(envelope.credentials.app_id, APP);
    let sent = Value::Object(envelope.body.clone()).to_string();
    let again = decode(
        &envelope.method,
        query,
        &as_headers(&envelope.credentials),
        sent.as_bytes(),
    );
    // A method of the body's own choosing may be POST, whose body is then read for one more.
    if !envelope.body.contains_key("_method") {
        let again = again.expect("what was accepted is accepted by headers");
        assert_eq!(again.method, envelope.method);
        assert_eq!(again.credentials, envelope.credentials);
        assert_eq!((&again.body, &again.query), (&envelope.body, &envelope.query));
    }
    let _ = denylist().check_map(&params(envelope.body, envelope.query));
}

fn split(input: &[u8]) -> (&[u8], &[u8]) {
    match input.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&input[..end], &input[end + 2..]),
        None => (input, b""),
    }
}

fn decode(
    method: &str,
    query: &str,
    headers: &Headers,
    body: &[u8],
) -> app_runtime::protocol::error::ParseResult<Envelope> {
    let header = |name: &str| {
        let found = headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    let raw = RawRequest {
        method,
        header: &header,
        query,
        body,
    };
    Envelope::decode(&raw, APP)
}

fn as_headers(credentials: &Credentials) -> Headers {
    [
        ("x-parse-application-id", Some(&credentials.app_id)),
        ("x-parse-master-key", credentials.master_key.as_ref()),
        ("x-parse-maintenance-key", credentials.maintenance_key.as_ref()),
        ("x-parse-client-key", credentials.client_key.as_ref()),
        ("x-parse-javascript-key", credentials.javascript_key.as_ref()),
        ("x-parse-rest-api-key", credentials.rest_api_key.as_ref()),
        ("x-parse-windows-key", credentials.dot_net_key.as_ref()),
        ("x-parse-session-token", credentials.session_token.as_ref()),
        ("x-parse-installation-id", credentials.installation_id.as_ref()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?.clone())))
    .collect()
}

fn denylist() -> Denylist {
    let keyword = |key: &str| DeniedKeyword {
        key: Some(key.to_owned()),
        value: None,
    };
    Denylist::new(&["_bsontype", "constructor", "__proto__"].map(keyword))
}
