//! `GET /api/v1/sessions`

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use ids::SessionId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{auth::SessionCaller, error::ApiError, state::AppState, store::sessions};

/// Where somebody is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionBody {
    #[schema(value_type = String)]
    id: SessionId,
    created_at: DateTime<Utc>,
    /// To the minute.
    last_seen_at: DateTime<Utc>,
    ip: String,
    user_agent: String,
    /// Whether it is the session that asks.
    current: bool,
}

/// All living sessions of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionList {
    sessions: Vec<SessionBody>,
}

/// Lists where the caller is signed in, last used first.
#[utoipa::path(
    get, path = "/api/v1/sessions", tag = "accounts", security(("session" = [])),
    responses((status = 200, description = "The living sessions.", body = SessionList)),
)]
pub async fn session_list(caller: SessionCaller, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let (account, idle) = (caller.caller.account.id, state.config.sessions.idle());
    let found = sessions::list(&state.pool, account, state.clock.now(), idle).await?;
    let sessions = found.into_iter().map(|session| SessionBody {
        id: session.id,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        ip: session.ip,
        user_agent: session.user_agent,
        current: session.id == caller.session,
    });
    Ok(HttpResponse::Ok().json(SessionList {
        sessions: sessions.collect(),
    }))
}
