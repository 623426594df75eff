//! The envelope of a request: credentials, effective method, parameters and body.
//!
//! SDKs either use headers and real verbs, or send everything as `POST` with a `text/plain` JSON body that holds
//! `_method` and the credentials (reference sections 1.1 and 1.2). After decoding, nobody needs to know which.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::json;

/// Values a request may hold. Each takes some seventy bytes of memory, whatever it takes on the wire, and an object of the
/// database holds no more anyway.
const MAX_VALUES: usize = 250_000;

/// A JSON object: the fields of a body or the parameters of a query.
pub type Fields = Map<String, Value>;

/// Everything the caller said about who they are. Nothing here is verified yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Credentials {
    pub app_id: String,
    pub master_key: Option<String>,
    pub maintenance_key: Option<String>,
    pub client_key: Option<String>,
    pub javascript_key: Option<String>,
    pub rest_api_key: Option<String>,
    pub dot_net_key: Option<String>,
    pub session_token: Option<String>,
    pub installation_id: Option<String>,
}

/// One decoded request.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Effective verb: `_method` of a POST body, else the real one.
    pub method: String,
    pub credentials: Credentials,
    /// The body's fields without credentials.
    pub body: Fields,
    /// The query string, each value read as JSON where it is JSON.
    pub query: Fields,
}

/// The raw parts of an HTTP request, as `routes` hands them over.
pub struct RawRequest<'a> {
    pub method: &'a str,
    pub header: &'a dyn Fn(&str) -> Option<&'a str>,
    pub query: &'a str,
    pub body: &'a [u8],
}

impl Envelope {
    /// Decodes a request to the app `app_id`. A request for another app is 403 `unauthorized`.
    pub fn decode(raw: &RawRequest<'_>, app_id: &str) -> ParseResult<Self> {
        let mut body = decode_body(raw)?;
        // The Unity SDK's, however it sends its credentials.
        body.remove("_noBody");
        let method = effective_method(raw.method, &mut body)?;
        let credentials = match credentials_from_headers(raw, app_id) {
            Some(credentials) => credentials,
            None => credentials_from_body(raw, app_id, &mut body)?,
        };
        check_context(raw, &mut body)?;
        Ok(Self {
            method,
            credentials,
            body,
            query: decode_query(raw.query),
        })
    }
}

/// Parameters of a reading request: the body's fields, and over them those of the query string.
pub fn params(body: Fields, query: Fields) -> Fields {
    let mut params = body;
    params.extend(query);
    params
}

fn decode_body(raw: &RawRequest<'_>) -> ParseResult<Fields> {
    let multipart = (raw.header)("content-type").is_some_and(|kind| kind.starts_with("multipart/form-data"));
    if multipart || raw.body.is_empty() {
        return Ok(Fields::new());
    }
    if has_more_values_than(MAX_VALUES, raw.body) {
        return Err(ParseError::new(
            code::INVALID_JSON,
            format!("The request holds more than {MAX_VALUES} values."),
        ));
    }
    match json::parse(raw.body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(ParseError::http(400, "The request body must be a JSON object.")),
        Err(error) => Err(ParseError::http(400, format!("Malformed JSON: {error}"))),
    }
}

/// Counts what separates and opens values, outside of texts, before any memory is spent on them.
fn has_more_values_than(most: usize, json: &[u8]) -> bool {
    if json.len() <= most {
        return false;
    }
    let (mut values, mut in_text, mut escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => values += 1,
            _ => {}
        }
    }
    values > most
}

fn effective_method(real: &str, body: &mut Fields) -> ParseResult<String> {
    let wanted = if real == "POST" {
        body.remove("_method")
    } else {
        None
    };
    match wanted {
        None => Ok(real.into()),
        Some(Value::String(method)) => Ok(method.to_ascii_uppercase()),
        Some(_) => Err(ParseError::new(code::INVALID_JSON, "_method must be a string")),
    }
}

fn credentials_from_headers(raw: &RawRequest<'_>, app_id: &str) -> Option<Credentials> {
    let header = |name| (raw.header)(name).map(str::to_owned);
    let mut credentials = Credentials {
        app_id: header("x-parse-application-id").unwrap_or_default(),
        master_key: header("x-parse-master-key"),
        maintenance_key: header("x-parse-maintenance-key"),
        client_key: header("x-parse-client-key"),
        javascript_key: header("x-parse-javascript-key"),
        rest_api_key: header("x-parse-rest-api-key"),
        dot_net_key: header("x-parse-windows-key"),
        session_token: header("x-parse-session-token").filter(|token| !token.is_empty()),
        installation_id: header("x-parse-installation-id"),
    };
    if let Some((user, secret)) = header("authorization").as_deref().and_then(basic_auth)
        && user == app_id
    {
        credentials.app_id = user;
        match secret.strip_prefix("javascript-key=") {
            Some(key) => credentials.javascript_key = Some(key.into()),
            None => credentials.master_key = Some(secret),
        }
    }
    (credentials.app_id == app_id).then_some(credentials)
}

/// `Basic base64(appId:masterKey)` or `base64(appId:javascript-key=KEY)`.
fn basic_auth(header: &str) -> Option<(String, String)> {
    let encoded = header
        .strip_prefix("Basic ")
        .or_else(|| header.strip_prefix("basic "))?;
    let decoded = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    let (user, secret) = decoded.split_once(':')?;
    Some((user.into(), secret.into()))
}

fn credentials_from_body(raw: &RawRequest<'_>, app_id: &str, body: &mut Fields) -> ParseResult<Credentials> {
    if body.get("_ApplicationId").and_then(Value::as_str) != Some(app_id) {
        return Err(ParseError::unauthorized());
    }
    body.remove("_ApplicationId");
    let mut take = |name: &str| match body.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ParseError::unauthorized()),
    };
    let credentials = Credentials {
        app_id: app_id.into(),
        master_key: take("_MasterKey")?,
        javascript_key: take("_JavaScriptKey")?,
        session_token: take("_SessionToken")?.filter(|token| !token.is_empty()),
        installation_id: take("_InstallationId")?,
        maintenance_key: (raw.header)("x-parse-maintenance-key").map(str::to_owned),
        client_key: (raw.header)("x-parse-client-key").map(str::to_owned),
        rest_api_key: (raw.header)("x-parse-rest-api-key").map(str::to_owned),
        dot_net_key: (raw.header)("x-parse-windows-key").map(str::to_owned),
    };
    for consumed in ["_ClientVersion", "_ContentType"] {
        take(consumed)?;
    }
    for ignored in ["_RevocableSession", "_MaintenanceKey"] {
        body.remove(ignored);
    }
    Ok(credentials)
}

/// The context is for triggers; until there are any it is checked and dropped, never stored as a field.
fn check_context(raw: &RawRequest<'_>, body: &mut Fields) -> ParseResult<()> {
    let invalid = || ParseError::new(code::INVALID_JSON, "Invalid object for context.");
    if let Some(header) = (raw.header)("x-parse-cloud-context") {
        serde_json::from_str::<Fields>(header).map_err(|_| invalid())?;
    }
    match body.remove("_context") {
        None | Some(Value::Null | Value::Object(_)) => Ok(()),
        Some(Value::String(text)) => serde_json::from_str::<Fields>(&text)
            .map(drop)
            .map_err(|_| invalid()),
        Some(_) => Err(invalid()),
    }
}

/// What is given more than once is a list of texts, as in Express.
fn decode_query(query: &str) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let value = Value::String(value.into_owned());
        match fields.get_mut(name.as_ref()) {
            None => drop(fields.insert(name.into_owned(), value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    for value in fields.values_mut() {
        if let Value::String(text) = value
            && let Ok(read) = json::parse(text.as_bytes())
        {
            *value = read;
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn decode(
        method: &str,
        headers: &[(&str, &'static str)],
        query: &str,
        body: &str,
    ) -> ParseResult<Envelope> {
        let headers: Vec<(String, &'static str)> = headers
            .iter()
            .map(|(name, value)| ((*name).into(), *value))
            .collect();
        let header = |name: &str| {
            headers
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| *value)
        };
        Envelope::decode(
            &RawRequest {
                method,
                header: &header,
                query,
                body: body.as_bytes(),
            },
            "app",
        )
    }

    #[test]
    fn the_sdk_form_and_the_header_form_mean_the_same() {
        let sdk = decode(
            "POST",
            &[],
            "",
            r#"{"_method":"GET","_ApplicationId":"app","_JavaScriptKey":"js","_ClientVersion":"js8","_SessionToken":"r:1","where":{"a":1}}"#,
        )
        .unwrap();
        let headers = decode(
            "GET",
            &[
                ("x-parse-application-id", "app"),
                ("x-parse-javascript-key", "js"),
                ("x-parse-session-token", "r:1"),
            ],
            "where=%7B%22a%22%3A1%7D",
            "",
        )
        .unwrap();
        assert_eq!(sdk.credentials, headers.credentials);
        assert_eq!(sdk.method, headers.method);
        let sdk = params(sdk.body, sdk.query);
        assert_eq!(sdk, params(headers.body, headers.query));
        assert_eq!(sdk, *json!({"where": {"a": 1}}).as_object().unwrap());
    }

    #[test]
    fn basic_authorization_carries_either_key() {
        let master = decode("GET", &[("authorization", "Basic YXBwOnNlY3JldA==")], "", "").unwrap();
        assert_eq!(master.credentials.master_key.as_deref(), Some("secret"));
        let script = decode(
            "GET",
            &[("authorization", "Basic YXBwOmphdmFzY3JpcHQta2V5PWpz")],
            "",
            "",
        )
        .unwrap();
        assert_eq!(script.credentials.javascript_key.as_deref(), Some("js"));
    }

    #[test]
    fn another_app_and_odd_credentials_are_unauthorized() {
        for (headers, body) in [
            (vec![("x-parse-application-id", "other")], ""),
            (vec![], r#"{"_ApplicationId":{"$ne":1}}"#),
            (
                vec![],
                r#"{"_ApplicationId":"app","_SessionToken":{"$regex":""}}"#,
            ),
        ] {
            assert_eq!(
                decode("POST", &headers, "", body).unwrap_err(),
                ParseError::unauthorized()
            );
        }
    }

    #[test]
    fn bad_bodies_are_told_apart() {
        let known = [("x-parse-application-id", "app")];
        assert_eq!(decode("POST", &known, "", "{").unwrap_err().status(), 400);
        assert_eq!(
            decode("POST", &known, "", "[1]").unwrap_err(),
            ParseError::http(400, "The request body must be a JSON object.")
        );
        assert_eq!(
            decode("POST", &known, "", r#"{"_method":1}"#).unwrap_err().code,
            Some(107)
        );
        assert_eq!(
            decode("POST", &known, "", r#"{"_context":[1]}"#)
                .unwrap_err()
                .code,
            Some(107)
        );
    }

    #[test]
    fn values_are_counted_outside_of_texts() {
        assert!(has_more_values_than(3, br#"[1,[2],{"a":3}]"#));
        assert!(!has_more_values_than(5, br#"[1,[2],{"a":3}]"#));
        assert!(!has_more_values_than(1, br#"["a,b,[{\",,,"]"#));
        let list = format!(r#"{{"a":[{}0]}}"#, "0,".repeat(MAX_VALUES));
        let known = [("x-parse-application-id", "app")];
        assert_eq!(decode("POST", &known, "", &list).unwrap_err().code, Some(107));
    }

    #[test]
    fn query_values_are_json_or_text() {
        let envelope = decode(
            "GET",
            &[("x-parse-application-id", "app")],
            "limit=10&order=-a&keys=a%2Cb&include=1&include=[2]&include=c",
            "",
        )
        .unwrap();
        assert_eq!(
            Value::Object(envelope.query),
            json!({"limit": 10, "order": "-a", "keys": "a,b", "include": ["1", "[2]", "c"]})
        );
    }

    #[test]
    fn an_empty_session_token_is_none_and_no_body_is_nothing_of_the_app() {
        let headers = [("x-parse-application-id", "app"), ("x-parse-session-token", "")];
        let by_headers = decode("POST", &headers, "", r#"{"_noBody":true,"a":1}"#).unwrap();
        let by_body = r#"{"_ApplicationId":"app","_SessionToken":"","_noBody":true,"a":1}"#;
        let by_body = decode("POST", &[], "", by_body).unwrap();
        for envelope in [by_headers, by_body] {
            assert_eq!(envelope.credentials.session_token, None);
            assert_eq!(Value::Object(envelope.body), json!({"a": 1}));
        }
    }

    #[test]
    fn a_text_cut_in_the_middle_of_a_character_is_taken() {
        let known = [("x-parse-application-id", "app")];
        let query = "where=%7B%22a%22%3A%22%5Cud83d%22%7D";
        let envelope = decode("POST", &known, query, r#"{"t":"abc\ud83d"}"#).unwrap();
        assert_eq!(envelope.body["t"], "abc\u{fffd}");
        assert_eq!(envelope.query["where"], json!({"a": "\u{fffd}"}));
    }
}
