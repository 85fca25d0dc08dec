//! The server, and the handles on its namespaces.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tck_api::{Atomic, Bytes, Cache, Clock, KeyValueStore, Listing, Page, Result, async_trait};

use crate::{Config, shard::Shard, space::Space};

/// A server in memory: the namespaces that share a clock and limits.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    config: Config,
    spaces: Arc<Mutex<HashMap<String, Arc<Space>>>>,
}

impl Memory {
    /// An empty server with the default configuration.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty server.
    #[must_use]
    pub fn with_config(config: Config) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// A handle on the namespace of that name, which is any text within the limit of
    /// keys.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`](tck_api::Error::InvalidKey) where the name is longer than a key may be.
    pub fn namespace(&self, name: &str) -> Result<MemoryStore> {
        self.config.check_key(name)?;
        let mut spaces = self.spaces.lock().unwrap_or_else(PoisonError::into_inner);
        let space = match spaces.get(name) {
            Some(space) => Arc::clone(space),
            None => Arc::clone(spaces.entry(name.to_owned()).or_default()),
        };
        Ok(MemoryStore {
            config: self.config.clone(),
            space,
        })
    }
}

/// A store in memory: a handle on one namespace of a [`Memory`].
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    config: Config,
    space: Arc<Space>,
}

impl MemoryStore {
    /// An empty store with the default configuration, on a server of its own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store on a server of its own.
    #[must_use]
    pub fn with_config(config: Config) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// How many entries are held, those included that have expired and are not removed yet.
    #[must_use]
    pub fn held(&self) -> usize {
        self.space.sum(Shard::held)
    }

    /// How many deadlines are held, of entries that expire.
    #[must_use]
    pub fn deadlines(&self) -> usize {
        self.space.sum(Shard::deadlines)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.config.clock
    }

    pub(crate) fn space(&self) -> &Space {
        &self.space
    }
}

#[async_trait]
impl KeyValueStore for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.config.check_key(key)?;
        Ok(self.space.read(key, self.clock(), Bytes::clone))
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.config.check(key, &value)?;
        self.space.write(key, value, None, self.clock());
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.config.check_key(key)?;
        self.space.remove(key);
        Ok(())
    }

    async fn has(&self, key: &str) -> Result<bool> {
        self.config.check_key(key)?;
        Ok(self.space.read(key, self.clock(), |_| ()).is_some())
    }
}

#[async_trait]
impl Cache for MemoryStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        self.config.check(key, &value)?;
        self.space.write(key, value, Some(ttl), self.clock());
        Ok(())
    }
}

#[async_trait]
impl Listing for MemoryStore {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let one_more = limit.get().saturating_add(1);
        let view = self.space.view();
        let keys = view.keys(prefix, after, one_more, self.clock().now());
        let keys = keys.iter().map(ToString::to_string);
        Ok(Page::of(keys, limit, String::as_str))
    }
}

#[async_trait]
impl Atomic for MemoryStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        self.config.check(key, &value)?;
        let is_absent = |held: Option<&Bytes>| held.is_none();
        Ok(self.space.write_if(key, is_absent, value, self.clock()))
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        self.config.check(key, &value)?;
        let is_expected = |held: Option<&Bytes>| held.is_some_and(|held| held == expected);
        Ok(self.space.write_if(key, is_expected, value, self.clock()))
    }
}
