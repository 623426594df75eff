//! `GET` and `POST /apps/:appId/request_password_reset`, `GET /apps/choose_password`

use actix_web::HttpResponse;

use crate::pages::{self, Page};
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::routes::pages::{Visit, reply};
use crate::users::password_reset;

/// The link in the mail: a form, if its token is good.
pub async fn form(visit: &Visit<'_>) -> ParseResult<HttpResponse> {
    let Some(token) = visit.query_text("token") else {
        return Ok(visit.show(Page::PasswordResetLinkInvalid, &[], false));
    };
    match password_reset::check(visit.app, token).await {
        Ok(_) => Ok(visit.show(Page::PasswordReset, &[("token", Some(token))], false)),
        Err(error) if error.status() < 500 => Ok(visit.show(Page::PasswordResetLinkInvalid, &[], false)),
        Err(error) => Err(error),
    }
}

/// The form, sent: by the browser, which gets a page, or by a script, which gets JSON.
pub async fn reset(visit: &Visit<'_>) -> ParseResult<HttpResponse> {
    let (token, password) = match (visit.form_text("token"), visit.form_text("new_password")) {
        (Some(token), Some(password)) => (token, password),
        _ if !visit.is_script => return Ok(visit.show(Page::PasswordResetLinkInvalid, &[], true)),
        (None, _) => return Err(ParseError::new(code::OTHER_CAUSE, "Missing token")),
        _ => return Err(ParseError::new(code::PASSWORD_MISSING, "Missing password")),
    };
    let outcome = if visit
        .form_text("confirm_new_password")
        .is_some_and(|again| again != password)
    {
        let params = visit.params(&[]).unwrap_or_default();
        let message = pages::text(&visit.app.settings, "passwordsDiffer", &params);
        Err(ParseError::new(code::OTHER_CAUSE, message))
    } else {
        password_reset::reset(visit.app, token, password).await
    };
    match outcome {
        Err(error) if error.status() >= 500 => Err(error),
        Err(error) if visit.is_script => Err(ParseError::new(code::OTHER_CAUSE, error.message)),
        Err(error) => {
            let more = [("token", Some(token)), ("error", Some(error.message.as_str()))];
            Ok(visit.show(Page::PasswordReset, &more, false))
        }
        Ok(()) if visit.is_script => Ok(reply::json("Password successfully reset")),
        Ok(()) => Ok(visit.show(Page::PasswordResetSuccess, &[], false)),
    }
}

/// The same form without a look at the token, for links of old.
pub fn choose(visit: &Visit<'_>) -> HttpResponse {
    if visit
        .query_text("appId")
        .is_some_and(|app| app != visit.app.settings.app_id)
    {
        return reply::error(visit.app, &ParseError::unauthorized());
    }
    let more = [
        ("token", visit.query_text("token")),
        ("username", visit.query_text("username")),
    ];
    visit.show(Page::PasswordReset, &more, false)
}
