//! A contract that does not exist.

use tck::{async_trait, Bytes, KeyValueStore, Result};

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

tck::certify!(my_store, || async { MyStore }, [kv_store, chache]); //~ there is no contract `chache`
