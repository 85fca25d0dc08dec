//! Writes on a condition, by the number that Memcached gives each write.

use async_memcached::{AsciiProtocol, MetaProtocol};
use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::Sealed;
use tck_api::{Atomic, Result};

use crate::{
    MemcachedStore,
    store::{is_done, sealed},
};

/// What lies under a name, and the number of the write that put it there.
struct Item {
    sealed: Sealed,
    version: u64,
}

#[async_trait]
impl Atomic for MemcachedStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let (name, stored) = (self.name(key)?, sealed(value, None)?);
        self.pool
            .within(async {
                loop {
                    if self.add(&name, &stored).await? {
                        return Ok(true);
                    }
                    // An entry whose time is over is absent, though the server still has it.
                    let Some(item) = self.item(&name).await? else {
                        continue;
                    };
                    if item.sealed.is_alive() {
                        return Ok(false);
                    }
                    if self.replace(&name, &stored, item.version).await? {
                        return Ok(true);
                    }
                }
            })
            .await
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        let (name, stored) = (self.name(key)?, sealed(value, None)?);
        self.pool
            .within(async {
                loop {
                    let item = self.item(&name).await?;
                    let Some(item) = item.filter(|item| item.sealed.is_alive()) else {
                        return Ok(false);
                    };
                    if item.sealed.value != expected {
                        return Ok(false);
                    }
                    // Where somebody has written in between, it may be the same value.
                    if self.replace(&name, &stored, item.version).await? {
                        return Ok(true);
                    }
                }
            })
            .await
    }
}

impl MemcachedStore {
    async fn item(&self, name: &str) -> Result<Option<Item>> {
        let mut turn = self.pool.turn().await?;
        let found = turn.meta_get(name, false, None, Some(&["v", "c"])).await;
        let Some(found) = turn.end(found)? else {
            return Ok(None);
        };
        Ok(Some(Item {
            sealed: Sealed::from_bytes(found.data.unwrap_or_default().into())?,
            version: found.cas.unwrap_or_default(),
        }))
    }

    async fn add(&self, name: &str, stored: &[u8]) -> Result<bool> {
        let mut turn = self.pool.turn().await?;
        let added = turn.add(name, stored, None, None).await;
        turn.end(is_done(added))
    }

    /// Stores where nobody has written since this version.
    async fn replace(&self, name: &str, stored: &[u8], version: u64) -> Result<bool> {
        let mut turn = self.pool.turn().await?;
        let condition = format!("C{version}");
        let flags = Some(&[condition.as_str()][..]);
        let replaced = turn.meta_set(name, stored, false, None, flags).await;
        turn.end(is_done(replaced))
    }
}
