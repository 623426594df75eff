//! Answers for what is not there.

use actix_web::HttpRequest;

use crate::error::ApiError;

/// An address below `/api` that is no endpoint.
pub async fn endpoint() -> Result<&'static str, ApiError> {
    Err(ApiError::NotFound("endpoint"))
}

/// An endpoint called with a method it does not have.
pub async fn method(request: HttpRequest) -> Result<&'static str, ApiError> {
    Err(ApiError::MethodNotAllowed(request.method().to_string()))
}
