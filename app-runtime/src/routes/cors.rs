//! Cross-origin headers, on every answer: browsers call the app from wherever the founder's site is.

use actix_web::HttpResponseBuilder;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue, VARY,
};

use crate::settings::Settings;

const HEADERS: &str = "X-Parse-Master-Key, X-Parse-REST-API-Key, X-Parse-Javascript-Key, X-Parse-Application-Id, X-Parse-Client-Version, \
    X-Parse-Session-Token, X-Requested-With, X-Parse-Revocable-Session, X-Parse-Request-Id, Content-Type, Pragma, Cache-Control, \
    X-Parse-Installation-Id, X-Parse-Client-Key, X-Parse-Cloud-Context";

/// The JavaScript SDK reads this list to decide which headers of an answer it shows.
const EXPOSED: &str = "X-Parse-Job-Status-Id, X-Parse-Push-Status-Id";

/// What `allowOrigin` and `allowHeaders` make of an answer.
pub struct Cors {
    /// Those who may call; none: everybody.
    origins: Vec<HeaderValue>,
    headers: HeaderValue,
}

impl Cors {
    pub fn new(settings: &Settings) -> Self {
        let origins = settings.allow_origin.iter();
        let headers = [&[HEADERS.to_owned()], settings.allow_headers.as_slice()].concat();
        Self {
            // One that no header can hold is nobody's.
            origins: origins
                .map(|origin| HeaderValue::from_str(origin).unwrap_or(HeaderValue::from_static("null")))
                .collect(),
            headers: HeaderValue::from_str(&headers.join(", ")).unwrap_or(HeaderValue::from_static(HEADERS)),
        }
    }

    /// Adds the headers for a request from `origin`.
    pub fn add(&self, origin: Option<&HeaderValue>, response: &mut HttpResponseBuilder) {
        let known = origin.filter(|origin| self.origins.contains(origin));
        let allowed = known.or(self.origins.first()).cloned();
        if !self.origins.is_empty() {
            // A cache must not give one site's answer to another.
            response.append_header((VARY, "Origin"));
        }
        response
            .insert_header((
                ACCESS_CONTROL_ALLOW_ORIGIN,
                allowed.unwrap_or(HeaderValue::from_static("*")),
            ))
            .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET,PUT,POST,DELETE,OPTIONS"))
            .insert_header((ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED))
            .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, self.headers.clone()));
    }
}
