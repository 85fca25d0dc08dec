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
use http::{HeaderValue, Method, Request, StatusCode, Version, header, request::Parts};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

pub use backend::Backend;
pub use token::Token;

use metrics::Metrics;
pub(crate) use problem::Answer;
use problem::Problem;
use route::Resource;

use crate::{log, server::Answers};

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

    /// Waits this long for a body, and then for the store, at the most.
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
        let writes = matches!(resource, Resource::Key(_))
            && [Method::PUT, Method::POST].contains(&head.method);
        let body = if writes {
            document::announced(&head.headers)?;
            self.whole(body).await?
        } else {
            Bytes::new()
        };
        match timeout(self.patience, self.asked(resource, &head, &body)).await {
            Ok(done) => done,
            Err(_) => Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "the store took too long",
            )),
        }
    }

    async fn asked(
        &self,
        resource: Resource,
        head: &Parts,
        body: &Bytes,
    ) -> Result<Answer, Problem> {
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
                    let path = head.uri.path();
                    keys::write(&self.backend, (&key, path), &head.headers, body).await
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
        match timeout(self.patience, Limited::new(body, limit).collect()).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
            Ok(Err(_)) => Err(Problem::bad_request("the body did not come whole")),
            Err(_) => Err(Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                "the body did not come in time",
            )),
        }
    }
}

impl Answers for Service {
    /// In time, whatever happens.
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let start = Instant::now();
        let method = request.method().clone();
        let path = self.logs_requests.then(|| request.uri().path().to_owned());
        let done = AssertUnwindSafe(self.done(request)).catch_unwind().await;
        let failed = |_| {
            Err(Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the service failed",
            ))
        };
        let mut answer = done.unwrap_or_else(failed).unwrap_or_else(Problem::answer);
        let nosniff = HeaderValue::from_static("nosniff");
        answer
            .headers_mut()
            .insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        let (status, took) = (answer.status(), start.elapsed());
        self.metrics.count(&method, status, took);
        if let Some(path) = path {
            log::line(format_args!(
                "{method} {path} {} {took:.1?}",
                status.as_u16()
            ));
        }
        answer
    }
}
