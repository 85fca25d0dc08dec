//! Transactions of the provider.

use std::{num::NonZeroUsize, time::Duration};

use tck_api::{Bytes, Page, Result, Transaction, Transactional, async_trait};

use crate::{
    EmbeddedStore, KvStoreExt, TransactionContext, TypeTag, Value,
    store::{blocking, bytes, page},
};

#[async_trait]
impl Transactional for EmbeddedStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        let context = self.database().begin(self.run())?;
        Ok(Box::new(EmbeddedTransaction(context)))
    }
}

struct EmbeddedTransaction(TransactionContext);

#[async_trait]
impl Transaction for EmbeddedTransaction {
    async fn get(&mut self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.0.kv_get(key)?.map(bytes).transpose()?)
    }

    async fn set(&mut self, key: &str, value: Bytes) -> Result<()> {
        Ok(self.0.kv_put(key, Value::Bytes(value.into()))?)
    }

    async fn set_with_ttl(&mut self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let value = Value::Bytes(value.into());
        Ok(self.0.put(TypeTag::KV, key, &value, Some(ttl))?)
    }

    async fn delete(&mut self, key: &str) -> Result<()> {
        Ok(self.0.remove(TypeTag::KV, key)?)
    }

    async fn list(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let one_more = limit.get().saturating_add(1);
        let keys = self.0.list(TypeTag::KV, prefix, after, one_more)?;
        Ok(page(keys, limit, String::as_str))
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        blocking(move || self.0.commit()).await
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
