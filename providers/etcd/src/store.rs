//! A namespace on a server.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::{Deadline, Sealed, key_within, quoted, value_within};
use tck_api::{Atomic, Cache, Error, KeyValueStore, Result};

use crate::{
    Settings,
    connection::Connection,
    error::is_lost_lease,
    message::{Compare, DeleteRange, Done, Entry, Operation, Put, Range, Txn},
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
    pub(crate) fn name(&self, key: &str) -> Result<String> {
        Ok(format!("{}{}", self.space, key_within(key, LONGEST_KEY)?))
    }

    async fn entry(&self, name: &str) -> Result<Option<Entry>> {
        let found = self.connection.range(&Range::of(name)).await?;
        Ok(found.kvs.into_iter().next())
    }

    async fn put(&self, put: Put) -> Result<()> {
        let _: Done = self.connection.ask("kv/put", &put).await?;
        Ok(())
    }

    async fn put_leased(&self, name: &str, value: Bytes, deadline: Deadline) -> Result<()> {
        let leases = &self.connection.leases;
        let value = Sealed::new(value, Some(deadline)).to_bytes();
        let put = |lease| Put {
            key: name.to_owned().into(),
            value: value.clone().into(),
            lease,
        };
        let lease = leases.beyond(&self.connection, deadline).await?;
        match self.put(put(lease)).await {
            // Somebody has revoked it.
            Err(error) if is_lost_lease(&error) => {
                leases.forget(lease).await;
                let lease = leases.beyond(&self.connection, deadline).await?;
                self.put(put(lease)).await
            }
            answer => answer,
        }
    }

    /// Stores a value where the entry is the one that this revision has written, or absent
    /// where it is zero. Otherwise answers what is there.
    async fn replace(&self, name: &str, revision: i64, value: &Bytes) -> Result<Replaced> {
        let put = Put {
            key: name.to_owned().into(),
            value: Sealed::new(value.clone(), None).to_bytes().into(),
            lease: 0,
        };
        let txn = Txn {
            compare: vec![Compare::is(name, revision)],
            success: vec![Operation::Put(put)],
            failure: vec![Operation::Range(Range::of(name))],
        };
        let decided = self.connection.decide(&txn).await?;
        if decided.succeeded {
            return Ok(Replaced::Yes);
        }
        let mut found = decided.responses.into_iter();
        let found = found.next().map(|response| response.response_range.kvs);
        let entry = found.unwrap_or_default().into_iter().next();
        Ok(Replaced::No(entry))
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
        self.put(Put {
            key: name.into(),
            value: Sealed::new(value, None).to_bytes().into(),
            lease: 0,
        })
        .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let key = self.name(key)?.into();
        let _: Done = self
            .connection
            .ask("kv/deleterange", &DeleteRange { key })
            .await?;
        Ok(())
    }

    async fn has(&self, key: &str) -> Result<bool> {
        let mut range = Range::of(&self.name(key)?);
        range.keys_only = true;
        let found = self.connection.range(&range).await?;
        match found.kvs.first() {
            None => Ok(false),
            // Nothing expires without a lease, or not in this century.
            Some(entry) if entry.lease == 0 => Ok(true),
            Some(_) => Ok(self.get(key).await?.is_some()),
        }
    }
}

#[async_trait]
impl Cache for EtcdStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        if ttl.is_zero() {
            return self.delete(key).await;
        }
        match Deadline::after(ttl) {
            None => self.set(key, value).await,
            Some(deadline) => {
                let put = self.put_leased(&name, value, deadline);
                self.connection.bounded(put).await
            }
        }
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
    Ok(Sealed::from_bytes(entry.value.0)?.alive())
}
