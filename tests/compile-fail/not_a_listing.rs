//! A store where a listing is asked for.

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

tck::listing_contract!(my_listing, || async { MyStore }); //~ which does not have the capability `tck::capability::Listing`
