//! Cross-origin headers, on every answer: browsers call the app from wherever the founder's site is.

use actix_web::HttpResponseBuilder;

use crate::settings::Settings;

const HEADERS: &str = "X-Parse-Master-Key, X-Parse-REST-API-Key, X-Parse-Javascript-Key, X-Parse-Application-Id, X-Parse-Client-Version, \
    X-Parse-Session-Token, X-Requested-With, X-Parse-Revocable-Session, X-Parse-Request-Id, Content-Type, Pragma, Cache-Control, \
    X-Parse-Installation-Id, X-Parse-Client-Key, X-Parse-Cloud-Context";

/// The JavaScript SDK reads this list to decide which headers of an answer it shows.
const EXPOSED: &str = "X-Parse-Job-Status-Id, X-Parse-Push-Status-Id";

/// Adds the headers for a request from `origin`.
pub fn add(settings: &Settings, origin: Option<&str>, response: &mut HttpResponseBuilder) {
    let configured = &settings.allow_origin;
    let known = origin.filter(|origin| configured.iter().any(|allowed| allowed == origin));
    let allowed = known.or(configured.first().map(String::as_str)).unwrap_or("*");
    response
        .insert_header(("Access-Control-Allow-Origin", allowed))
        .insert_header(("Access-Control-Allow-Methods", "GET,PUT,POST,DELETE,OPTIONS"))
        .insert_header(("Access-Control-Expose-Headers", EXPOSED));
    if settings.allow_headers.is_empty() {
        response.insert_header(("Access-Control-Allow-Headers", HEADERS));
    } else {
        response.insert_header((
            "Access-Control-Allow-Headers",
            format!("{HEADERS}, {}", settings.allow_headers.join(", ")),
        ));
    }
}
