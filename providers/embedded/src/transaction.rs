//! Transactions of the provider.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use tck_api::{Bytes, Error, Page, Result, Transaction, Transactional, async_trait};
use tokio::sync::Mutex;

use crate::{
    Database, EmbeddedStore, KvStoreExt, TransactionContext, TypeTag, Value,
    store::{blocking, bytes},
};

#[async_trait]
impl Transactional for EmbeddedStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        let context = self.begin_context().await?;
        Ok(Box::new(EmbeddedTransaction {
            context: Arc::new(Mutex::new(Some(context))),
            database: Arc::clone(self.database()),
            answers_at_once: self.answers_at_once(),
        }))
    }
}

struct EmbeddedTransaction {
    /// Shared with the thread that a read waits on, which may outlast the patience of its
    /// caller. Taken by the commit.
    context: Arc<Mutex<Option<TransactionContext>>>,
    database: Arc<Database>,
    answers_at_once: bool,
}

impl EmbeddedTransaction {
    /// Reads on this thread, or on one that may block where a read waits.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut TransactionContext) -> crate::Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.answers_at_once {
            return self.call(read).await;
        }
        let mut context = Arc::clone(&self.context).lock_owned().await;
        blocking(move || Ok(called(&mut context, read))).await?
    }

    async fn call<T>(
        &self,
        call: impl FnOnce(&mut TransactionContext) -> crate::Result<T>,
    ) -> Result<T> {
        called(&mut *self.context.lock().await, call)
    }
}

fn called<T>(
    context: &mut Option<TransactionContext>,
    call: impl FnOnce(&mut TransactionContext) -> crate::Result<T>,
) -> Result<T> {
    Ok(call(context.as_mut().ok_or(Error::Closed)?)?)
}

#[async_trait]
impl Transaction for EmbeddedTransaction {
    async fn get(&mut self, key: &str) -> Result<Option<Bytes>> {
        let key = key.to_owned();
        self.read(move |context| context.kv_get(&key)?.map(bytes).transpose())
            .await
    }

    async fn set(&mut self, key: &str, value: Bytes) -> Result<()> {
        self.call(|context| context.kv_put(key, Value::Bytes(value.into())))
            .await
    }

    async fn set_with_ttl(&mut self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let value = Value::Bytes(value.into());
        self.call(|context| context.put(TypeTag::KV, key, &value, Some(ttl)))
            .await
    }

    async fn delete(&mut self, key: &str) -> Result<()> {
        self.call(|context| context.remove(TypeTag::KV, key)).await
    }

    async fn list(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        let one_more = limit.get().saturating_add(1);
        let keys = self
            .read(move |context| context.list(TypeTag::KV, &prefix, after.as_deref(), one_more))
            .await?;
        Ok(Page::of(keys, limit, String::as_str))
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        let context = self.context.lock().await.take();
        let context = context.ok_or(Error::Closed)?;
        let turn = self.database.turn().await;
        blocking(move || {
            let _turn = turn;
            context.commit()
        })
        .await
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
