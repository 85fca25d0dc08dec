//! What the test client answers with.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use serde_json::json;

type Answer = Response<Full<Bytes>>;

pub(super) fn json(status: StatusCode, document: &impl Serialize) -> Answer {
    let body = serde_json::to_string(document).unwrap_or_default();
    let mut answer = text("application/json", body);
    *answer.status_mut() = status;
    answer
}

/// A problem document of RFC 9457.
pub(super) fn problem(status: StatusCode, detail: &str) -> Answer {
    let title = status.canonical_reason();
    let document = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    let mut answer = json(status, &document);
    let problem = HeaderValue::from_static("application/problem+json");
    answer.headers_mut().insert(header::CONTENT_TYPE, problem);
    answer
}

/// A page that asks nobody but this service for anything.
pub(super) fn html(page: &'static str) -> Answer {
    let mut answer = text("text/html; charset=utf-8", page);
    let policy = "default-src 'none'; connect-src 'self'; img-src data:; script-src 'unsafe-inline'; style-src 'unsafe-inline'";
    let policy = HeaderValue::from_static(policy);
    answer
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    answer
}

pub(super) fn text(media_type: &'static str, body: impl Into<Full<Bytes>>) -> Answer {
    let mut answer = Answer::new(body.into());
    let media_type = HeaderValue::from_static(media_type);
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, media_type);
    let nosniff = HeaderValue::from_static("nosniff");
    answer
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    answer
}
