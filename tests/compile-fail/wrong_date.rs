//! A waiver until a day that is none.

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
    waivers: [waive(delete_is_idempotent, "reason", "2099-02-30")], //~ the last day of a waiver is a date, written YYYY-MM-DD
});
