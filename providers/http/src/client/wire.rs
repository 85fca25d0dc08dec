//! Requests and answers.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use omni_kv_parts::within;
use serde_json::Value;
use tck_api::{Error, Result};

use super::Settings;

/// Above what any answer takes that was asked for.
const LARGEST_ANSWER: usize = 256 << 20;

/// A request, before it is known where to.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Asked {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn json(mut self, body: String) -> Self {
        let json = HeaderValue::from_static("application/json");
        self.headers.insert(header::CONTENT_TYPE, json);
        self.body = body.into();
        self
    }

    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Result<Self> {
        let value = HeaderValue::from_str(value).map_err(Error::backend)?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Whether it may be made twice: what a condition refuses the second time may have been
    /// done the first time.
    fn is_idempotent(&self) -> bool {
        let conditions = [header::IF_MATCH, header::IF_NONE_MATCH];
        self.method.is_idempotent()
            && !conditions
                .iter()
                .any(|name| self.headers.contains_key(name))
    }
}

/// What a service answers.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answered {
    /// What this answer says has gone wrong.
    pub(crate) fn error(&self) -> Error {
        let document: Option<Value> = serde_json::from_slice(&self.body).ok();
        let said = document.as_ref().and_then(|document| {
            let detail = document.get("detail")?;
            detail.get("error").unwrap_or(detail).as_str()
        });
        let said = format!("{}: {}", self.status, said.unwrap_or("no reason given"));
        match self.status {
            StatusCode::PAYLOAD_TOO_LARGE => Error::invalid_value(said),
            StatusCode::BAD_REQUEST | StatusCode::URI_TOO_LONG => Error::invalid_key(said),
            StatusCode::CONFLICT => Error::conflict(said),
            StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::BAD_GATEWAY
            | StatusCode::GATEWAY_TIMEOUT => Error::unavailable(said),
            _ => Error::backend(said),
        }
    }
}

/// The connections to a service.
#[derive(Clone)]
pub(crate) struct Wire {
    client: Client<HttpConnector, Full<Bytes>>,
    settings: Settings,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Wire {
    pub(crate) fn new(settings: &Settings) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(20))
            .build(connector);
        Self {
            client,
            settings: settings.clone(),
        }
    }

    /// A call that ends in time, however many requests it makes.
    pub(crate) async fn in_time<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        within(self.settings.timeout, call).await
    }

    /// The answer to a request. One that may be made twice is made again once where the
    /// connection broke: an idle one may have ended just then.
    pub(crate) async fn ask(&self, asked: &Asked) -> Result<Answered> {
        self.in_time(async {
            match self.once(asked).await {
                Err(error) if error.is_retryable() && asked.is_idempotent() => {
                    self.once(asked).await
                }
                answer => answer,
            }
        })
        .await
    }

    async fn once(&self, asked: &Asked) -> Result<Answered> {
        let uri = format!("http://{}{}", self.settings.address, asked.path);
        let uri: Uri = uri.parse().map_err(Error::backend)?;
        let mut request = Request::new(Full::new(asked.body.clone()));
        *request.method_mut() = asked.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = asked.headers.clone();
        if let Some(token) = &self.settings.token {
            let bearer = HeaderValue::from_str(&format!("Bearer {}", token.reveal()));
            let mut bearer = bearer.map_err(|_| Error::backend("the token is no header value"))?;
            bearer.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, bearer);
        }
        let answer = self
            .client
            .request(request)
            .await
            .map_err(Error::unavailable)?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, LARGEST_ANSWER).collect().await;
        let body = body.map_err(|error| match error.is::<LengthLimitError>() {
            true => Error::backend(format!("the answer is larger than {LARGEST_ANSWER} bytes")),
            false => Error::unavailable(error),
        })?;
        Ok(Answered {
            status: head.status,
            headers: head.headers,
            body: body.to_bytes(),
        })
    }
}
