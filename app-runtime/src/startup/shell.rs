//! Around every request: body limit, request log, counting for the bill, the drain, and the headers by which a
//! supervisor recognises the process.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use futures_util::StreamExt;
use telemetry::fields;
use tokio::time::Instant;

use crate::metering::Meter;
use crate::routes::Unrouted;
use crate::settings::Settings;

/// What the middleware knows of the process; one per process.
pub struct Shell {
    /// Path of `/health` with the mount.
    health_path: String,
    mount: String,
    max_body: u64,
    app: String,
    pub instance: String,
    meter: Arc<Meter>,
    in_flight: AtomicUsize,
    draining: AtomicBool,
}

impl Shell {
    #[must_use]
    pub fn new(settings: &Settings, meter: Arc<Meter>, instance: String) -> Self {
        Self {
            health_path: format!("{}/health", settings.mount_path),
            mount: format!("{}/", settings.mount_path),
            max_body: u64::try_from(settings.max_upload_size).unwrap_or(u64::MAX),
            app: settings
                .usage_app_id
                .clone()
                .unwrap_or_else(|| settings.app_id.clone()),
            instance,
            meter,
            in_flight: AtomicUsize::new(0),
            draining: AtomicBool::new(false),
        }
    }

    /// From now on every response closes its connection.
    pub fn drain(&self) {
        self.draining.store(true, Relaxed);
    }

    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Relaxed)
    }

    fn counts(&self, request: &ServiceRequest) -> bool {
        let path = request.path();
        request.method() != Method::OPTIONS && path != self.health_path && path.starts_with(&self.mount)
    }
}

/// Counts a request as running until it is dropped, whether it ends or its client goes away.
struct Running(web::Data<Shell>);

impl Running {
    fn new(shell: &web::Data<Shell>) -> Self {
        shell.in_flight.fetch_add(1, Relaxed);
        Self(shell.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

/// The middleware.
///
/// # Errors
/// Only those of the service inside.
pub async fn around<B: MessageBody + 'static>(
    shell: web::Data<Shell>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let _running = Running::new(&shell);
    let started = Instant::now();
    let counts = shell.counts(&request);
    let method = request.method().clone();
    let is_health = request.path() == shell.health_path;

    let body = BodyWatch::install(&mut request, shell.max_body);
    let mut response = if body.too_large() {
        request.into_response(too_large()).map_into_right_body()
    } else {
        let response = next.call(request).await?;
        // A body without a declared length shows its size only while it is read.
        if body.too_large() {
            response.into_response(too_large()).map_into_right_body()
        } else {
            response.map_into_left_body()
        }
    };

    if is_health {
        identify(&shell, response.headers_mut());
    }
    if shell.draining.load(Relaxed) {
        response
            .response_mut()
            .head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close);
    }
    let bytes_out = match response.response().body().size() {
        BodySize::Sized(bytes) => bytes,
        BodySize::None | BodySize::Stream => 0,
    };
    let routed = !response.request().extensions().contains::<Unrouted>();
    if counts && routed {
        shell.meter.request(body.bytes(), bytes_out);
    }
    tracing::debug!(
        { fields::HTTP_METHOD } = %method,
        { fields::HTTP_ROUTE } = response.request().match_pattern(),
        { fields::HTTP_STATUS } = response.status().as_u16(),
        { fields::ELAPSED_MS } = started.elapsed().as_secs_f64() * 1_000.0,
        bytes_out,
        "request"
    );
    Ok(response)
}

fn identify(shell: &Shell, headers: &mut header::HeaderMap) {
    for (name, value) in [
        ("x-slipway-app", &shell.app),
        ("x-slipway-instance", &shell.instance),
    ] {
        if let Ok(value) = header::HeaderValue::from_str(value) {
            headers.insert(header::HeaderName::from_static(name), value);
        }
    }
}

/// Parse Server's answer to a body over the limit: no Parse code, its own status.
fn too_large() -> HttpResponse {
    HttpResponse::PayloadTooLarge()
        // The rest of the body is not worth reading.
        .force_close()
        .json(serde_json::json!({"error": "request entity too large"}))
}

/// Sees how large a request's body is, and ends it when it passes the limit.
struct BodyWatch {
    limit: u64,
    bytes: Rc<Cell<u64>>,
}

impl BodyWatch {
    fn install(request: &mut ServiceRequest, limit: u64) -> Self {
        let declared = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok())
            .and_then(|length| length.parse().ok());
        let bytes = Rc::new(Cell::new(declared.unwrap_or(0)));
        // actix holds a body to its declared length, so only one without needs watching.
        if declared.is_none() && request.headers().contains_key(header::TRANSFER_ENCODING) {
            let (seen, payload) = (bytes.clone(), request.take_payload());
            let watched = payload.map(move |chunk| {
                let chunk = chunk?;
                seen.set(seen.get() + chunk.len() as u64);
                if seen.get() > limit {
                    Err(PayloadError::Overflow)
                } else {
                    Ok(chunk)
                }
            });
            request.set_payload(Payload::Stream {
                payload: Box::pin(watched),
            });
        }
        Self { limit, bytes }
    }

    fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    fn too_large(&self) -> bool {
        self.bytes() > self.limit
    }
}
