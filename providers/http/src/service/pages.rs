//! Answers that do not depend on keys.

use bytes::Bytes;
use http::{HeaderValue, header};
use http_body_util::Full;
use serde::Serialize;

use super::{
    backend::{Backend, Declared},
    metrics::Metrics,
    problem::Answer,
};

pub(crate) fn json(body: impl Into<Full<Bytes>>) -> Answer {
    typed("application/json", body)
}

pub(crate) fn openapi() -> Answer {
    json(include_str!("openapi.json"))
}

/// The page shows the document of the service itself, and asks nobody else for anything.
pub(crate) fn docs() -> Answer {
    let mut answer = typed("text/html; charset=utf-8", include_str!("docs.html"));
    let policy = "default-src 'none'; connect-src 'self'; img-src data:; script-src 'unsafe-inline'; style-src 'unsafe-inline'";
    let policy = HeaderValue::from_static(policy);
    answer
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    answer
}

pub(crate) fn metrics(metrics: &Metrics) -> Answer {
    typed("text/plain; version=0.0.4; charset=utf-8", metrics.text())
}

pub(crate) fn capabilities(backend: &Backend, largest_body: usize) -> Answer {
    #[derive(Serialize)]
    struct Document {
        #[serde(flatten)]
        declared: Declared,
        largest_body: usize,
    }

    let document = Document {
        declared: backend.declared(),
        largest_body,
    };
    json(serde_json::to_vec(&document).unwrap_or_default())
}

fn typed(name: &'static str, body: impl Into<Full<Bytes>>) -> Answer {
    let mut answer = Answer::new(body.into());
    let name = HeaderValue::from_static(name);
    answer.headers_mut().insert(header::CONTENT_TYPE, name);
    answer
}
