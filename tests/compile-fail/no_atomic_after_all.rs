//! A store that is declared to write on a condition and does not.

use tck::{async_trait, Bytes, Cache, Error, KeyValueStore, Result, Transaction, Transactional};

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
impl Cache for MyStore {
    async fn set_with_ttl(&self, _: &str, _: Bytes, _: std::time::Duration) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Transactional for MyStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        Err(Error::Closed)
    }
}

tck::transaction_contract!(my_store, || async { MyStore }, { atomic: true, cache: true }); //~ which does not have the capability `(tck::capability::Transactional, tck::capability::Cache, tck::capability::Atomic)`
