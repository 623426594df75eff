//! Stands between an operator and its API server, and spoils requests as a test says.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Method, Request, Response, StatusCode};
use http_body::Frame;
use kube::client::Body;
use tokio::sync::Notify;
use tower::{BoxError, Layer, Service};

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not sent; this is the answer.
    Answer(u16),
    /// It is not sent, and no answer ever comes.
    Silence,
    /// It is sent and done, but no answer ever comes.
    LostAnswer,
    /// It is sent and done, and the answer comes when the test lets it.
    LateAnswer,
    /// It is sent; the connection breaks before the answer.
    Broken,
}

type DynBody = dyn http_body::Body<Data = Bytes, Error = BoxError> + Send + Unpin;
type Answer = Response<Box<DynBody>>;
type Plan = dyn FnMut(&Request<Body>) -> Option<Fault> + Send;

/// Decides about each request.
#[derive(Clone)]
pub struct Faults {
    plan: Arc<Mutex<Box<Plan>>>,
    lost: Arc<Notify>,
    late: Arc<Notify>,
}

impl Faults {
    pub fn new(plan: impl FnMut(&Request<Body>) -> Option<Fault> + Send + 'static) -> Self {
        Self {
            plan: Arc::new(Mutex::new(Box::new(plan))),
            lost: Arc::default(),
            late: Arc::default(),
        }
    }

    pub fn none() -> Self {
        Self::new(|_| None)
    }

    /// From now on another plan.
    pub fn set(&self, plan: impl FnMut(&Request<Body>) -> Option<Fault> + Send + 'static) {
        *self.plan.lock().unwrap() = Box::new(plan);
    }

    /// Resolves when the server has done what a [`Fault::LostAnswer`] or [`Fault::LateAnswer`] keeps the answer of.
    pub async fn answer_lost(&self) {
        self.lost.notified().await;
    }

    /// Now comes the answer that was late.
    pub fn let_answer(&self) {
        self.late.notify_one();
    }
}

/// Whether a request changes or reads something, and is not a watch or the list before it.
pub fn is_work(request: &Request<Body>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    let lists = request.method() == Method::GET && (query.contains("watch=") || query.contains("limit="));
    !lists && !request.uri().path().contains("/leases")
}

impl<S> Layer<S> for Faults {
    type Service = Spoiled<S>;

    fn layer(&self, inner: S) -> Spoiled<S> {
        Spoiled {
            inner,
            faults: self.clone(),
        }
    }
}

pub struct Spoiled<S> {
    inner: S,
    faults: Faults,
}

impl<S, B> Service<Request<Body>> for Spoiled<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = Bytes, Error = BoxError> + Send + Unpin + 'static,
{
    type Response = Answer;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Answer, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let fault = self.faults.plan.lock().unwrap()(&request);
        match fault {
            Some(Fault::Answer(code)) => futures_util::future::ready(Ok(refusal(code))).boxed(),
            Some(Fault::Silence) => futures_util::future::pending().boxed(),
            other => {
                let (answer, faults) = (self.inner.call(request), self.faults.clone());
                async move {
                    let answer = answer.await.map_err(Into::into)?;
                    match other {
                        Some(Fault::LostAnswer) => {
                            faults.lost.notify_one();
                            futures_util::future::pending().await
                        }
                        Some(Fault::LateAnswer) => {
                            faults.lost.notify_one();
                            faults.late.notified().await;
                            Ok(answer.map(|body| Box::new(body) as _))
                        }
                        Some(Fault::Broken) => Err("the connection broke".into()),
                        _ => Ok(answer.map(|body| Box::new(body) as _)),
                    }
                }
                .boxed()
            }
        }
    }
}

fn refusal(code: u16) -> Answer {
    let status = serde_json::json!({
        "apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code, "reason": "Injected", "message": "injected",
    });
    let body: Box<DynBody> = Box::new(Text(Some(status.to_string().into())));
    let response = Response::builder().status(StatusCode::from_u16(code).unwrap());
    response
        .header("content-type", "application/json")
        .body(body)
        .unwrap()
}

/// A body of one piece.
struct Text(Option<Bytes>);

impl http_body::Body for Text {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(self.0.take().map(|text| Ok(Frame::data(text))))
    }
}
