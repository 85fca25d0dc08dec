//! The keys of a service.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, Method, StatusCode, header};
use omni_kv_parts::{key_within, value_within};
use tck_api::{Atomic, Cache, Error, KeyValueStore, Result};

use super::{
    Capabilities, Settings,
    value::{document, value_in},
    wire::{Answered, Asked, Wire},
};
use crate::key::segment;

/// The length in bytes of the longest key.
pub const LONGEST_KEY: usize = 4_096;

/// The size in bytes of the largest value. As JSON it may take six times as much, which still
/// fits into what a service takes where it is not told otherwise.
pub const LARGEST_VALUE: usize = 1 << 20;

const KV_TTL: HeaderName = HeaderName::from_static("kv-ttl");

/// The keys of a service, or those under a namespace.
///
/// Bytes that are text are stored as JSON strings, others as objects with their base64. The
/// empty key is none: a path can't name it.
#[derive(Clone, Debug)]
pub struct HttpStore {
    pub(super) wire: Wire,
    pub(super) space: Arc<str>,
    /// As far as the service has said what it takes.
    said: Capabilities,
}

impl HttpStore {
    /// Connects to the service of a URL, and sees whether it is healthy. [`Settings`] says
    /// what the URL may look like.
    pub async fn connect(url: &str) -> Result<Self> {
        let settings = Settings::from_url(url).map_err(Error::backend)?;
        Self::open(&settings).await
    }

    /// Connects as these settings say.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let wire = Wire::new(settings);
        let health = wire.ask(&Asked::new(Method::GET, "/health")).await?;
        if health.status != StatusCode::OK {
            return Err(health.error());
        }
        Ok(Self {
            wire,
            space: Arc::from(""),
            said: Capabilities::default(),
        })
    }

    /// The keys under this namespace. Its name and a tilde stand before them, and what is no
    /// letter, digit or `-_.:` in the name is quoted. Not a slash, since there are services
    /// that take none in a key.
    #[must_use]
    pub fn namespace(&self, name: &str) -> Self {
        let space = format!("{}~", omni_kv_parts::quoted(name));
        Self {
            wire: self.wire.clone(),
            space: space.into(),
            said: self.said,
        }
    }

    /// The same keys, of which those are refused here that the service says it does not take,
    /// and values likewise.
    #[must_use]
    pub fn within(mut self, capabilities: &Capabilities) -> Self {
        self.said = *capabilities;
        self
    }

    /// The length in bytes of the longest key of this namespace: [`LONGEST_KEY`], or less.
    #[must_use]
    pub fn longest_key(&self) -> usize {
        let room = self.said.longest_name().saturating_sub(self.space.len());
        room.min(LONGEST_KEY)
    }

    /// The size in bytes of the largest value: [`LARGEST_VALUE`], or less.
    #[must_use]
    pub fn largest_value(&self) -> usize {
        self.said.largest_bytes().min(LARGEST_VALUE)
    }

    fn name(&self, key: &str) -> Result<String> {
        if key.is_empty() {
            return Err(Error::invalid_key("empty"));
        }
        key_within(key, self.longest_key())?;
        Ok(format!("{}{key}", self.space))
    }

    fn about(&self, method: Method, key: &str) -> Result<Asked> {
        let path = format!("/keys/{}", segment(&self.name(key)?));
        Ok(Asked::new(method, path))
    }

    fn put(&self, key: &str, value: &[u8]) -> Result<Asked> {
        let name = self.name(key)?;
        value_within(value, self.largest_value())?;
        let body = document(&name, value)?;
        Ok(self.about(Method::PUT, key)?.json(body))
    }

    /// The answer to a write that the service has made.
    async fn done(&self, asked: &Asked) -> Result<Answered> {
        let answer = self.wire.ask(asked).await?;
        match answer.status.is_success() {
            true => Ok(answer),
            false => Err(answer.error()),
        }
    }

    /// Makes a write on a condition, and answers whether that held.
    async fn written(&self, asked: &Asked) -> Result<bool> {
        let answer = self.wire.ask(asked).await?;
        match answer.status {
            StatusCode::PRECONDITION_FAILED => Ok(false),
            status if status.is_success() => Ok(true),
            _ => Err(answer.error()),
        }
    }

    /// The value and its tag.
    async fn found(&self, key: &str) -> Result<Option<(Bytes, Option<String>)>> {
        let answer = self.wire.ask(&self.about(Method::GET, key)?).await?;
        match answer.status {
            StatusCode::OK => {
                let tag = answer.headers.get(header::ETAG);
                let tag = tag.and_then(|tag| tag.to_str().ok()).map(str::to_owned);
                Ok(Some((value_in(&answer.body)?, tag)))
            }
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(answer.error()),
        }
    }
}

#[async_trait]
impl KeyValueStore for HttpStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.found(key).await?.map(|(value, _)| value))
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.done(&self.put(key, &value)?).await.map(|_| ())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let answer = self.wire.ask(&self.about(Method::DELETE, key)?).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(()),
            status if status.is_success() => Ok(()),
            _ => Err(answer.error()),
        }
    }

    async fn has(&self, key: &str) -> Result<bool> {
        let asked = self.about(Method::HEAD, key)?;
        self.wire
            .in_time(async {
                let answer = self.wire.ask(&asked).await?;
                match answer.status {
                    StatusCode::OK => Ok(true),
                    StatusCode::NOT_FOUND => Ok(false),
                    // Services that have no `HEAD` have `GET`.
                    StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
                        Ok(self.found(key).await?.is_some())
                    }
                    _ => Err(answer.error()),
                }
            })
            .await
    }
}

#[async_trait]
impl Cache for HttpStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let asked = self.put(key, &value)?;
        if ttl.is_zero() {
            return self.delete(key).await;
        }
        // Rounded up, so that no entry goes early.
        let Ok(micros) = u64::try_from(ttl.as_nanos().div_ceil(1_000)) else {
            return self.done(&asked).await.map(|_| ());
        };
        let asked = asked.with(KV_TTL, &format!("{micros}us"))?;
        self.wire
            .in_time(async {
                match self.done(&asked).await {
                    Ok(answer) if answer.headers.contains_key(KV_TTL) => Ok(()),
                    Ok(_) => Err(Error::backend(
                        "the service keeps no times to live, the value stays",
                    )),
                    // A key that can be read is not what was refused.
                    Err(Error::InvalidKey { reason }) if self.found(key).await.is_ok() => {
                        Err(Error::invalid_ttl(reason))
                    }
                    Err(error) => Err(error),
                }
            })
            .await
    }
}

#[async_trait]
impl Atomic for HttpStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let asked = self.put(key, &value)?.with(header::IF_NONE_MATCH, "*")?;
        self.written(&asked).await
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        let asked = self.put(key, &value)?;
        self.wire
            .in_time(async {
                match self.found(key).await? {
                    Some((held, Some(tag))) if held == expected => {
                        self.written(&asked.with(header::IF_MATCH, &tag)?).await
                    }
                    Some((held, None)) if held == expected => Err(Error::backend(
                        "the service gives no entity tags to compare with",
                    )),
                    _ => Ok(false),
                }
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_the_service_does_not_take_is_not_sent() -> Result<()> {
        // Nobody listens there.
        let store = HttpStore {
            wire: Wire::new(&Settings::new("127.0.0.1:1")),
            space: Arc::from(""),
            said: Capabilities::default(),
        };
        assert_eq!(store.longest_key(), LONGEST_KEY);
        assert_eq!(store.largest_value(), LARGEST_VALUE);

        let said = Capabilities {
            longest_key: Some(100),
            largest_value: Some(602),
            ..Capabilities::default()
        };
        let store = store.within(&said).namespace("name");
        assert_eq!((store.longest_key(), store.largest_value()), (95, 100));
        let refused = store.get(&"x".repeat(96)).await;
        assert!(matches!(refused, Err(Error::InvalidKey { .. })));
        let refused = store.set("key", vec![0; 101].into()).await;
        assert!(matches!(refused, Err(Error::TooLarge { .. })));
        Ok(())
    }
}
