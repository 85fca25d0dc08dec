//! A namespace in a collection.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use mongodb::bson::{Document, doc};
use omni_kv_parts::{Deadline, key_within, quoted, value_within};
use tck_api::{Atomic, Cache, Error, KeyValueStore, Result};

use crate::{
    Settings, Values,
    collection::Collection,
    entry::{ID, REVISION, alive, closed, expired, is_alive, opened},
};

/// The length in bytes of the longest key, and of the longest name of a namespace.
pub const LONGEST_KEY: usize = 4_096;

/// The size in bytes of the largest value: a document holds 16 MiB, the key and the rest included.
pub const LARGEST_VALUE: usize = (16 << 20) - (32 << 10);

/// A collection on a server.
#[derive(Clone)]
pub struct MongoDb {
    collection: Collection,
    values: Values,
}

impl MongoDb {
    /// Connects to what a URL stands for. [`Settings`] says what it may look like.
    pub async fn connect(url: &str) -> Result<Self> {
        let settings = Settings::from_url(url).map_err(Error::backend)?;
        Self::open(&settings).await
    }

    /// Connects as these settings say, and makes the index that cleans up, where it is missing.
    pub async fn open(settings: &Settings) -> Result<Self> {
        Ok(Self {
            collection: Collection::open(settings).await?,
            values: settings.values,
        })
    }

    /// The store of this namespace. The ids of its entries are the name of the namespace, a slash
    /// and the key, `sessions/ada`; what is no letter or digit in the name is quoted.
    pub fn namespace(&self, name: &str) -> Result<MongoStore> {
        Ok(MongoStore {
            collection: self.collection.clone(),
            values: self.values,
            space: format!("{}/", quoted(key_within(name, LONGEST_KEY)?)),
        })
    }
}

impl fmt::Debug for MongoDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoDb").finish_non_exhaustive()
    }
}

/// The keys of one namespace.
#[derive(Clone)]
pub struct MongoStore {
    pub(crate) collection: Collection,
    pub(crate) space: String,
    values: Values,
}

impl fmt::Debug for MongoStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoStore")
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl KeyValueStore for MongoStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let entry = self.collection.run(self.found(key));
        entry.await?.map(opened).transpose()
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.put(key, &value, None).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let id = self.id(key)?;
        let delete = self.collection.delete(doc! { ID: id });
        self.collection.run(delete).await
    }

    async fn has(&self, key: &str) -> Result<bool> {
        let entry = self.collection.find_deadline(doc! { ID: self.id(key)? });
        let entry = self.collection.run(entry).await?;
        Ok(entry.as_ref().is_some_and(is_alive))
    }
}

#[async_trait]
impl Cache for MongoStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        if ttl.is_zero() {
            value_within(&value, LARGEST_VALUE)?;
            return self.delete(key).await;
        }
        self.put(key, &value, Deadline::after(ttl)).await
    }
}

#[async_trait]
impl Atomic for MongoStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let id = self.id(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let entry = closed(&id, &value, None, self.values);
        let mut absent = expired();
        absent.insert(ID, id);
        let put = self.collection.put(absent, entry);
        self.collection.run(put).await
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        let id = self.id(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let replaced = async {
            loop {
                let Some(held) = self.found(key).await? else {
                    return Ok(false);
                };
                let revision = held.get(REVISION).cloned();
                if opened(held)? != expected {
                    return Ok(false);
                }
                let mut same = alive();
                same.extend(doc! { ID: &id, REVISION: revision });
                let entry = closed(&id, &value, None, self.values);
                if self.collection.replace(same, entry).await? {
                    return Ok(true);
                }
                // Somebody was faster, perhaps with the same value.
            }
        };
        self.collection.run(replaced).await
    }
}

impl MongoStore {
    async fn put(&self, key: &str, value: &Bytes, deadline: Option<Deadline>) -> Result<()> {
        let id = self.id(key)?;
        value_within(value, LARGEST_VALUE)?;
        let entry = closed(&id, value, deadline, self.values);
        let put = async {
            // Two that make the same entry are in each other's way; it is there then.
            while !self.collection.put(doc! { ID: &id }, entry.clone()).await? {}
            Ok(())
        };
        self.collection.run(put).await
    }

    /// The entry under the key, where it is not absent by now. It is asked for by its id alone,
    /// which every server finds at once.
    async fn found(&self, key: &str) -> Result<Option<Document>> {
        let entry = self.collection.find_one(doc! { ID: self.id(key)? });
        Ok(entry.await?.filter(is_alive))
    }

    fn id(&self, key: &str) -> Result<String> {
        Ok(format!("{}{}", self.space, key_within(key, LONGEST_KEY)?))
    }
}
