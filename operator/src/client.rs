//! The connection to the API server, with every request counted.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use kube::client::{Body, ClientBuilder};
use kube::{Client, Config};
use tower::{Layer, Service};

use crate::metrics::Metrics;

/// A client of the API server that `config` names. It does not repeat requests by itself: the controller knows better when.
pub fn connect(mut config: Config, metrics: Arc<Metrics>) -> Result<Client, kube::Error> {
    config.default_retry = false;
    Ok(ClientBuilder::try_from(config)?
        .with_layer(&Counting(metrics))
        .build())
}

/// Counts requests by verb and status code.
#[derive(Clone)]
struct Counting(Arc<Metrics>);

impl<S> Layer<S> for Counting {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Counted<S> {
        Counted {
            inner,
            metrics: self.0.clone(),
        }
    }
}

/// A service whose requests are counted.
#[derive(Clone)]
struct Counted<S> {
    inner: S,
    metrics: Arc<Metrics>,
}

impl<S, B> Service<Request<Body>> for Counted<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Send,
    B: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let verb = verb(&request);
        let metrics = self.metrics.clone();
        let start = Instant::now();
        self.inner
            .call(request)
            .map(move |answer| {
                let code = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
                metrics
                    .requests
                    .with_label_values(&[verb, &code.to_string()])
                    .inc();
                if verb != "watch" {
                    metrics
                        .request_seconds
                        .with_label_values(&[verb])
                        .observe(start.elapsed().as_secs_f64());
                }
                answer
            })
            .boxed()
    }
}

fn verb(request: &Request<Body>) -> &'static str {
    let query = request.uri().query().unwrap_or_default();
    match request.method().as_str() {
        "GET" if query.contains("watch=true") => "watch",
        _ if request.uri().path().contains("/leases/") => "lease",
        "GET" => "get",
        "POST" => "create",
        "PATCH" => "patch",
        "PUT" => "update",
        "DELETE" => "delete",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_is_not_a_get() {
        let verb_of = |method: &str, uri: &str| {
            verb(
                &Request::builder()
                    .method(method)
                    .uri(uri)
                    .body(Body::empty())
                    .unwrap(),
            )
        };
        assert_eq!(verb_of("GET", "/api/v1/pods?watch=true&limit=1"), "watch");
        assert_eq!(verb_of("GET", "/api/v1/pods?limit=1"), "get");
        assert_eq!(
            verb_of("PATCH", "/apis/coordination.k8s.io/v1/namespaces/x/leases/y"),
            "lease"
        );
        assert_eq!(verb_of("PATCH", "/api/v1/namespaces/x"), "patch");
    }
}
