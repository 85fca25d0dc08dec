//! Writes on a condition, by the number that Memcached gives each write.

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::Sealed;
use tck_api::{Atomic, Error, Result};

use crate::{MemcachedStore, connection::When, store::sealed};

#[async_trait]
impl Atomic for MemcachedStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let (name, stored) = (self.name(key)?, sealed(value, None)?);
        self.pool
            .within(async {
                loop {
                    if self.store_when(When::Absent, &name, &stored).await? {
                        return Ok(true);
                    }
                    // An entry whose time is over is absent, though the server still has it.
                    let Some((held, version)) = self.item(&name).await? else {
                        continue;
                    };
                    if held.is_alive() {
                        return Ok(false);
                    }
                    let unchanged = When::Unchanged(version);
                    if self.store_when(unchanged, &name, &stored).await? {
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
                    let Some((held, version)) = self.item(&name).await? else {
                        return Ok(false);
                    };
                    if held.alive().is_none_or(|value| value != expected) {
                        return Ok(false);
                    }
                    // Where somebody has written in between, it may be the same value.
                    let unchanged = When::Unchanged(version);
                    if self.store_when(unchanged, &name, &stored).await? {
                        return Ok(true);
                    }
                }
            })
            .await
    }
}

impl MemcachedStore {
    async fn item(&self, name: &str) -> Result<Option<(Sealed, u64)>> {
        let mut turn = self.pool.turn().await?;
        let found = turn.get(name).await;
        let Some(item) = turn.end(found)? else {
            return Ok(None);
        };
        if item.version == 0 {
            let reason = "the server does not number its writes, which conditions go by";
            return Err(Error::backend(reason));
        }
        Ok(Some((Sealed::from_bytes(item.data)?, item.version)))
    }

    async fn store_when(&self, when: When, name: &str, stored: &[u8]) -> Result<bool> {
        let mut turn = self.pool.turn().await?;
        let stored = turn.store(name, stored, None, when).await;
        turn.end(stored)
    }
}
