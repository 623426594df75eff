//! `GET /metrics`: for Prometheus, from near by only.

use std::net::IpAddr;

use actix_web::{HttpMessage, HttpRequest, HttpResponse, web::Data};

use crate::{auth::Client, error::ApiError, http::Quiet, state::AppState, store::apps};

/// Metrics in Prometheus' text format. Answers loopback and private addresses; for others it does not exist.
#[utoipa::path(
    get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "The metrics.", body = String, content_type = "text/plain")),
)]
pub async fn metrics(
    request: HttpRequest,
    client: Client,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    request.extensions_mut().insert(Quiet);
    if !is_near(client.address) {
        return Err(ApiError::NotFound("page"));
    }
    state
        .metrics
        .observe(&state.pool, &apps::count_by_status(&state.pool).await?);
    let text = state.metrics.render().map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(text))
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_network_are_near() {
        for near in ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd00::1"] {
            assert!(is_near(near.parse().unwrap()), "{near}");
        }
        for far in ["8.8.8.8", "2001:db8::1", "172.32.0.1"] {
            assert!(!is_near(far.parse().unwrap()), "{far}");
        }
    }
}
