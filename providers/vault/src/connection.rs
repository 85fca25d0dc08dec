//! The requests that the engine answers.

use std::time::Duration;

use omni_kv_parts::{Secret, within};
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url, redirect, retry};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use tck_api::{Error, Result};

use crate::{
    Settings,
    error::{refused, unanswered},
};

#[derive(Clone)]
pub(crate) struct Connection {
    client: Client,
    engine: Url,
    token: Option<Secret>,
    limit: Duration,
}

/// The latest version under a name.
#[derive(Default)]
pub(crate) struct Version {
    /// None where it was deleted, or never was.
    pub(crate) data: Option<Map<String, Value>>,
    /// Its number, which the next write may ask for. Zero where there never was one.
    pub(crate) number: u64,
}

impl Connection {
    pub(crate) fn open(settings: &Settings) -> Result<Self> {
        let scheme = if settings.tls { "https" } else { "http" };
        let wrong = || Error::backend(format!("not a host and a port: {}", settings.address));
        let mut engine =
            Url::parse(&format!("{scheme}://{}", settings.address)).map_err(|_| wrong())?;
        engine
            .path_segments_mut()
            .map_err(|()| wrong())?
            .push("v1")
            .extend(settings.mount.split('/'));
        Ok(Self {
            client: client(settings)?,
            engine,
            token: settings.token.clone(),
            limit: settings.timeout,
        })
    }

    pub(crate) async fn read(&self, name: &str) -> Result<Version> {
        #[derive(Deserialize)]
        struct Read {
            data: Option<Map<String, Value>>,
            metadata: Metadata,
        }
        #[derive(Deserialize)]
        struct Metadata {
            version: u64,
        }

        let request = self.request(Method::GET, "data", name);
        let reply = self.reply::<Read>(request).await?;
        if reply.is_nothing() {
            return Ok(Version::default());
        }
        match (reply.status, reply.body.data) {
            (StatusCode::OK | StatusCode::NOT_FOUND, Some(read)) => Ok(Version {
                data: read.data,
                number: read.metadata.version,
            }),
            (status, _) => Err(refused(status, reply.body.errors)),
        }
    }

    /// Writes, where the latest version has this number if one is given. Says whether it did.
    pub(crate) async fn write(
        &self,
        name: &str,
        data: Map<String, Value>,
        latest: Option<u64>,
    ) -> Result<bool> {
        let body = match latest {
            Some(number) => json!({"data": data, "options": {"cas": number}}),
            None => json!({"data": data}),
        };
        let request = self
            .request(Method::POST, "data", name)
            .header("content-type", "application/json")
            .body(body.to_string());
        let reply = self.reply::<Value>(request).await?;
        let changed = "did not match the current version";
        let mut errors = reply.body.errors.iter().flatten();
        let has_changed = errors.any(|said| said.contains(changed));
        match (reply.status, reply.body.data) {
            (StatusCode::OK, Some(_)) => Ok(true),
            (StatusCode::BAD_REQUEST, _) if latest.is_some() && has_changed => Ok(false),
            (status, _) => Err(refused(status, reply.body.errors)),
        }
    }

    /// All names in a folder, also of those that were deleted.
    pub(crate) async fn names(&self, folder: &str) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Names {
            keys: Vec<String>,
        }

        let request = self.request(list()?, "metadata", folder);
        let reply = self.reply::<Names>(request).await?;
        if reply.is_nothing() {
            return Ok(Vec::new());
        }
        match (reply.status, reply.body.data) {
            (StatusCode::OK, Some(names)) => Ok(names.keys),
            (status, _) => Err(refused(status, reply.body.errors)),
        }
    }

    fn request(&self, method: Method, part: &str, name: &str) -> RequestBuilder {
        let mut url = self.engine.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(part).extend(name.split('/'));
        }
        let mut request = self.client.request(method, url);
        if let Some(token) = &self.token {
            request = request.header("x-vault-token", token.reveal());
        }
        // A proxy that asks for it keeps requests that scripts in browsers have forged away.
        request.header("x-vault-request", "true")
    }

    async fn reply<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<Reply<T>> {
        within(self.limit, async {
            let response = request.send().await.map_err(unanswered)?;
            let status = response.status();
            let bytes = response.bytes().await.map_err(unanswered)?;
            let body = match serde_json::from_slice::<Body<T>>(&bytes) {
                Ok(body) => body,
                // A gateway's, not the engine's.
                Err(_) if !status.is_success() => Body::default(),
                Err(error) => return Err(Error::backend(error)),
            };
            Ok(Reply { status, body })
        })
        .await
    }
}

fn list() -> Result<Method> {
    Method::from_bytes(b"LIST").map_err(Error::backend)
}

struct Reply<T> {
    status: StatusCode,
    body: Body<T>,
}

impl<T> Reply<T> {
    /// Whether the engine says that there is nothing. It always says so in the same words: the
    /// 404 of a gateway is no miss.
    fn is_nothing(&self) -> bool {
        let errors = self.body.errors.as_deref();
        self.status == StatusCode::NOT_FOUND
            && self.body.data.is_none()
            && errors.is_some_and(<[String]>::is_empty)
    }
}

#[derive(Deserialize)]
struct Body<T> {
    data: Option<T>,
    errors: Option<Vec<String>>,
}

impl<T> Default for Body<T> {
    fn default() -> Self {
        let (data, errors) = (None, None);
        Self { data, errors }
    }
}

fn client(settings: &Settings) -> Result<Client> {
    let builder = Client::builder()
        // Who repeats a conditional write that has happened takes it for refused.
        .retry(retry::never())
        // The token is for this server alone.
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(settings.timeout);
    let builder = encrypted(builder, settings)?;
    builder
        .build()
        .map_err(|error| Error::backend(error.without_url()))
}

fn encrypted(
    builder: reqwest::ClientBuilder,
    settings: &Settings,
) -> Result<reqwest::ClientBuilder> {
    // Another that the program has chosen before is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Some(file) = &settings.ca else {
        return Ok(builder);
    };
    let pem = std::fs::read(file).map_err(Error::backend)?;
    let trusted = reqwest::Certificate::from_pem_bundle(&pem);
    let trusted = trusted.map_err(|error| Error::backend(error.without_url()))?;
    Ok(builder.tls_certs_only(trusted))
}
