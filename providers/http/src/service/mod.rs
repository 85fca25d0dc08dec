//! What the service answers, whatever the connection.

mod backend;
mod condition;
mod document;
mod keys;
mod listing;
mod metrics;
mod pages;
mod problem;
mod route;
mod token;
mod ttl;

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, Method, Request, StatusCode, Version, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Incoming};

pub use backend::Backend;
pub use token::Token;

use crate::server::Answers;
use metrics::Metrics;
pub(crate) use problem::Answer;
use problem::Problem;
use route::Resource;

/// A service in front of a store.
#[derive(Clone, Debug)]
pub struct Service {
    backend: Backend,
    token: Option<Token>,
    largest_body: usize,
    patience: Duration,
    logs_requests: bool,
    metrics: Arc<Metrics>,
}

impl Service {
    /// A service that takes bodies of up to 8 MiB and 30 seconds for a request.
    #[must_use]
    pub fn new(backend: Backend) -> Self {
        Self {
            backend,
            token: None,
            largest_body: 8 << 20,
            patience: Duration::from_secs(30),
            logs_requests: false,
            metrics: Arc::default(),
        }
    }

    /// Asks everybody for this token.
    #[must_use]
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Takes bodies of up to so many bytes.
    #[must_use]
    pub fn largest_body(mut self, bytes: usize) -> Self {
        self.largest_body = bytes;
        self
    }

    /// Takes this long for a request, at the most.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Writes a line for each request to the standard error.
    #[must_use]
    pub fn logs_requests(mut self, logs: bool) -> Self {
        self.logs_requests = logs;
        self
    }

    async fn done(&self, request: Request<Incoming>) -> Result<Answer, Problem> {
        let (head, body) = request.into_parts();
        if head.version == Version::HTTP_11
            && head.headers.get_all(header::HOST).iter().count() != 1
        {
            return Err(Problem::bad_request("the request has to name one Host"));
        }
        let resource = Resource::at(head.uri.path())?;
        if let Some(token) = self.token.as_ref().filter(|_| !resource.is_open()) {
            token.allows(&head.headers)?;
        }
        resource.admits(&head.method)?;
        if head.method == Method::OPTIONS {
            return Ok(resource.options());
        }
        match resource {
            Resource::Health => Ok(pages::json(r#"{"status":"healthy"}"#)),
            Resource::Ready => match self.backend.is_ready().await {
                true => Ok(pages::json(r#"{"status":"ready"}"#)),
                false => Err(Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the store does not answer",
                )),
            },
            Resource::Capabilities => Ok(pages::capabilities(&self.backend, self.largest_body)),
            Resource::Metrics => Ok(pages::metrics(&self.metrics)),
            Resource::OpenApi => Ok(pages::openapi()),
            Resource::Docs => Ok(pages::docs()),
            Resource::Keys => listing::page(&self.backend, head.uri.query()).await,
            Resource::Service => Ok(Answer::default()),
            Resource::Key(key) => match head.method {
                Method::DELETE => keys::remove(&self.backend, &key, &head.headers).await,
                Method::PUT | Method::POST => {
                    document::announced(&head.headers)?;
                    let body = self.whole(body).await?;
                    let path = head.uri.path();
                    keys::write(&self.backend, (&key, path), &head.headers, &body).await
                }
                _ => keys::read(&self.backend, &key, &head.headers).await,
            },
        }
    }

    async fn whole(&self, body: Incoming) -> Result<Bytes, Problem> {
        let limit = self.largest_body;
        let too_large = || {
            let error = format!("the body is larger than {limit} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, error)
        };
        if body.size_hint().lower() > limit as u64 {
            return Err(too_large());
        }
        match Limited::new(body, limit).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
            Err(_) => Err(Problem::bad_request("the body did not come whole")),
        }
    }
}

impl Answers for Service {
    /// In time, whatever happens.
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let start = Instant::now();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let guarded = AssertUnwindSafe(self.done(request)).catch_unwind();
        let done = match tokio::time::timeout(self.patience, guarded).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the service failed",
            )),
            Err(_) => Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "the request took too long",
            )),
        };
        let mut answer = done.unwrap_or_else(Problem::answer);
        let nosniff = HeaderValue::from_static("nosniff");
        answer
            .headers_mut()
            .insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        let (status, took) = (answer.status(), start.elapsed());
        self.metrics.count(&method, status, took);
        if self.logs_requests {
            eprintln!("{method} {path} {} {took:.1?}", status.as_u16());
        }
        answer
    }
}
