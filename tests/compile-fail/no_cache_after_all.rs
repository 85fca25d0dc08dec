//! A store that is declared to be a cache and is none.

use tck::{async_trait, Atomic, Bytes, KeyValueStore, Result};

#[derive(Default)]
struct MyStore;

#[async_trait]
impl KeyValueStore for MyStore {
    async fn get(&self, _: &str) -> Result<Option<Bytes>> {
        Ok(None)
    }
    async fn set(&self, _: &str, _: Bytes) -> Result<()> {
        Ok(())
    }
    async fn delete(&self, _: &str) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Atomic for MyStore {
    async fn set_if_absent(&self, _: &str, _: Bytes) -> Result<bool> {
        Ok(false)
    }
    async fn compare_and_set(&self, _: &str, _: &[u8], _: Bytes) -> Result<bool> {
        Ok(false)
    }
}

tck::atomic_contract!(my_store, || async { MyStore }, { cache: true }); //~ which does not have the capability `(tck::capability::Atomic, tck::capability::Cache)`
