//! The answer at the hosts of an App that is suspended: 402, the reason, and what to do.
//!
//! Every operator gives it, also one that stands by: all it needs is the list of Apps.

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_REQUEST_HEADERS, CACHE_CONTROL, HOST, RETRY_AFTER,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use app_crd::SuspensionReason;
use kube::runtime::reflector::Store;
use serde_json::json;

use crate::app_object::AppObject;
use crate::conditions::suspended_for;

/// The state of the App that a host belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Suspended(SuspensionReason),
    /// It resumes, and its pods do not answer yet.
    Starting,
    Unknown,
}

/// Answers any request to any path.
pub async fn answer(request: HttpRequest, apps: web::Data<Store<AppObject>>) -> HttpResponse {
    if request.method() == Method::OPTIONS {
        return preflight(&request);
    }
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let (status, sentence) = words(state(host.unwrap_or_default(), &apps));
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, "no-store"));
    // A browser shows the sentence to scripts of other origins only with this.
    response.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((RETRY_AFTER, "1"));
    }
    response.json(json!({ "code": status.as_u16(), "error": sentence }))
}

/// Lets a browser ask its real question: the refusal of that one is what says why.
fn preflight(request: &HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((CACHE_CONTROL, "no-store"));
    response.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    response.insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE"));
    if let Some(headers) = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS) {
        response.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, headers.clone()));
    }
    response.finish()
}

fn state(host: &str, apps: &Store<AppObject>) -> State {
    let host = host
        .rsplit_once(':')
        .map_or(host, |(name, _)| name)
        .to_ascii_lowercase();
    let has = |app: &AppObject| app.hosts().contains(&host) && !app.is_deleted();
    let Some(app) = apps.find(has) else {
        return State::Unknown;
    };
    // One that may serve again, but is left as it was, since its spec is invalid or it is paused, does not start.
    let reason = app.suspension().or_else(|| suspended_for(&app.status.conditions));
    reason.map_or(State::Starting, State::Suspended)
}

fn words(state: State) -> (StatusCode, &'static str) {
    match state {
        State::Suspended(reason) => (StatusCode::PAYMENT_REQUIRED, reason.sentence()),
        State::Starting => (
            StatusCode::SERVICE_UNAVAILABLE,
            "This app is starting. Try again in a moment.",
        ),
        State::Unknown => (StatusCode::NOT_FOUND, "No app has this address."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::App;
    use actix_web::dev::ServiceResponse;
    use actix_web::test::{self, TestRequest};
    use kube::runtime::{reflector, watcher::Event};
    use serde_json::Value;

    fn store() -> Store<AppObject> {
        let (reader, mut writer) = reflector::store();
        for (id, host, suspended, done) in [
            ("a", "late.example", Some("TrialExpired"), false),
            ("b", "starting.example", None, false),
            ("c", "left.example", None, true),
        ] {
            let mut spec = json!({
                "appId": format!("app_01jd4y0w7qk3v5x8z9a2b4c6d{id}"), "region": "eu", "runtimeVersion": "1", "hosts": [host],
            });
            if let Some(reason) = suspended {
                spec["suspended"] = json!({ "reason": reason });
            }
            let done = json!({
                "type": "Suspended", "status": if done { "True" } else { "False" }, "reason": "TrialExpired", "message": "",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            });
            let metadata = json!({ "name": id, "namespace": "slipway-apps" });
            let app = json!({ "metadata": metadata, "spec": spec, "status": { "conditions": [done] } });
            writer.apply_watcher_event(&Event::Apply(serde_json::from_value(app).unwrap()));
        }
        reader
    }

    async fn send(request: TestRequest) -> ServiceResponse {
        let app = App::new()
            .app_data(web::Data::new(store()))
            .default_service(web::to(answer));
        let service = test::init_service(app).await;
        let request = request.uri("/parse/classes/Note").to_request();
        test::call_service(&service, request).await
    }

    async fn ask(host: &str) -> (u16, Value) {
        let response = send(TestRequest::post().insert_header((HOST, host))).await;
        (response.status().as_u16(), test::read_body_json(response).await)
    }

    #[actix_web::test]
    async fn a_browser_may_ask_a_suspended_app_so_that_it_sees_the_reason() {
        let request = TestRequest::default()
            .method(Method::OPTIONS)
            .insert_header((HOST, "late.example"))
            .insert_header((ACCESS_CONTROL_REQUEST_HEADERS, "x-parse-application-id"));
        let response = send(request).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        let header = |name| response.headers().get(name).unwrap().to_str().unwrap();
        assert_eq!(header(ACCESS_CONTROL_ALLOW_ORIGIN), "*");
        assert_eq!(header(ACCESS_CONTROL_ALLOW_HEADERS), "x-parse-application-id");
        assert!(header(ACCESS_CONTROL_ALLOW_METHODS).contains("POST"));
    }

    #[actix_web::test]
    async fn a_suspended_app_says_why_and_what_to_do() {
        for host in ["late.example", "LATE.example:8443", "left.example"] {
            let (status, body) = ask(host).await;
            assert_eq!((status, &body["code"]), (402, &json!(402)));
            let sentence = body["error"].as_str().unwrap();
            assert!(
                sentence.contains("trial has ended") && sentence.contains("add a card"),
                "{sentence}"
            );
        }
    }

    #[actix_web::test]
    async fn an_app_that_resumes_asks_for_a_moment_and_a_stranger_is_not_known() {
        assert_eq!(ask("starting.example").await.0, 503);
        assert_eq!(ask("nobody.example").await.0, 404);
    }
}
