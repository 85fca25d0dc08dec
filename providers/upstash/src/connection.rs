//! Commands as requests.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use omni_kv_parts::{Secret, within};
use reqwest::{Client, RequestBuilder, Url, redirect, retry};
use serde_json::{Map, Value, json};
use tck_api::{Error, Result};

use crate::{
    Settings,
    error::{refused, unanswered},
    tls::encrypted,
};

#[derive(Clone)]
pub(crate) struct Connection {
    client: Client,
    url: Url,
    token: Secret,
    limit: Duration,
}

impl Connection {
    pub(crate) fn open(settings: &Settings) -> Result<Self> {
        let scheme = if settings.tls { "https" } else { "http" };
        let url = format!("{scheme}://{}", settings.address);
        let wrong = || Error::backend(format!("not a host and a port: {}", settings.address));
        let builder = Client::builder()
            // Who repeats a conditional write that has happened takes it for refused.
            .retry(retry::never())
            // The token is for this host alone.
            .redirect(redirect::Policy::none())
            .no_proxy();
        let client = encrypted(builder, settings.tls)?.build();
        Ok(Self {
            client: client.map_err(|error| Error::backend(error.without_url()))?,
            url: Url::parse(&url).map_err(|_| wrong())?,
            token: settings.token.clone(),
            limit: settings.timeout,
        })
    }

    /// The result of a command of plain text.
    pub(crate) async fn ask(&self, command: &[&str]) -> Result<Value> {
        let body = json!(command).to_string();
        self.result(self.client.post(self.url.clone()).body(body))
            .await
    }

    /// The result of a command that ends in these bytes, options aside. JSON has no form for
    /// them: they are the body, and the command is the path.
    pub(crate) async fn ask_with(
        &self,
        command: &[&str],
        bytes: Bytes,
        options: &[(&str, &str)],
    ) -> Result<Value> {
        if bytes.is_empty() {
            // An empty body would be none.
            let options = options.iter().flat_map(|(name, value)| [*name, *value]);
            let words: Vec<_> = command.iter().copied().chain([""]).chain(options).collect();
            return self.ask(&words).await;
        }
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(command);
        }
        if !options.is_empty() {
            url.query_pairs_mut().extend_pairs(options);
        }
        self.result(self.client.post(url).body(bytes)).await
    }

    async fn result(&self, request: RequestBuilder) -> Result<Value> {
        // Otherwise bytes that are no UTF-8 would come back as others.
        let request = request
            .bearer_auth(self.token.reveal())
            .header("upstash-encoding", "base64");
        within(self.limit, async {
            let response = request.send().await;
            let response = response.map_err(|error| unanswered(error, self.limit))?;
            let status = response.status();
            let body = response.bytes().await;
            let body = body.map_err(|error| unanswered(error, self.limit))?;
            let body = serde_json::from_slice::<Map<String, Value>>(&body);
            let mut body = match body {
                Ok(body) => body,
                Err(error) if status.is_success() => return Err(Error::backend(error)),
                // A gateway's, not the database's.
                Err(_) => return Err(refused(status, "no answer of a database")),
            };
            match (body.remove("result"), body.get("error")) {
                (Some(result), None) if status.is_success() => Ok(result),
                (_, Some(Value::String(said))) => Err(refused(status, said)),
                _ => Err(refused(status, "neither a result nor an error")),
            }
        })
        .await
    }
}

/// An answer of another shape than that of the command.
pub(crate) fn odd() -> Error {
    Error::backend("an answer of an unknown form")
}

pub(crate) fn number(result: &Value) -> Result<i64> {
    result.as_i64().ok_or_else(odd)
}

pub(crate) fn bytes(result: &Value) -> Result<Bytes> {
    let text = result.as_str().ok_or_else(odd)?;
    let bytes = STANDARD.decode(text).map_err(|_| odd())?;
    Ok(bytes.into())
}

/// Bytes, or nothing where there are none.
pub(crate) fn some_bytes(result: &Value) -> Result<Option<Bytes>> {
    match result {
        Value::Null => Ok(None),
        result => bytes(result).map(Some),
    }
}

pub(crate) fn list(result: &Value) -> Result<&[Value]> {
    result.as_array().map(Vec::as_slice).ok_or_else(odd)
}
