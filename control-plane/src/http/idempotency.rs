//! `Idempotency-Key` on POSTs of signed-in callers: the same key and request get the first answer again.
//!
//! A request is claimed before it runs, and it runs to its end even when the caller hangs up. A success is
//! kept, sealed, for a day; a refusal changed nothing and gives the key back. While the first request runs,
//! and should the process die in the middle of it, the key answers 409, so nothing is ever done twice.

use actix_web::{
    Error, FromRequest, HttpMessage, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{ContentType, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::{Bytes, Data},
};
use secrecy::{ExposeSecret, SecretString};
use tracing::Instrument;

use super::unreadable;
use crate::{
    auth::Caller,
    crypto::{Sealed, sha256},
    error::ApiError,
    state::AppState,
    store::idempotency as store,
};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const LONGEST_KEY: usize = 255;

/// A claimed key.
struct Claim {
    state: Data<AppState>,
    caller: String,
    key: String,
}

/// Wraps the endpoints under `/api/v1` that need a caller.
pub async fn idempotent(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let (claim, digest) = match identify(&mut request).await {
        Ok(identified) => identified,
        Err(error) => return Ok(refuse(request, &error)),
    };
    match claim.start(&digest).await {
        Ok(None) => {}
        Ok(Some(replay)) => return Ok(request.into_response(replay)),
        Err(error) => return Ok(refuse(request, &error)),
    }
    // On a task of its own: a caller that hangs up must not cut the work in half.
    let work = async move {
        let response = next.call(request).await?.map_into_boxed_body();
        claim.finish(response).await
    };
    let done = actix_web::rt::spawn(work.in_current_span()).await;
    done.map_err(ApiError::internal)?
}

fn refuse(request: ServiceRequest, error: &ApiError) -> ServiceResponse<BoxBody> {
    request.into_response(error.error_response())
}

async fn identify(request: &mut ServiceRequest) -> Result<(Claim, [u8; 32]), ApiError> {
    let key = request
        .headers()
        .get(KEY)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(ApiError::field(
            "Idempotency-Key",
            "must be 1 to 255 ASCII characters.",
        ));
    }
    let caller = Caller::of(request.request()).await?;
    let mut payload = request.take_payload();
    let body = Bytes::from_request(request.request(), &mut payload)
        .await
        .map_err(|error| unreadable(&error))?;
    request.set_payload(Payload::from(body.clone()));
    let digest = sha256(&[request.path().as_bytes(), b"\n", &body]);
    let state = AppState::of(request.request()).clone();
    Ok((
        Claim {
            state,
            caller: caller.account.id.to_string(),
            key,
        },
        digest,
    ))
}

impl Claim {
    /// Claims the key; the kept answer, if there is one.
    async fn start(&self, digest: &[u8; 32]) -> Result<Option<HttpResponse>, ApiError> {
        let AppState { pool, clock, .. } = &**self.state;
        if store::claim(pool, &self.caller, &self.key, digest, clock.now()).await? {
            return Ok(None);
        }
        // Gone again: the first request was refused at this very moment.
        let known = store::find(pool, &self.caller, &self.key)
            .await?
            .ok_or(ApiError::IdempotencyInProgress)?;
        if known.request_sha256 != digest {
            return Err(ApiError::IdempotencyKeyReused);
        }
        let (status, body) = known.answer.ok_or(ApiError::IdempotencyInProgress)?;
        self.replay(status, &body).map(Some)
    }

    fn replay(&self, status: u16, body: &Sealed) -> Result<HttpResponse, ApiError> {
        let body = self.state.sealer.open(&self.place(), body)?;
        let status = StatusCode::from_u16(status).map_err(ApiError::internal)?;
        let mut response = HttpResponse::build(status);
        response.insert_header((REPLAYED, HeaderValue::from_static("true")));
        let body = body.expose_secret();
        Ok(if body.is_empty() {
            response.finish()
        } else {
            response.insert_header(ContentType::json()).body(body.to_owned())
        })
    }

    async fn finish(&self, response: ServiceResponse<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
        let pool = &self.state.pool;
        if !response.status().is_success() {
            store::release(pool, &self.caller, &self.key)
                .await
                .map_err(ApiError::from)?;
            return Ok(response);
        }
        let (request, response) = response.into_parts();
        let (response, body) = response.into_parts();
        let body = to_bytes(body)
            .await
            .map_err(|error| ApiError::internal(error.to_string()))?;
        let text = SecretString::from(String::from_utf8_lossy(&body).into_owned());
        let sealed = self
            .state
            .sealer
            .seal(&self.place(), &text)
            .map_err(ApiError::from)?;
        let status = response.status().as_u16();
        store::finish(pool, &self.caller, &self.key, status, &sealed)
            .await
            .map_err(ApiError::from)?;
        Ok(ServiceResponse::new(
            request,
            response.set_body(body).map_into_boxed_body(),
        ))
    }

    fn place(&self) -> [&str; 3] {
        ["idempotency_keys", &self.caller, &self.key]
    }
}
