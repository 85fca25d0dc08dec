//! The keys of a service.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, Method, StatusCode, header};
use omni_kv_parts::{key_within, value_within};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use tck_api::{Atomic, Cache, Error, KeyValueStore, Listing, Page, Result};

use super::{
    Settings,
    value::{decoded, encoded},
    wire::{Asked, Wire},
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
    wire: Wire,
    space: Arc<str>,
    room: Room,
}

/// What the service takes, as far as it has said so.
#[derive(Clone, Copy, Debug)]
struct Room {
    longest_name: usize,
    largest_json: usize,
}

impl Room {
    const NONE: Self = Self {
        longest_name: usize::MAX,
        largest_json: usize::MAX,
    };

    fn of(said: &Capabilities) -> Self {
        let largest_value = said.largest_value.unwrap_or(usize::MAX);
        let longest_key = said.longest_key.unwrap_or(usize::MAX);
        let body = said.largest_body.unwrap_or(usize::MAX);
        let frame = FRAME.min(body / 2);
        Self {
            longest_name: longest_key.min(frame / ESCAPED),
            largest_json: largest_value.min(body - frame),
        }
    }
}

/// What is around a value in a body, at the most: a long key behind a long namespace. Half of
/// a body that is small.
const FRAME: usize = 2 * ESCAPED * LONGEST_KEY;

/// How many bytes of JSON a byte may take.
const ESCAPED: usize = 6;

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
            room: Room::NONE,
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
            room: self.room,
        }
    }

    /// The same keys, of which those are refused here that the service says it does not take,
    /// and values likewise.
    #[must_use]
    pub fn within(mut self, capabilities: &Capabilities) -> Self {
        self.room = Room::of(capabilities);
        self
    }

    /// The length in bytes of the longest key of this namespace: [`LONGEST_KEY`], or less.
    #[must_use]
    pub fn longest_key(&self) -> usize {
        let room = self.room.longest_name.saturating_sub(self.space.len());
        room.min(LONGEST_KEY)
    }

    /// The size in bytes of the largest value: [`LARGEST_VALUE`], or less.
    #[must_use]
    pub fn largest_value(&self) -> usize {
        let quoted = self.room.largest_json.saturating_sub(2);
        (quoted / ESCAPED).min(LARGEST_VALUE)
    }

    /// What the service says that it can do. One that says nothing only gets, sets and deletes.
    pub async fn capabilities(&self) -> Result<Capabilities> {
        let asked = Asked::new(Method::GET, "/.well-known/kv-capabilities");
        let answer = self.wire.ask(&asked).await?;
        let said = match answer.status {
            StatusCode::OK => {
                serde_json::from_slice::<Value>(&answer.body).map_err(Error::backend)?
            }
            StatusCode::NOT_FOUND => Value::Null,
            _ => return Err(answer.error()),
        };
        let able = said.get("capabilities").and_then(Value::as_array);
        let has = |name| able.into_iter().flatten().any(|able| able == name);
        let limit = |name| {
            let limit = said.get(name).and_then(Value::as_u64);
            limit.and_then(|limit| usize::try_from(limit).ok())
        };
        Ok(Capabilities {
            cache: has("cache"),
            listing: has("listing"),
            atomic: has("atomic"),
            longest_key: limit("longest_key"),
            largest_value: limit("largest_value"),
            largest_body: limit("largest_body"),
        })
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
        #[derive(Serialize)]
        struct Document<'d> {
            key: &'d str,
            value: &'d RawValue,
        }

        let name = self.name(key)?;
        value_within(value, self.largest_value())?;
        let value = RawValue::from_string(encoded(value)).map_err(Error::backend)?;
        let document = Document {
            key: &name,
            value: &value,
        };
        let body = serde_json::to_string(&document).map_err(Error::backend)?;
        Ok(self.about(Method::PUT, key)?.json(body))
    }

    /// Makes a write, and answers whether its conditions held.
    async fn written(&self, asked: &Asked) -> Result<bool> {
        let answer = self.wire.ask(asked).await?;
        match answer.status {
            StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => Ok(true),
            StatusCode::PRECONDITION_FAILED => Ok(false),
            _ => Err(answer.error()),
        }
    }

    /// The value and its tag.
    async fn found(&self, key: &str) -> Result<Option<(Bytes, Option<String>)>> {
        #[derive(Deserialize)]
        struct Found<'f> {
            #[serde(borrow)]
            value: &'f RawValue,
        }

        let answer = self.wire.ask(&self.about(Method::GET, key)?).await?;
        match answer.status {
            StatusCode::OK => {
                let found: Found<'_> =
                    serde_json::from_slice(&answer.body).map_err(Error::backend)?;
                let tag = answer.headers.get(header::ETAG);
                let tag = tag.and_then(|tag| tag.to_str().ok()).map(str::to_owned);
                Ok(Some((decoded(found.value.get())?, tag)))
            }
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(answer.error()),
        }
    }
}

/// What a service can do beside getting, setting and deleting, and how much it takes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Capabilities {
    /// It keeps times to live.
    pub cache: bool,
    /// It lists its keys.
    pub listing: bool,
    /// It writes on conditions.
    pub atomic: bool,
    /// The length in bytes of the longest key, with its namespace, where there is a limit.
    pub longest_key: Option<usize>,
    /// The size in bytes of the largest JSON text of a value, where there is a limit.
    pub largest_value: Option<usize>,
    /// The size in bytes of the largest body, where there is a limit.
    pub largest_body: Option<usize>,
}

#[async_trait]
impl KeyValueStore for HttpStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.found(key).await?.map(|(value, _)| value))
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.written(&self.put(key, &value)?).await.map(|_| ())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let answer = self.wire.ask(&self.about(Method::DELETE, key)?).await?;
        match answer.status {
            StatusCode::OK | StatusCode::NO_CONTENT | StatusCode::NOT_FOUND => Ok(()),
            _ => Err(answer.error()),
        }
    }

    async fn has(&self, key: &str) -> Result<bool> {
        let answer = self.wire.ask(&self.about(Method::HEAD, key)?).await?;
        match answer.status {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            // Services that have no `HEAD` have `GET`.
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
                Ok(self.found(key).await?.is_some())
            }
            _ => Err(answer.error()),
        }
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
            return self.written(&asked).await.map(|_| ());
        };
        let asked = asked.with(KV_TTL, &format!("{micros}us"))?;
        let answer = self.wire.ask(&asked).await?;
        match answer.status {
            StatusCode::OK | StatusCode::CREATED if !answer.headers.contains_key(KV_TTL) => Err(
                Error::backend("the service keeps no times to live, the value stays"),
            ),
            StatusCode::OK | StatusCode::CREATED => Ok(()),
            StatusCode::BAD_REQUEST => Err(Error::invalid_ttl(answer.error().to_string())),
            _ => Err(answer.error()),
        }
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
        match self.found(key).await? {
            Some((held, Some(tag))) if held == expected => {
                self.written(&asked.with(header::IF_MATCH, &tag)?).await
            }
            Some((held, None)) if held == expected => Err(Error::backend(
                "the service gives no entity tags to compare with",
            )),
            _ => Ok(false),
        }
    }
}

#[async_trait]
impl Listing for HttpStore {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let page = self.page(prefix, after, limit, false).await?;
        let items = page.items.into_iter().map(|(key, _)| key).collect();
        let next = page.next;
        Ok(Page { items, next })
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        self.page(prefix, after, limit, true).await
    }
}

impl HttpStore {
    async fn page(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
        values: bool,
    ) -> Result<Page<(String, Bytes)>> {
        #[derive(Deserialize)]
        struct Listed {
            keys: Vec<String>,
            values: Option<Vec<Box<RawValue>>>,
            next: Option<String>,
        }

        let space = &*self.space;
        let whole = |text: &str| segment(&format!("{space}{text}"));
        let after = after.map(|after| format!("&after={}", whole(after)));
        let (prefix, after) = (whole(prefix), after.unwrap_or_default());
        let path = format!("/keys?prefix={prefix}{after}&limit={limit}&values={values}");
        let answer = self.wire.ask(&Asked::new(Method::GET, path)).await?;
        if answer.status != StatusCode::OK {
            return Err(answer.error());
        }
        let listed: Listed = serde_json::from_slice(&answer.body).map_err(Error::backend)?;
        let foreign = || Error::backend("the service lists keys that were not asked for");
        let own = |name: String| {
            name.strip_prefix(space)
                .map(str::to_owned)
                .ok_or_else(foreign)
        };
        let mut values = listed.values.unwrap_or_default().into_iter();
        let mut items = Vec::with_capacity(listed.keys.len());
        for name in listed.keys {
            let value = values
                .next()
                .map(|value| decoded(value.get()))
                .transpose()?;
            items.push((own(name)?, value.unwrap_or_default()));
        }
        let next = listed.next.map(own).transpose()?;
        Ok(Page { items, next })
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
            room: Room::NONE,
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

        for (largest_body, longest_key, largest_value) in
            [(2 * FRAME, LONGEST_KEY, 8_191), (1_204, 95, 100), (1, 0, 0)]
        {
            let said = Capabilities {
                largest_body: Some(largest_body),
                ..Capabilities::default()
            };
            let store = store.clone().within(&said);
            assert_eq!(store.longest_key(), longest_key);
            assert_eq!(store.largest_value(), largest_value);
        }
        Ok(())
    }
}
