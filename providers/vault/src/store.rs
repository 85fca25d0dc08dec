//! A namespace in an engine.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::{Deadline, Room, value_within};
use tck_api::{Atomic, Cache, Error, KeyValueStore, Result};

use crate::{
    Settings, Values,
    connection::Connection,
    record::{closed, is_tombstone, opened, tombstone},
};

/// The room for a key's name in a path.
const ROOM: Room = Room::of(1_368);

/// The length in bytes of the longest key, and of the longest name of a namespace.
pub const LONGEST_KEY: usize = ROOM.longest();

/// The size in bytes of the largest value: an entry of integrated storage holds a mebibyte,
/// and values lie there in base64.
pub const LARGEST_VALUE: usize = 512 << 10;

/// A KV v2 engine on a server.
#[derive(Clone)]
pub struct Vault {
    connection: Connection,
    values: Values,
}

impl Vault {
    /// Takes the engine that a URL stands for. [`Settings`] says what it may look like. The
    /// first call of a store connects.
    pub async fn connect(url: &str) -> Result<Self> {
        let settings = Settings::from_url(url).map_err(Error::backend)?;
        Self::open(&settings).await
    }

    /// Takes the engine that these settings name. The first call of a store connects.
    pub async fn open(settings: &Settings) -> Result<Self> {
        Ok(Self {
            connection: Connection::open(settings)?,
            values: settings.values,
        })
    }

    /// The store of this namespace. Its keys lie in a folder of that name,
    /// `secret/sessions/ada`; what is no letter or digit is quoted.
    pub fn namespace(&self, name: &str) -> Result<VaultStore> {
        Ok(VaultStore {
            connection: self.connection.clone(),
            values: self.values,
            folder: ROOM.name(name)?,
        })
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

/// The keys of one namespace.
#[derive(Clone)]
pub struct VaultStore {
    pub(crate) connection: Connection,
    pub(crate) folder: String,
    values: Values,
}

impl fmt::Debug for VaultStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultStore")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl KeyValueStore for VaultStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.latest(&self.name(key)?).await?.0)
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.write(key, &value, None).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let name = self.name(key)?;
        let latest = self.connection.read(&name).await?;
        let is_gone = latest.data.as_ref().is_some_and(is_tombstone);
        if is_gone || latest.number == 0 {
            return Ok(());
        }
        self.connection
            .write(&name, tombstone(), None)
            .await
            .map(drop)
    }
}

#[async_trait]
impl Cache for VaultStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        if ttl.is_zero() {
            value_within(&value, LARGEST_VALUE)?;
            return self.delete(key).await;
        }
        self.write(key, &value, Deadline::after(ttl)).await
    }
}

#[async_trait]
impl Atomic for VaultStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        self.write_where(key, &value, |held| held.is_none()).await
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        let is_expected = |held: Option<&Bytes>| held.is_some_and(|held| held == expected);
        self.write_where(key, &value, is_expected).await
    }
}

impl VaultStore {
    pub(crate) const ROOM: Room = ROOM;

    /// The value under a name, and the number of its version.
    pub(crate) async fn latest(&self, name: &str) -> Result<(Option<Bytes>, u64)> {
        let version = self.connection.read(name).await?;
        let value = match version.data {
            Some(record) => opened(record)?,
            None => None,
        };
        Ok((value, version.number))
    }

    async fn write(&self, key: &str, value: &Bytes, deadline: Option<Deadline>) -> Result<()> {
        let name = self.name(key)?;
        value_within(value, LARGEST_VALUE)?;
        let record = closed(value, deadline, self.values);
        self.connection.write(&name, record, None).await.map(drop)
    }

    /// Writes where the value meets the condition, and nobody has written since it was read.
    async fn write_where(
        &self,
        key: &str,
        value: &Bytes,
        is_met: impl Fn(Option<&Bytes>) -> bool + Send + Sync,
    ) -> Result<bool> {
        let name = self.name(key)?;
        value_within(value, LARGEST_VALUE)?;
        let record = closed(value, None, self.values);
        loop {
            let (held, number) = self.latest(&name).await?;
            if !is_met(held.as_ref()) {
                return Ok(false);
            }
            // Somebody was faster, perhaps with a value that meets the condition as well.
            if self
                .connection
                .write(&name, record.clone(), Some(number))
                .await?
            {
                return Ok(true);
            }
        }
    }

    fn name(&self, key: &str) -> Result<String> {
        Ok(format!("{}/{}", self.folder, ROOM.name(key)?))
    }
}
