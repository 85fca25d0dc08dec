//! The smallest provider and its proof.
#![expect(clippy::unwrap_used, reason = "an example for tests")]

use std::{collections::HashMap, sync::Mutex};
use tck::{Bytes, KeyValueStore, Result, async_trait};

#[derive(Default)]
struct MyStore(Mutex<HashMap<String, Bytes>>);

#[async_trait]
impl KeyValueStore for MyStore {
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

tck::kv_store_contract!(my_store, || async { MyStore::default() });
