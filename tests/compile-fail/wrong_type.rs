//! A field with a value of the wrong type.

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

tck::kv_store_contract!(my_store, || async { MyStore }, {
    longest_key: "250", //~ mismatched types
});
