//! `GET /apps/:appId/verify_email` and `POST /apps/:appId/resend_verification_email`

use actix_web::HttpResponse;

use crate::pages::Page;
use crate::protocol::error::ParseResult;
use crate::routes::pages::Visit;
use crate::users::verification;

/// The link in the mail: thanks, or a way to a new one.
pub async fn verify(visit: &Visit<'_>) -> ParseResult<HttpResponse> {
    let token = visit.query_text("token");
    let confirmed = match token {
        Some(token) => verification::confirm(visit.app, token).await?,
        None => false,
    };
    Ok(if confirmed {
        visit.show(Page::EmailVerificationSuccess, &[], false)
    } else {
        visit.show(Page::EmailVerificationLinkInvalid, &[("token", token)], false)
    })
}

/// Another mail. Unless the app wants otherwise, the answer does not tell who exists (CVE-2026-33323).
pub async fn resend(visit: &Visit<'_>) -> ParseResult<HttpResponse> {
    let (username, token) = (visit.form_text("username"), visit.form_text("token"));
    if username.is_none() && token.is_none() {
        return Ok(visit.show(Page::EmailVerificationLinkInvalid, &[], true));
    }
    let sent = verification::resend(visit.app, username, token, visit.locale.as_deref()).await?;
    let settings = &visit.app.settings.email_verification;
    Ok(if sent || settings.success_on_invalid_email {
        visit.show(Page::EmailVerificationSendSuccess, &[], true)
    } else {
        visit.show(Page::EmailVerificationSendFail, &[], true)
    })
}
