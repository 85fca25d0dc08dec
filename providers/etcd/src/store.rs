//! A namespace on a server.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::{Sealed, key_within, quoted, value_within};
use tck_api::{Atomic, Cache, Error, KeyValueStore, Result};

use crate::{
    Settings,
    connection::Connection,
    message::{Compare, DeleteRange, Entry, Put, Range},
    write::Write,
};

/// The length in bytes of the longest key, and of the longest name of a namespace.
pub const LONGEST_KEY: usize = 16_384;

/// The size in bytes of the largest value. etcd takes requests of 1.5 MiB, in which there are
/// the key, the name of the namespace and what a condition needs as well.
pub const LARGEST_VALUE: usize = 1 << 20;

/// A server, or a cluster.
#[derive(Clone)]
pub struct Etcd {
    connection: Arc<Connection>,
}

impl Etcd {
    /// Connects to what a URL stands for. [`Settings`] says what it may look like.
    pub async fn connect(url: &str) -> Result<Self> {
        let settings = Settings::from_url(url).map_err(Error::backend)?;
        Self::open(&settings).await
    }

    /// Connects as these settings say.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let connection = Arc::new(Connection::open(settings).await?);
        Ok(Self { connection })
    }

    /// The store of this namespace. Its keys lie under the name of the namespace and a
    /// slash, `sessions/ada`; what is no letter or digit in the name is quoted.
    pub fn namespace(&self, name: &str) -> Result<EtcdStore> {
        Ok(EtcdStore {
            connection: Arc::clone(&self.connection),
            space: format!("{}/", quoted(key_within(name, LONGEST_KEY)?)),
        })
    }
}

impl fmt::Debug for Etcd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Etcd").finish_non_exhaustive()
    }
}

/// The keys of one namespace.
#[derive(Clone)]
pub struct EtcdStore {
    pub(crate) connection: Arc<Connection>,
    pub(crate) space: String,
}

impl EtcdStore {
    pub(crate) fn name(&self, key: &str) -> Result<Bytes> {
        Ok(format!("{}{}", self.space, key_within(key, LONGEST_KEY)?).into())
    }

    async fn entry(&self, name: &Bytes) -> Result<Option<Entry>> {
        let found = self.connection.ask(&Range::of(name.clone())).await?;
        Ok(found.into_entry())
    }

    /// Stores a value where the entry is the one that this revision has written, or absent
    /// where it is zero. Otherwise answers what is there.
    async fn replace(&self, name: &Bytes, revision: i64, value: &Bytes) -> Result<Replaced> {
        let compare = vec![Compare::is(name.clone(), revision)];
        let writes = [(name.clone(), Write::of(value.clone(), None))];
        let failure = vec![Range::of(name.clone()).into()];
        let decided = self.connection.write(compare, &writes, failure).await?;
        if decided.succeeded {
            return Ok(Replaced::Yes);
        }
        Ok(Replaced::No(decided.into_entry()))
    }
}

enum Replaced {
    Yes,
    No(Option<Entry>),
}

impl fmt::Debug for EtcdStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EtcdStore")
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl KeyValueStore for EtcdStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        match self.entry(&self.name(key)?).await? {
            Some(entry) => alive(entry),
            None => Ok(None),
        }
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let put = Put {
            key: name,
            value: Sealed::new(value, None).to_bytes(),
            lease: 0,
        };
        self.connection.ask(&put).await.map(drop)
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let range = DeleteRange::of(self.name(key)?);
        self.connection.ask(&range).await.map(drop)
    }

    async fn has(&self, key: &str) -> Result<bool> {
        let mut range = Range::of(self.name(key)?);
        range.keys_only = true;
        let has = async {
            let found = self.connection.ask(&range).await?;
            match found.kvs.first() {
                None => Ok(false),
                // Nothing expires without a lease, or not in this century.
                Some(entry) if entry.lease == 0 => Ok(true),
                Some(_) => Ok(self.get(key).await?.is_some()),
            }
        };
        self.connection.bounded(has).await
    }
}

#[async_trait]
impl Cache for EtcdStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let writes = [(name, Write::of(value, Some(ttl)))];
        let write = self.connection.write(Vec::new(), &writes, Vec::new());
        self.connection.bounded(write).await.map(drop)
    }
}

#[async_trait]
impl Atomic for EtcdStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let set = async {
            let mut revision = 0;
            loop {
                revision = match self.replace(&name, revision, &value).await? {
                    Replaced::Yes => return Ok(true),
                    Replaced::No(None) => 0,
                    Replaced::No(Some(entry)) => {
                        let revision = entry.mod_revision;
                        if alive(entry)?.is_some() {
                            return Ok(false);
                        }
                        revision
                    }
                }
            }
        };
        self.connection.bounded(set).await
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let set = async {
            let mut current = self.entry(&name).await?;
            while let Some(entry) = current {
                let revision = entry.mod_revision;
                if alive(entry)?.is_none_or(|held| held != expected) {
                    break;
                }
                current = match self.replace(&name, revision, &value).await? {
                    Replaced::Yes => return Ok(true),
                    Replaced::No(entry) => entry,
                }
            }
            Ok(false)
        };
        self.connection.bounded(set).await
    }
}

/// The value of an entry that has not expired.
pub(crate) fn alive(entry: Entry) -> Result<Option<Bytes>> {
    Ok(Sealed::from_bytes(entry.value)?.alive())
}
