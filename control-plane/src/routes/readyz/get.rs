//! `GET /readyz`: whether apps can be created.

use std::time::Duration;

use actix_web::{HttpMessage, HttpRequest, HttpResponse, web::Data};
use futures_util::future::join_all;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{error::chain, http::Quiet, state::AppState};

/// A part that takes longer than this to answer is not ready.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether apps can be created, and what is the matter.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `ready`, `degraded` (a region is away, another is there) or `not_ready`.
    pub status: &'static str,
    pub reasons: Vec<Reason>,
}

/// A part that is not ready.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reason {
    /// `database` or `region eu`.
    pub part: String,
    pub reason: String,
}

/// Whether apps can be created: PostgreSQL answers, and a region can run them. A region that is away is a reason, but
/// no cause to send nobody here any more: the others are served.
#[utoipa::path(
    get, path = "/readyz", tag = "operations", security(()),
    responses(
        (status = 200, description = "Apps can be created.", body = Readiness),
        (status = 503, description = "PostgreSQL or every region is away; the reasons say why.", body = Readiness),
    ),
)]
pub async fn readyz(request: HttpRequest, state: Data<AppState>) -> HttpResponse {
    request.extensions_mut().insert(Quiet);
    let (database, regions) = (database(&state).await, regions(&state).await);
    let ready = database.is_none() && regions.len() < state.drivers.len();
    let reasons: Vec<Reason> = database.into_iter().chain(regions).collect();
    let (mut answer, status) = match (ready, reasons.is_empty()) {
        (true, true) => (HttpResponse::Ok(), "ready"),
        (true, false) => (HttpResponse::Ok(), "degraded"),
        (false, _) => (HttpResponse::ServiceUnavailable(), "not_ready"),
    };
    answer.json(Readiness { status, reasons })
}

async fn database(state: &AppState) -> Option<Reason> {
    let reason = match tokio::time::timeout(PATIENCE, state.pool.acquire()).await {
        Ok(Ok(_)) => return None,
        Ok(Err(error)) => chain(&error),
        Err(_) => "it does not answer".to_owned(),
    };
    Some(Reason {
        part: "database".to_owned(),
        reason,
    })
}

async fn regions(state: &AppState) -> Vec<Reason> {
    let checks = state.drivers.iter().map(|(region, driver)| async move {
        let reason = match tokio::time::timeout(PATIENCE, driver.ready()).await {
            Ok(Ok(())) => return None,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not answer".to_owned(),
        };
        Some(Reason {
            part: format!("region {region}"),
            reason,
        })
    });
    join_all(checks).await.into_iter().flatten().collect()
}
