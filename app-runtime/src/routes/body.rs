//! Reading the body of a request, up to the limit the app sets at this moment.

use actix_web::HttpRequest;
use actix_web::dev::{Decompress, Payload};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Bytes, BytesMut};
use futures_util::StreamExt;

/// The body, unpacked if its headers say it is packed. At most `limit` bytes, packed and unpacked.
///
/// # Errors
/// [`PayloadError::Overflow`] beyond the limit; otherwise whatever cut the body off.
pub async fn read(request: &HttpRequest, payload: Payload, limit: usize) -> Result<Bytes, PayloadError> {
    if declared(request).is_some_and(|bytes| bytes > limit) {
        return Err(PayloadError::Overflow);
    }
    if matches!(payload, Payload::None) {
        return Ok(Bytes::new());
    }
    let mut chunks = Decompress::from_headers(payload, request.headers());
    let mut body = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if body.len() + chunk.len() > limit {
            return Err(PayloadError::Overflow);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn declared(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
