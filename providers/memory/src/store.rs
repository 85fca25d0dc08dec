//! The server, and the handles on its namespaces.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tck_api::{Bytes, Cache, Error, KeyValueStore, Result, async_trait};

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
    /// [`Error::InvalidKey`] where the name is longer than a key may be.
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
}

#[async_trait]
impl KeyValueStore for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.config.check_key(key)?;
        Ok(self.space.read(key, &*self.config.clock, Bytes::clone))
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.config.check(key, &value)?;
        self.space.write(key, value, None, &*self.config.clock);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.config.check_key(key)?;
        self.space.remove(key);
        Ok(())
    }

    async fn has(&self, key: &str) -> Result<bool> {
        self.config.check_key(key)?;
        Ok(self.space.read(key, &*self.config.clock, |_| ()).is_some())
    }
}

#[async_trait]
impl Cache for MemoryStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        self.config.check(key, &value)?;
        self.space.write(key, value, Some(ttl), &*self.config.clock);
        Ok(())
    }
}

impl Config {
    fn check(&self, key: &str, value: &Bytes) -> Result<()> {
        self.check_key(key)?;
        let (size, limit) = (value.len(), self.largest_value);
        if size > limit {
            Err(Error::TooLarge { size, limit })
        } else {
            Ok(())
        }
    }

    fn check_key(&self, key: &str) -> Result<()> {
        let (length, limit) = (key.len(), self.longest_key);
        if length > limit {
            return Err(Error::invalid_key(format!(
                "{length} bytes, the limit is {limit}"
            )));
        }
        Ok(())
    }
}
