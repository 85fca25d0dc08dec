//! A provider that declares its limits, its policies and a waiver.

use omni_kv_memory::{Config, MemoryStore};
use tck::{Bytes, Error, KeyValueStore, Result, async_trait};

/// A store that refuses the empty key, and whose server has its own words for a value that
/// is too large.
struct Particular(MemoryStore);

#[async_trait]
impl KeyValueStore for Particular {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.0.get(not_empty(key)?).await
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        if value.len() > 1 << 20 {
            return Err(Error::backend("SERVER_ERROR object too large for cache"));
        }
        self.0.set(not_empty(key)?, value).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.0.delete(not_empty(key)?).await
    }
}

fn not_empty(key: &str) -> Result<&str> {
    if key.is_empty() {
        return Err(Error::invalid_key("empty"));
    }
    Ok(key)
}

async fn open() -> Particular {
    Particular(MemoryStore::with_config(Config::default().longest_key(250)))
}

tck::kv_store_contract!(particular, open, {
    longest_key: 250,
    largest_value: 1 << 20,
    empty_key: EmptyKey::Refused,
    waivers: [waive(
        oversized_value_is_refused_and_nothing_changes,
        "the server's answer is not told from other failures yet: ISSUE-12",
        "2099-12-31",
    )],
});
