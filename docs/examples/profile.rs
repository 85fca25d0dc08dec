//! A provider that declares its limits, its policies and a waiver.

use omni_kv_memory::{Config, MemoryStore};
use tck::{Bytes, Error, KeyValueStore, Result, async_trait};

/// A store that refuses the empty key, and whose server reports a key that is absent.
struct Particular(MemoryStore);

#[async_trait]
impl KeyValueStore for Particular {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.0.get(not_empty(key)?).await
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.0.set(not_empty(key)?, value).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        match self.0.has(not_empty(key)?).await? {
            true => self.0.delete(key).await,
            false => Err(Error::backend("no such key")),
        }
    }
}

fn not_empty(key: &str) -> Result<&str> {
    if key.is_empty() {
        Err(Error::invalid_key("empty"))
    } else {
        Ok(key)
    }
}

async fn open() -> Particular {
    Particular(MemoryStore::with_config(
        Config::default().longest_key(250).largest_value(1 << 20),
    ))
}

tck::kv_store_contract!(particular, open, {
    longest_key: 250,
    largest_value: 1 << 20,
    empty_key: EmptyKey::Refused,
    waivers: [
        waive(delete_is_idempotent, "the server reports absent keys: ISSUE-12", "2099-12-31"),
        waive(delete_takes_its_key_literally, "the same: ISSUE-12", "2099-12-31"),
    ],
});
