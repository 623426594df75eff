//! JSON bodies: at most 64 KiB, typed, with errors that name the field.

use actix_web::{
    FromRequest, HttpRequest, dev::Payload, error::PayloadError, http::header::CONTENT_TYPE, web::Bytes,
};
use futures_util::future::LocalBoxFuture;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use crate::error::ApiError;

/// Bytes a body may have.
pub const BODY_LIMIT: usize = 64 * 1024;

/// A request body read as JSON into `T`. A handler asks for the result itself, after it knows who calls: what
/// is wrong with a body is nobody's business who may not send one.
#[derive(Debug)]
pub struct Body<T>(Result<T, ApiError>);

impl<T> Body<T> {
    /// The value, or what is wrong with the body.
    pub fn parsed(self) -> Result<T, ApiError> {
        self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let body = Bytes::from_request(request, payload);
        Box::pin(async move {
            let body = body.await.map_err(|error| unreadable(&error));
            Ok(Self(match body {
                _ if !is_json => Err(ApiError::UnsupportedMediaType),
                Ok(body) => parse(&body),
                Err(error) => Err(error),
            }))
        })
    }
}

fn is_json(request: &HttpRequest) -> bool {
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Why a body could not be read to its end.
pub fn unreadable(error: &actix_web::Error) -> ApiError {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => ApiError::BodyTooLarge,
        _ => ApiError::MalformedJson("it ended too early".to_owned()),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let text = std::str::from_utf8(body)
        .map_err(|error| ApiError::MalformedJson(format!("byte {} is not UTF-8", error.valid_up_to())))?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| ApiError::MalformedJson(error.to_string()))?;
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        refusal(&path, error.inner())
    })
}

fn refusal(path: &str, error: &serde_json::Error) -> ApiError {
    let message = error.to_string();
    if error.classify() != Category::Data {
        return ApiError::MalformedJson(message);
    }
    let problem = message.split(" at line ").next().unwrap_or(&message);
    // serde names a missing or an unknown field in backticks; its path ends at the object around it.
    let named = problem.split('`').nth(1).filter(|_| problem.contains(" field `"));
    match named {
        Some(name) if problem.starts_with("missing") => ApiError::field(name, "is missing."),
        Some(name) => ApiError::field(name, "is not a field of this request."),
        None => ApiError::field(
            if path == "." { "body" } else { path },
            format!("is not valid: {problem}."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[allow(dead_code)]
        name: String,
    }

    fn refused(body: &[u8]) -> ApiError {
        parse::<Thing>(body).expect_err("refused")
    }

    fn field(body: &str) -> String {
        match refused(body.as_bytes()) {
            ApiError::InvalidInput(fields) => fields
                .into_iter()
                .map(|(name, problem)| format!("{name} {problem}"))
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        let nested = "[".repeat(10_000);
        for body in [
            "",
            "{",
            "nope",
            "{\"name\":\"a\"} and more",
            "{\"name\": \"\u{0}\"}",
            nested.as_str(),
        ] {
            let error = refused(body.as_bytes());
            assert!(
                matches!(error, ApiError::MalformedJson(_)),
                "{body:.40}: {error:?}"
            );
        }
        assert!(matches!(
            refused(b"{\"name\":\"\xff\"}"),
            ApiError::MalformedJson(_)
        ));
    }

    #[test]
    fn a_wrong_field_is_named() {
        assert_eq!(field("{}"), "name is missing.");
        assert_eq!(
            field(r#"{"name":"a","nmae":1}"#),
            "nmae is not a field of this request."
        );
        assert_eq!(
            field(r#"{"name":7}"#),
            "name is not valid: invalid type: integer `7`, expected a string."
        );
    }
}
