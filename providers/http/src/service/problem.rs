//! What went wrong, as a document of RFC 9457.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use tck_api::Error;

use crate::log;

pub(crate) type Answer = Response<Full<Bytes>>;

/// Why a request was not done.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    error: String,
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self {
            status,
            error: error.into(),
            header: None,
        }
    }

    pub(crate) fn bad_request(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    pub(crate) fn unreadable(_: serde_json::Error) -> Self {
        let said = "the store holds what is not JSON";
        Self::new(StatusCode::BAD_GATEWAY, said)
    }

    pub(crate) fn no_key(key: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("Key '{key}' not found"))
    }

    pub(crate) fn not_able(what: &str) -> Self {
        let error = format!("the store of this service has no {what}");
        Self::new(StatusCode::NOT_IMPLEMENTED, error)
    }

    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        let value = HeaderValue::from_str(value).ok();
        self.header = value.map(|value| Box::new((name, value)));
        self
    }

    pub(crate) fn answer(self) -> Answer {
        let document = Document {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: Detail {
                success: false,
                error: &self.error,
            },
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut answer = Response::new(Full::from(body));
        *answer.status_mut() = self.status;
        if let Some((name, value)) = self.header.map(|header| *header) {
            answer.headers_mut().insert(name, value);
        }
        let problem = HeaderValue::from_static("application/problem+json");
        answer.headers_mut().insert(header::CONTENT_TYPE, problem);
        answer
    }
}

/// `detail` is an object, as clients of the service that this one follows expect it.
#[derive(Serialize)]
struct Document<'d> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: Detail<'d>,
}

#[derive(Serialize)]
struct Detail<'d> {
    success: bool,
    error: &'d str,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::InvalidKey { .. } | Error::InvalidTtl { .. } => StatusCode::BAD_REQUEST,
            Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Error::Conflict { .. } => StatusCode::CONFLICT,
            Error::Unavailable { .. } | Error::Closed => StatusCode::SERVICE_UNAVAILABLE,
            Error::TimedOut { .. } => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::BAD_GATEWAY,
        };
        // What the backend said may name hosts and files: that is for the log.
        if status.is_server_error() {
            log::line(format_args!("store: {error}"));
            return Self::new(status, format!("the store failed: {}", error.kind()));
        }
        Self::new(status, error.to_string())
    }
}
