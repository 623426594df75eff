//! Sessions: made at sign-up and login, looked up at every request of a user, and ended.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::app::AppState;
use crate::objects::caller::{Caller, Session};
use crate::objects::create;
use crate::objects::draft::Draft;
use crate::objects::find;
use crate::protocol::dates;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::ops::Op;
use crate::protocol::types::Pointer;
use crate::users::roles;

/// The session behind a token; 209 if it is unknown, expired, or its user is gone.
pub async fn resolve(app: &AppState, token: &str) -> ParseResult<Arc<Session>> {
    let session = match app.accounts.session(token).await {
        Some(session) => session,
        None => {
            let since = app.accounts.epoch();
            let session = Arc::new(load(app, token).await?);
            app.accounts.keep_session(since, &session).await;
            session
        }
    };
    if session.expires_at.is_some_and(|expiry| expiry <= app.now()) {
        return Err(ParseError::new(
            code::INVALID_SESSION_TOKEN,
            "Session token is expired.",
        ));
    }
    extend(app, session).await
}

/// With `extendSessionOnUse`, a session past half of its life begins anew.
async fn extend(app: &AppState, session: Arc<Session>) -> ParseResult<Arc<Session>> {
    let now = app.now();
    let length = i64::try_from(app.settings.session_length.as_millis()).unwrap_or(i64::MAX);
    let past_half = session
        .expires_at
        .is_some_and(|expiry| expiry - now <= length / 2);
    if !app.settings.extend_session_on_use || !past_half {
        return Ok(session);
    }
    let expires_at = now.saturating_add(length);
    let since = app.accounts.epoch();
    app.storage.extend_session(&session.id, expires_at, now).await?;
    let extended = Arc::new(Session {
        expires_at: Some(expires_at),
        ..Session::clone(&session)
    });
    app.accounts.keep_session(since, &extended).await;
    Ok(extended)
}

async fn load(app: &AppState, token: &str) -> ParseResult<Session> {
    if token.len() > 256 {
        return Err(ParseError::invalid_session());
    }
    let row = app
        .storage
        .session_by_token(token)
        .await?
        .ok_or_else(ParseError::invalid_session)?;
    if !app.storage.user_exists(&row.user).await? {
        return Err(ParseError::invalid_session());
    }
    Ok(Session {
        id: row.id,
        token: token.to_owned(),
        user: row.user,
        expires_at: row.expires_at,
    })
}

/// The user of a token that Parse made before sessions were objects; it is kept in the user's row.
pub async fn resolve_legacy(app: &AppState, token: &str) -> ParseResult<Caller> {
    let row = match token.len() {
        1..=256 => app.storage.user_by_legacy_token(token).await?,
        _ => None,
    };
    let row = row.ok_or_else(ParseError::invalid_session)?;
    Ok(Caller::of_group(roles::group_of(app, &row.id).await?))
}

/// `POST /upgradeToRevocableSession`: a session object in place of an old token.
pub async fn upgrade(app: &AppState, caller: &Caller) -> ParseResult<Value> {
    let user = caller
        .user_id()
        .ok_or_else(|| ParseError::new(code::OBJECT_NOT_FOUND, "invalid session"))?;
    let with = CreatedWith {
        action: "upgrade",
        provider: None,
    };
    let installation = caller.installation_id.as_deref();
    let (_, created) = start_with(app, user, with, installation, Draft::default()).await?;
    app.storage.drop_legacy_token(user).await?;
    find::get_value(app, caller, "_Session", &created.id).await
}

/// How a session came to be, as stored in `createdWith`.
#[derive(Debug, Clone, Copy)]
pub struct CreatedWith<'a> {
    /// `signup`, `login` or `create`.
    pub action: &'a str,
    /// `password`, `anonymous`, …; absent for `create`.
    pub provider: Option<&'a str>,
}

/// A fresh session of `user`; returns its token. A device has one session of a user at a time.
pub async fn start(
    app: &AppState,
    user: &str,
    with: CreatedWith<'_>,
    installation: Option<&str>,
) -> ParseResult<String> {
    let draft = Draft::default();
    let (token, _) = start_with(app, user, with, installation, draft).await?;
    Ok(token)
}

/// As [`start`], with further fields on the session; also returns the body that answers a created session.
pub async fn start_with(
    app: &AppState,
    user: &str,
    with: CreatedWith<'_>,
    installation: Option<&str>,
    mut draft: Draft,
) -> ParseResult<(String, create::Created)> {
    let token = app.new_session_token();
    let mut created_with = json!({ "action": with.action });
    if let Some(provider) = with.provider {
        created_with["authProvider"] = provider.into();
    }
    draft.set(
        "user",
        Pointer {
            class: "_User".into(),
            id: user.into(),
        }
        .encode(),
    );
    draft.set("createdWith", created_with);
    if app.settings.expire_inactive_sessions {
        let expiry = app.now() + i64::try_from(app.settings.session_length.as_millis()).unwrap_or(i64::MAX);
        draft.set(
            "expiresAt",
            json!({ "__type": "Date", "iso": dates::to_iso(expiry) }),
        );
    }
    if let Some(installation) = installation {
        draft.set("installationId", installation);
        // Most devices are new or were signed out: their login must not cost a look at the database.
        if app.storage.delete_sessions_of(user, Some(installation)).await? > 0 {
            app.accounts.forget_user(user).await;
        }
    }
    draft
        .internal
        .insert("_session_token".into(), Value::String(token.clone()));
    // Sessions are the runtime's own: no permission of a client plays a part.
    let shown: Vec<(String, Value)> = draft
        .ops
        .iter()
        .filter_map(|(name, op)| match op {
            Op::Set(value) => Some((name.clone(), value.clone())),
            _ => None,
        })
        .collect();
    let mut created = create::insert(app, &Caller::master(), "_Session", None, draft).await?;
    created.answer.extend(shown);
    Ok((token, created))
}

/// Ends the session with this token.
pub async fn end(app: &AppState, token: &str) -> ParseResult<()> {
    app.storage.delete_session(token).await?;
    app.accounts.forget_token(token).await;
    Ok(())
}

/// Ends all sessions of a user.
pub async fn end_all(app: &AppState, user: &str) -> ParseResult<()> {
    app.storage.delete_sessions_of(user, None).await?;
    app.accounts.forget_user(user).await;
    Ok(())
}
