//! What a verified token may say to prove who somebody is. Pure.

use serde_json::{Map, Value};

use crate::protocol::dates::Millis;

/// Clocks of providers and ours may be apart by so much.
const LEEWAY: Millis = 10_000;

/// Why a token does not prove what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("the token has expired, or does not say when it will")]
    Expired,
    #[error("the token is not valid yet")]
    TooEarly,
    #[error("the token is of another issuer")]
    Issuer,
    #[error("the token was made for another app")]
    Audience,
    #[error("the token is another user's")]
    Subject,
}

/// `exp` must be there and ahead, `nbf` behind (RFC 7519, sections 4.1.4 and 4.1.5).
pub fn check_time(claims: &Map<String, Value>, now: Millis) -> Result<(), Flaw> {
    let expiry = expiry(claims).ok_or(Flaw::Expired)?;
    if expiry <= now.saturating_sub(LEEWAY) {
        return Err(Flaw::Expired);
    }
    match claims.get("nbf") {
        None => Ok(()),
        Some(start) if seconds(start).is_some_and(|start| start <= now.saturating_add(LEEWAY)) => Ok(()),
        Some(_) => Err(Flaw::TooEarly),
    }
}

/// When the token ends.
pub fn expiry(claims: &Map<String, Value>) -> Option<Millis> {
    claims.get("exp").and_then(seconds)
}

fn seconds(value: &Value) -> Option<Millis> {
    value
        .as_f64()
        .filter(|seconds| (0.0..1e12).contains(seconds))
        .map(|seconds| (seconds * 1000.0) as Millis)
}

/// `iss` must be one of these.
pub fn check_issuer(claims: &Map<String, Value>, issuers: &[String]) -> Result<(), Flaw> {
    match text(claims, "iss") {
        Some(issuer) if issuers.iter().any(|known| known == issuer) => Ok(()),
        _ => Err(Flaw::Issuer),
    }
}

/// `aud` must name one of these. A token for others as well must have been given to one of these, which `azp` says
/// (OpenID Connect Core 1.0, section 3.1.3.7).
pub fn check_audience(claims: &Map<String, Value>, ours: &[String]) -> Result<(), Flaw> {
    let is_ours = |name: &str| ours.iter().any(|own| own == name);
    let good = match claims.get("aud") {
        Some(Value::String(one)) => is_ours(one),
        Some(Value::Array(several)) => {
            let named = |item: &Value| item.as_str().is_some_and(is_ours);
            several.iter().any(named)
                && (several.iter().all(named) || text(claims, "azp").is_some_and(is_ours))
        }
        _ => false,
    };
    if good { Ok(()) } else { Err(Flaw::Audience) }
}

/// `sub` must be the user whom the client names.
pub fn check_subject(claims: &Map<String, Value>, id: Option<&str>) -> Result<(), Flaw> {
    match (text(claims, "sub"), id) {
        (Some(subject), Some(id)) if !subject.is_empty() && subject == id => Ok(()),
        _ => Err(Flaw::Subject),
    }
}

/// A claim that is a text.
pub fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Millis = 1_700_000_000_000;

    fn claims(json: Value) -> Map<String, Value> {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn a_token_lives_from_nbf_to_exp() {
        for (given, expected) in [
            (json!({"exp": 1_700_000_001}), Ok(())),
            (json!({"exp": 1_699_999_995}), Ok(())),
            (json!({"exp": 1_699_999_990}), Err(Flaw::Expired)),
            (json!({}), Err(Flaw::Expired)),
            (json!({"exp": "1700000001"}), Err(Flaw::Expired)),
            (json!({"exp": 1e300}), Err(Flaw::Expired)),
            (json!({"exp": 1_700_000_900, "nbf": 1_700_000_005}), Ok(())),
            (
                json!({"exp": 1_700_000_900, "nbf": 1_700_000_060}),
                Err(Flaw::TooEarly),
            ),
            (json!({"exp": 1_700_000_900, "nbf": {}}), Err(Flaw::TooEarly)),
        ] {
            assert_eq!(check_time(&claims(given.clone()), NOW), expected, "{given}");
        }
    }

    #[test]
    fn only_a_token_for_us_counts() {
        let ours = ["app".to_owned(), "app-ios".to_owned()];
        for (given, good) in [
            (json!({"aud": "app-ios"}), true),
            (json!({"aud": ["app"]}), true),
            (json!({"aud": ["app", "other"], "azp": "app"}), true),
            (json!({"aud": ["app", "other"]}), false),
            (json!({"aud": ["app", "other"], "azp": "other"}), false),
            (json!({"aud": "application"}), false),
            (json!({"aud": []}), false),
            (json!({"azp": "app"}), false),
        ] {
            assert_eq!(
                check_audience(&claims(given.clone()), &ours).is_ok(),
                good,
                "{given}"
            );
        }
    }

    #[test]
    fn issuer_and_subject_are_compared_as_a_whole() {
        let token = claims(json!({"iss": "https://a.example", "sub": "u1"}));
        assert!(check_issuer(&token, &["https://a.example".into()]).is_ok());
        assert!(check_issuer(&token, &["https://a.example.org".into()]).is_err());
        assert!(check_issuer(&Map::new(), &["https://a.example".into()]).is_err());
        assert!(check_subject(&token, Some("u1")).is_ok());
        assert!(check_subject(&token, Some("u")).is_err());
        assert!(check_subject(&token, None).is_err());
        assert!(check_subject(&claims(json!({"sub": ""})), Some("")).is_err());
    }
}
