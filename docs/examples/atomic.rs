//! A store that writes on a condition.
#![expect(clippy::unwrap_used, reason = "an example for tests")]

use std::{collections::HashMap, sync::Mutex};

use tck::{Atomic, Bytes, KeyValueStore, Result, async_trait};

#[derive(Default)]
struct Registry(Mutex<HashMap<String, Bytes>>);

#[async_trait]
impl KeyValueStore for Registry {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.0.lock().unwrap().get(key).cloned())
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.0.lock().unwrap().insert(key.to_owned(), value);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.0.lock().unwrap().remove(key);
        Ok(())
    }
}

#[async_trait]
impl Atomic for Registry {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let mut entries = self.0.lock().unwrap();
        let is_absent = !entries.contains_key(key);
        if is_absent {
            entries.insert(key.to_owned(), value);
        }
        Ok(is_absent)
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        // The lock is held from the comparison to the write.
        let mut entries = self.0.lock().unwrap();
        match entries.get_mut(key) {
            Some(held) if *held == expected => {
                *held = value;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

tck::atomic_contract!(registry, || async { Registry::default() });
