//! The extractors for whoever is signed in.

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header::AUTHORIZATION};
use chrono::TimeDelta;
use futures_util::future::LocalBoxFuture;
use ids::{SessionId, TokenId};
use subtle::ConstantTimeEq;

use super::{Client, cookie};
use crate::{
    crypto::{csrf_token, sha256},
    error::ApiError,
    state::AppState,
    store::{accounts::Account, audit::Actor, sessions, tokens},
};

/// The header that must repeat the session's CSRF token on everything that changes something.
pub const CSRF_HEADER: &str = "X-CSRF-Token";

/// "Last seen" is written at most this often.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

/// How the caller proved who they are.
#[derive(Debug, Clone)]
pub enum Means {
    /// A console session.
    Session { id: SessionId, csrf_token: String },
    /// An API token.
    Token { id: TokenId, name: String },
}

/// Somebody signed in, by session (with the CSRF token where one is due) or by API token.
#[derive(Debug, Clone)]
pub struct Caller {
    pub account: Account,
    pub means: Means,
    pub client: Client,
}

impl Caller {
    /// How the audit log names them.
    pub fn actor(&self) -> Actor {
        let account_id = Some(self.account.id);
        match &self.means {
            Means::Session { .. } => Actor {
                kind: "person",
                id: self.account.id.to_string(),
                label: self.account.email.clone(),
                account_id,
            },
            Means::Token { id, name } => Actor {
                kind: "token",
                id: id.to_string(),
                label: name.clone(),
                account_id,
            },
        }
    }

    /// Finds out who sent the request. Asks the database once per request.
    pub async fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        if let Some(known) = request.extensions().get::<Self>() {
            return Ok(known.clone());
        }
        let caller = match bearer(request)? {
            Some(token) => by_token(request, &token).await?,
            None => by_session(request).await?,
        };
        tracing::Span::current().record("account.id", caller.account.id.as_str());
        request.extensions_mut().insert(caller.clone());
        Ok(caller)
    }
}

fn bearer(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let Some(header) = request.headers().get(AUTHORIZATION) else {
        return Ok(None);
    };
    let text = header.to_str().map_err(|_| ApiError::InvalidToken)?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::InvalidToken);
    }
    Ok(Some(token.trim().to_owned()))
}

async fn by_token(request: &HttpRequest, token: &str) -> Result<Caller, ApiError> {
    let state = AppState::of(request);
    let now = state.clock.now();
    let holder = tokens::find(&state.pool, &sha256(&[token.as_bytes()]), now)
        .await?
        .ok_or(ApiError::InvalidToken)?;
    if holder.last_used_at.is_none_or(|used| now - used >= TOUCH_EVERY) {
        tokens::touch(&state.pool, holder.id, now).await?;
    }
    let means = Means::Token {
        id: holder.id,
        name: holder.name,
    };
    Ok(Caller {
        account: holder.account,
        means,
        client: Client::of(request),
    })
}

async fn by_session(request: &HttpRequest) -> Result<Caller, ApiError> {
    let state = AppState::of(request);
    let token = cookie::token(request).ok_or(ApiError::NotSignedIn)?;
    let (now, idle) = (state.clock.now(), state.config.sessions.idle());
    let (id, last_seen_at, account) = sessions::find(&state.pool, &sha256(&[token.as_bytes()]), now, idle)
        .await?
        .ok_or(ApiError::NotSignedIn)?;
    let csrf_token = csrf_token(&token);
    if !request.method().is_safe() {
        verify_csrf(request, &csrf_token)?;
    }
    if now - last_seen_at >= TOUCH_EVERY {
        sessions::touch(&state.pool, id, now).await?;
    }
    Ok(Caller {
        account,
        means: Means::Session { id, csrf_token },
        client: Client::of(request),
    })
}

fn verify_csrf(request: &HttpRequest, expected: &str) -> Result<(), ApiError> {
    let given = request
        .headers()
        .get(CSRF_HEADER)
        .map_or(&[][..], |value| value.as_bytes());
    if bool::from(given.ct_eq(expected.as_bytes())) {
        Ok(())
    } else {
        Err(ApiError::CsrfFailed)
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}

/// A person at the console. Tokens cannot make tokens or see sessions.
#[derive(Debug, Clone)]
pub struct SessionCaller {
    pub caller: Caller,
    pub session: SessionId,
    pub csrf_token: String,
}

impl FromRequest for SessionCaller {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = Caller::of(&request).await?;
            match caller.means.clone() {
                Means::Session { id, csrf_token } => Ok(Self {
                    caller,
                    session: id,
                    csrf_token,
                }),
                Means::Token { .. } => Err(ApiError::Forbidden(
                    "An API token may not do this. Log in to the console.".into(),
                )),
            }
        })
    }
}
