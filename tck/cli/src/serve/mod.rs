//! `tck serve`: the kit as a service that tests another.

mod answer;
mod runs;
mod workflow;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use omni_kv_http::{Answers, Limits, Server, stopped};
use serde::Serialize;
use tokio::runtime;

use crate::{
    Failure,
    args::{Checked, Serve},
    target::settings,
};
use answer::{html, json, problem};
use runs::{Refused, Runs};
use workflow::Workflow;

/// The largest body that is read.
const LARGEST_BODY: usize = 64 << 10;

pub(crate) fn run(arguments: &Serve) -> Result<(), Failure> {
    let url = arguments.kv_service_url.as_str();
    // Who starts a service for it says that it is his own.
    let checked = Checked {
        resolution: arguments.resolution,
        own_target: true,
        seed: false,
    };
    // A wrong URL is to show now, not when the first test runs. The service may come later.
    settings(url, &checked)?;
    let client = TestClient {
        url: url.into(),
        runs: Arc::new(Runs::new(url, &checked)),
    };
    let runtime = runtime::Builder::new_multi_thread().enable_all().build();
    let served = runtime.and_then(|runtime| {
        runtime.block_on(async {
            let address = (arguments.host.as_str(), arguments.port);
            let server = Server::bind(address, client, Limits::default()).await?;
            println!("listening on http://{}", server.address()?);
            server.run(stopped()?).await;
            Ok(())
        })
    });
    served.map_err(Failure::Listen)
}

/// The service: two workflows that end while one waits, and runs of whole contracts.
#[derive(Clone)]
struct TestClient {
    url: Arc<str>,
    runs: Arc<Runs>,
}

impl Answers for TestClient {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        let allowed = match path {
            "/" | "/health" | "/test/status" | "/test/contracts" => "GET, HEAD",
            "/test/deletion" | "/test/overwrite" => "POST",
            "/test/runs" => "GET, HEAD, POST",
            _ if path.starts_with("/test/runs/") => "GET, HEAD",
            _ => {
                return problem(
                    StatusCode::NOT_FOUND,
                    &format!("there is nothing at {path}"),
                );
            }
        };
        if !allowed
            .split(", ")
            .any(|method| method == head.method.as_str())
        {
            let said = format!("{} is not for this", head.method);
            let mut answer = problem(StatusCode::METHOD_NOT_ALLOWED, &said);
            let allowed = header::HeaderValue::from_static(allowed);
            answer.headers_mut().insert(header::ALLOW, allowed);
            return answer;
        }
        match path {
            "/" => html(include_str!("page.html")),
            "/health" => json(StatusCode::OK, &Health { status: "healthy" }),
            "/test/status" => self.status().await,
            "/test/deletion" => self.workflow(Workflow::Deletion).await,
            "/test/overwrite" => self.workflow(Workflow::Overwrite).await,
            "/test/contracts" => self.contracts().await,
            "/test/runs" if head.method == Method::POST => self.begin(&head.headers, body).await,
            "/test/runs" => json(StatusCode::OK, &self.runs.list()),
            _ => match self.runs.report(path.trim_start_matches("/test/runs/")) {
                Some(report) => answer::text("application/json", report),
                None => problem(StatusCode::NOT_FOUND, "there is no such run"),
            },
        }
    }
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

impl TestClient {
    async fn status(&self) -> Response<Full<Bytes>> {
        #[derive(Serialize)]
        struct Status {
            status: &'static str,
            kv_service_url: String,
            kv_service: String,
        }

        let kv_service = match workflow::open(&self.url).await {
            Ok(_) => "healthy".to_owned(),
            Err(error) => error.to_string(),
        };
        let status = Status {
            status: "Test client is running",
            kv_service_url: self.runs.shown_url(),
            kv_service,
        };
        json(StatusCode::OK, &status)
    }

    async fn workflow(&self, workflow: Workflow) -> Response<Full<Bytes>> {
        json(StatusCode::OK, &workflow.run(&self.url).await)
    }

    async fn begin(&self, headers: &HeaderMap, body: Incoming) -> Response<Full<Bytes>> {
        let limited = Limited::new(body, LARGEST_BODY);
        let read = tokio::time::timeout(Duration::from_secs(10), limited.collect()).await;
        let Ok(Ok(body)) = read else {
            return problem(StatusCode::BAD_REQUEST, "the body did not come whole");
        };
        let body = body.to_bytes();
        if !body.is_empty() && !is_json(headers) {
            return problem(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body has to be application/json",
            );
        }
        match self.waited(move |runs| runs.begin(&body)).await {
            Ok(begun) => {
                let mut answer = json(StatusCode::ACCEPTED, &begun);
                if let Ok(place) = header::HeaderValue::from_str(&begun.url) {
                    answer.headers_mut().insert(header::LOCATION, place);
                }
                answer
            }
            Err(refused) => problem(refused.status, &refused.reason),
        }
    }

    async fn contracts(&self) -> Response<Full<Bytes>> {
        match self.waited(Runs::contracts).await {
            Ok(contracts) => json(StatusCode::OK, &contracts),
            Err(refused) => problem(refused.status, &refused.reason),
        }
    }

    /// What needs to ask the service what it can do, which waits.
    async fn waited<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Runs) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let runs = Arc::clone(&self.runs);
        let asked = tokio::task::spawn_blocking(move || ask(&runs)).await;
        asked.unwrap_or_else(|error| {
            let reason = error.to_string();
            Err(Refused::new(StatusCode::INTERNAL_SERVER_ERROR, reason))
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|media_type| media_type.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}
