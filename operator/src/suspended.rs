//! The answer at the hosts of an App that is suspended: 402, the reason, and what to do.
//!
//! Every operator gives it, also one that stands by: all it needs is the list of Apps.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, HOST, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use app_crd::SuspensionReason;
use kube::runtime::reflector::Store;
use serde_json::json;

use crate::app_object::AppObject;

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

fn state(host: &str, apps: &Store<AppObject>) -> State {
    let host = host
        .rsplit_once(':')
        .map_or(host, |(name, _)| name)
        .to_ascii_lowercase();
    let has = |app: &AppObject| app.hosts().contains(&host) && !app.is_deleted();
    let Some(app) = apps.find(has) else {
        return State::Unknown;
    };
    let suspended = app.spec.as_ref().ok().and_then(|spec| spec.suspended.as_ref());
    suspended.map_or(State::Starting, |suspended| State::Suspended(suspended.reason))
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
    use actix_web::test::{self, TestRequest};
    use kube::runtime::{reflector, watcher::Event};
    use serde_json::Value;

    fn store() -> Store<AppObject> {
        let (reader, mut writer) = reflector::store();
        for (id, host, suspended) in [
            ("a", "late.example", Some("TrialExpired")),
            ("b", "starting.example", None),
        ] {
            let mut spec = json!({
                "appId": format!("app_01jd4y0w7qk3v5x8z9a2b4c6d{id}"), "region": "eu", "runtimeVersion": "1", "hosts": [host],
            });
            if let Some(reason) = suspended {
                spec["suspended"] = json!({ "reason": reason });
            }
            let app = json!({ "metadata": { "name": id, "namespace": "slipway-apps" }, "spec": spec });
            writer.apply_watcher_event(&Event::Apply(serde_json::from_value(app).unwrap()));
        }
        reader
    }

    async fn ask(host: &str) -> (u16, Value) {
        let app = App::new()
            .app_data(web::Data::new(store()))
            .default_service(web::to(answer));
        let service = test::init_service(app).await;
        let request = TestRequest::post()
            .uri("/parse/classes/Note")
            .insert_header((HOST, host))
            .to_request();
        let response = test::call_service(&service, request).await;
        (response.status().as_u16(), test::read_body_json(response).await)
    }

    #[actix_web::test]
    async fn a_suspended_app_says_why_and_what_to_do() {
        for host in ["late.example", "LATE.example:8443"] {
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
