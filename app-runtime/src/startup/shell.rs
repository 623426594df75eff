//! Around every request: the request log and trace, counting for the bill, the drain, and the headers by which a supervisor
//! recognises the process.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use futures_util::TryStreamExt;
use telemetry::fields;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::metering::Meter;
use crate::routes::{self, Unrouted};
use crate::settings::Settings;

/// What the middleware knows of the process; one per process.
pub struct Shell {
    /// Path of `/health` with the mount.
    health_path: String,
    mount: String,
    app: String,
    pub instance: String,
    meter: Arc<Meter>,
    /// Somebody collects traces.
    is_traced: bool,
    in_flight: AtomicUsize,
    draining: AtomicBool,
}

impl Shell {
    #[must_use]
    pub fn new(settings: &Settings, meter: Arc<Meter>, instance: String) -> Self {
        Self {
            health_path: format!("{}/health", settings.mount_path),
            mount: format!("{}/", settings.mount_path),
            app: settings
                .usage_app_id
                .clone()
                .unwrap_or_else(|| settings.app_id.clone()),
            instance,
            meter,
            is_traced: settings.otlp_endpoint.is_some(),
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

    /// What the collector learns of a request; its path may name people and is not told.
    fn span(&self, request: &ServiceRequest) -> Span {
        if !self.is_traced {
            return Span::none();
        }
        let below = request.path().strip_prefix(&self.mount);
        tracing::info_span!(
            "request",
            { fields::HTTP_METHOD } = %request.method(),
            { fields::HTTP_ROUTE } = below.and_then(routes::template),
            { fields::HTTP_STATUS } = Empty,
        )
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
) -> Result<ServiceResponse<B>, Error> {
    let _running = Running::new(&shell);
    let started = Instant::now();
    let counts = shell.counts(&request);
    let method = request.method().clone();
    let is_health = request.path() == shell.health_path;
    let bytes_in = watch_body(&mut request);

    let span = shell.span(&request);
    let mut response = next.call(request).instrument(span.clone()).await?;
    if is_health {
        identify(&shell, response.headers_mut());
    }
    let status = response.status();
    span.record(fields::HTTP_STATUS, status.as_u16());
    // What is left of a body over the limit is not worth reading.
    if status == StatusCode::PAYLOAD_TOO_LARGE || shell.draining.load(Relaxed) {
        response
            .response_mut()
            .head_mut()
            .set_connection_type(ConnectionType::Close);
    }
    let bytes_out = match response.response().body().size() {
        BodySize::Sized(bytes) => bytes,
        BodySize::None | BodySize::Stream => 0,
    };
    if counts && !response.request().extensions().contains::<Unrouted>() {
        shell.meter.request(bytes_in.get(), bytes_out);
    }
    tracing::debug!(
        { fields::HTTP_METHOD } = %method,
        { fields::HTTP_STATUS } = status.as_u16(),
        { fields::ELAPSED_MS } = started.elapsed().as_secs_f64() * 1_000.0,
        bytes_in = bytes_in.get(),
        bytes_out,
        "request"
    );
    Ok(response)
}

fn identify(shell: &Shell, headers: &mut HeaderMap) {
    for (name, value) in [
        ("x-slipway-app", &shell.app),
        ("x-slipway-instance", &shell.instance),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// Counts the bytes of the body as they are read; one without declared length or that nobody reads is counted right,
/// too.
fn watch_body(request: &mut ServiceRequest) -> Rc<Cell<u64>> {
    let bytes = Rc::new(Cell::new(0));
    let headers = request.headers();
    if headers.contains_key(header::CONTENT_LENGTH) || headers.contains_key(header::TRANSFER_ENCODING) {
        let (seen, payload) = (bytes.clone(), request.take_payload());
        let watched = payload.inspect_ok(move |chunk| seen.set(seen.get() + chunk.len() as u64));
        request.set_payload(Payload::Stream {
            payload: Box::pin(watched),
        });
    }
    bytes
}
