//! The session cookie: `HttpOnly`, `SameSite=Lax`, `Secure` when people reach us over https.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};

use crate::config::Config;

/// Name of the session cookie.
pub const NAME: &str = "slipway_session";

/// The session token the request carries.
pub fn token(request: &HttpRequest) -> Option<String> {
    request.cookie(NAME).map(|cookie| cookie.value().to_owned())
}

/// The cookie that opens a session in the browser, for as long as the session lives.
pub fn open(token: String, config: &Config) -> Cookie<'static> {
    let lifetime = Duration::days(config.sessions.lifetime_days.into());
    base(token, config).max_age(lifetime).finish()
}

/// The cookie that makes the browser forget the session.
pub fn close(config: &Config) -> Cookie<'static> {
    base(String::new(), config).max_age(Duration::ZERO).finish()
}

fn base(value: String, config: &Config) -> actix_web::cookie::CookieBuilder<'static> {
    Cookie::build(NAME, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(config.server.is_https())
}
