//! `/apps/…`: the public pages. They need no keys: whoever holds a mailed link may follow it.

mod email;
mod password;
mod reply;

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use crate::app::AppState;
use crate::pages::{self, Answer, Params};
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult};
use crate::settings::{PagesSettings, is_locale};

/// Bytes of a form; more is none of ours.
const MAX_FORM: usize = 64 * 1024;

/// What is asked of the pages; each with the app id of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageRoute<'p> {
    VerifyEmail(&'p str),
    ResendVerification(&'p str),
    ResetForm(&'p str),
    Reset(&'p str),
    ChoosePassword,
    /// A file, by its path below the endpoint.
    File(&'p str),
}

/// Every verb and path below the endpoint; a part that begins with a colon stands for any text.
pub const PAGES: &[(&str, &str)] = &[
    ("GET", ":app/verify_email"),
    ("POST", ":app/resend_verification_email"),
    ("GET", ":app/request_password_reset"),
    ("POST", ":app/request_password_reset"),
    ("GET", "choose_password"),
    ("GET", ":file"),
];

/// The page route of a path below the mount; `None` if it is no page's.
pub fn resolve<'p>(settings: &PagesSettings, method: &Method, path: &'p str) -> Option<PageRoute<'p>> {
    let below = path.strip_prefix(&settings.endpoint)?.strip_prefix('/')?;
    let parts: Vec<&str> = below.split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("GET" | "HEAD", [app, "verify_email"]) => Some(PageRoute::VerifyEmail(app)),
        ("POST", [app, "resend_verification_email"]) => Some(PageRoute::ResendVerification(app)),
        ("GET" | "HEAD", [app, "request_password_reset"]) => Some(PageRoute::ResetForm(app)),
        ("POST", [app, "request_password_reset"]) => Some(PageRoute::Reset(app)),
        ("GET" | "HEAD", ["choose_password"]) => Some(PageRoute::ChoosePassword),
        ("GET" | "HEAD", _) => Some(PageRoute::File(below)),
        _ => None,
    }
}

/// Serves a page.
pub async fn serve(request: &HttpRequest, app: &AppState, route: PageRoute<'_>, body: &[u8]) -> HttpResponse {
    let visit = Visit::new(request, app, body);
    match visit.answer(route).await {
        Ok(response) => response,
        Err(error) => reply::error(app, &error),
    }
}

/// A request for a page: its parameters, and what every page shows.
struct Visit<'a> {
    app: &'a AppState,
    query: Fields,
    form: Fields,
    /// The page's own script asked, and reads JSON.
    is_script: bool,
    locale: Option<String>,
}

impl<'a> Visit<'a> {
    fn new(request: &HttpRequest, app: &'a AppState, body: &[u8]) -> Self {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let query = form_fields(request.query_string().as_bytes());
        let form = match serde_json::from_slice(body) {
            _ if body.len() > MAX_FORM => Fields::new(),
            Ok(Value::Object(fields)) => fields,
            _ => form_fields(body),
        };
        let sent = |fields: &Fields| fields.get("locale").and_then(Value::as_str).map(str::to_owned);
        let locale = sent(&query)
            .or_else(|| sent(&form))
            .or_else(|| header("x-parse-page-param-locale").map(str::to_owned));
        Self {
            app,
            is_script: header("x-requested-with")
                .is_some_and(|value| value.eq_ignore_ascii_case("xmlhttprequest")),
            locale: locale.filter(|locale| is_locale(locale)),
            query,
            form,
        }
    }

    async fn answer(&self, route: PageRoute<'_>) -> ParseResult<HttpResponse> {
        match route {
            PageRoute::VerifyEmail(app)
            | PageRoute::ResendVerification(app)
            | PageRoute::ResetForm(app)
            | PageRoute::Reset(app)
                if app != self.app.settings.app_id =>
            {
                Err(ParseError::unauthorized())
            }
            PageRoute::VerifyEmail(_) => email::verify(self).await,
            PageRoute::ResendVerification(_) => email::resend(self).await,
            PageRoute::ResetForm(_) => password::form(self).await,
            PageRoute::Reset(_) => password::reset(self).await,
            PageRoute::ChoosePassword => Ok(password::choose(self)),
            PageRoute::File(path) => Ok(self.file(path)),
        }
    }

    /// A text of the query; anything else is not there (CVE-2026-30941).
    fn query_text(&self, name: &str) -> Option<&str> {
        text(&self.query, name)
    }

    fn form_text(&self, name: &str) -> Option<&str> {
        text(&self.form, name)
    }

    /// The parameters of every page, with these; `None` where the app has no pages.
    fn params(&self, more: &[(&'static str, Option<&str>)]) -> Option<Params> {
        let mut params = pages::default_params(&self.app.settings)?;
        let locale = ("locale", self.locale.as_deref());
        for (name, value) in more.iter().chain([&locale]) {
            if let Some(value) = value {
                params.insert(name, (*value).to_owned());
            }
        }
        Some(params)
    }

    fn show(&self, page: pages::Page, more: &[(&'static str, Option<&str>)], redirect: bool) -> HttpResponse {
        match self.params(more) {
            Some(params) => {
                let answer = pages::show(&self.app.settings, page, &params, redirect);
                reply::page(self.app, answer, &params)
            }
            None => reply::page(self.app, Answer::NotFound, &Params::new()),
        }
    }

    fn file(&self, path: &str) -> HttpResponse {
        let more = [
            ("token", self.query_text("token")),
            ("username", self.query_text("username")),
        ];
        let params = self.params(&more).unwrap_or_default();
        let answer = pages::at_path(&self.app.settings, path, &params);
        reply::page(self.app, answer, &params)
    }
}

fn form_fields(bytes: &[u8]) -> Fields {
    url::form_urlencoded::parse(bytes)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}

fn text<'f>(fields: &'f Fields, name: &str) -> Option<&'f str> {
    fields
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says which route it is: one that is new has no arm here, and then none in the list.
    fn position(route: PageRoute<'_>) -> usize {
        match route {
            PageRoute::VerifyEmail(_) => 0,
            PageRoute::ResendVerification(_) => 1,
            PageRoute::ResetForm(_) => 2,
            PageRoute::Reset(_) => 3,
            PageRoute::ChoosePassword => 4,
            PageRoute::File(_) => 5,
        }
    }

    #[test]
    fn the_list_has_every_page() {
        let settings = PagesSettings::default();
        let listed = PAGES.iter().map(|(method, path)| {
            let (method, path) = (
                Method::from_bytes(method.as_bytes()).unwrap(),
                path.replace(':', ""),
            );
            resolve(&settings, &method, &format!("apps/{path}")).map(position)
        });
        let every = (0..6).map(Some);
        assert_eq!(listed.collect::<Vec<_>>(), every.collect::<Vec<_>>());
    }

    #[test]
    fn pages_have_their_paths() {
        let settings = PagesSettings::default();
        let find = |method: Method, path: &'static str| resolve(&settings, &method, path);
        assert_eq!(
            find(Method::GET, "apps/a/verify_email"),
            Some(PageRoute::VerifyEmail("a"))
        );
        assert_eq!(
            find(Method::POST, "apps/a/request_password_reset"),
            Some(PageRoute::Reset("a"))
        );
        assert_eq!(
            find(Method::GET, "apps/choose_password"),
            Some(PageRoute::ChoosePassword)
        );
        assert_eq!(
            find(Method::GET, "apps/de/x.html"),
            Some(PageRoute::File("de/x.html"))
        );
        for (method, path) in [
            (Method::POST, "apps/a/verify_email"),
            (Method::GET, "appsx/a"),
            (Method::GET, "apps"),
            (Method::DELETE, "apps/a/x"),
        ] {
            assert_eq!(find(method, path), None, "{path}");
        }
    }
}
