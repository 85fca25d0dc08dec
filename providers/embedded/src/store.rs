//! The provider: a handle on one run, for async code.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use tck_api::{Atomic, Bytes, Cache, Error, KeyValueStore, Listing, Page, Result, async_trait};
use tokio::task::spawn_blocking;

use crate::{Database, KvStore, RunId, TransactionContext, Value};

/// Bytes under the keys of one run, by the traits of `omni-tck-api`.
///
/// Writes wait for the disk or a server, on a thread of the runtime that may block: they need
/// one of `tokio`. Reads from a file are answered at once, those from a server wait as well.
/// What is stored are values of the kind [`Value::Bytes`], which a [`KvStore`] sees as such.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> tck_api::Result<()> {
/// use std::sync::Arc;
/// use omni_kv_embedded::{Database, EmbeddedStore};
/// use tck_api::{Bytes, KeyValueStore};
///
/// let db = Arc::new(Database::in_memory()?);
/// let store = EmbeddedStore::open(&db, "sessions")?;
/// store.set("key", Bytes::from("value")).await?;
/// assert_eq!(store.get("key").await?, Some(Bytes::from("value")));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct EmbeddedStore {
    kv: KvStore,
    run: RunId,
}

impl EmbeddedStore {
    /// A handle on a run, which is begun where it has not been. That blocks, as the database
    /// does.
    ///
    /// # Errors
    ///
    /// Those of [`Database::begin_run`].
    pub fn open(database: &Arc<Database>, run: impl Into<RunId>) -> crate::Result<Self> {
        let run = run.into();
        database.begin_run(&run)?;
        Ok(Self {
            kv: KvStore::new(Arc::clone(database)),
            run,
        })
    }

    /// Calls on a thread that may block.
    async fn wait<T: Send + 'static>(
        &self,
        key: &str,
        call: impl FnOnce(&KvStore, &RunId, &str) -> crate::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (this, key) = (self.clone(), key.to_owned());
        let turn = self.database().turn().await;
        blocking(move || {
            let _turn = turn;
            call(&this.kv, &this.run, &key)
        })
        .await
    }

    /// Reads on this thread, or on one that may block where a read waits.
    async fn read<T: Send + 'static>(
        &self,
        key: &str,
        read: impl FnOnce(&KvStore, &RunId, &str) -> crate::Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.answers_at_once() {
            return Ok(read(&self.kv, &self.run, key)?);
        }
        self.wait(key, read).await
    }

    pub(crate) fn database(&self) -> &Arc<Database> {
        self.kv.database()
    }

    pub(crate) fn answers_at_once(&self) -> bool {
        self.database().backend().answers_at_once()
    }

    /// Begins a transaction.
    pub(crate) async fn begin_context(&self) -> Result<TransactionContext> {
        self.read("", |kv, run, _| kv.database().begin(run)).await
    }
}

/// Calls on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> crate::Result<T> + Send + 'static,
) -> Result<T> {
    let done = spawn_blocking(call).await.map_err(Error::backend)?;
    done.map_err(Error::from)
}

/// The bytes of a value.
pub(crate) fn bytes(value: Value) -> crate::Result<Bytes> {
    match value {
        Value::Bytes(bytes) => Ok(Bytes::from(bytes)),
        _ => Err(crate::Error::InvalidValue {
            reason: "the value that is stored is not bytes".to_owned(),
        }),
    }
}

#[async_trait]
impl KeyValueStore for EmbeddedStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.read(key, |kv, run, key| kv.get(run, key)?.map(bytes).transpose())
            .await
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        let value = Value::Bytes(value.into());
        self.wait(key, move |kv, run, key| kv.write(run, key, &value, None))
            .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.wait(key, |kv, run, key| kv.delete(run, key).map(drop))
            .await
    }

    async fn has(&self, key: &str) -> Result<bool> {
        self.read(key, KvStore::exists).await
    }
}

#[async_trait]
impl Cache for EmbeddedStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let value = Value::Bytes(value.into());
        self.wait(key, move |kv, run, key| {
            kv.write(run, key, &value, Some(ttl))
        })
        .await
    }
}

#[async_trait]
impl Listing for EmbeddedStore {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let one_more = limit.get().saturating_add(1);
        let after = after.map(str::to_owned);
        let list = move |kv: &KvStore, run: &RunId, prefix: &str| {
            kv.keys(run, prefix, after.as_deref(), one_more)
        };
        let keys = self.read(prefix, list).await?;
        Ok(Page::of(keys, limit, String::as_str))
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        let one_more = limit.get().saturating_add(1);
        let after = after.map(str::to_owned);
        let list = move |kv: &KvStore, run: &RunId, prefix: &str| {
            kv.pairs(run, prefix, after.as_deref(), one_more)
        };
        let pairs = self.read(prefix, list).await?;
        let Page { items, next } = Page::of(pairs, limit, |(key, _)| key);
        let of_bytes = |(key, value)| match value {
            Value::Bytes(value) => Ok((key, value.into())),
            // Who lists has to know where to go on from.
            _ => {
                let reason = format!("the value of {key:?} is not bytes");
                Err(Error::invalid_value(reason))
            }
        };
        let items = items.into_iter().map(of_bytes).collect::<Result<_>>()?;
        Ok(Page { items, next })
    }
}

#[async_trait]
impl Atomic for EmbeddedStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let value = Value::Bytes(value.into());
        self.wait(key, move |kv, run, key| {
            kv.write_if(run, key, |held| held.is_none(), &value)
        })
        .await
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        let value = Value::Bytes(value.into());
        let expected = Some(Value::Bytes(expected.to_owned()));
        self.wait(key, move |kv, run, key| {
            kv.write_if(run, key, |held| held == expected, &value)
        })
        .await
    }
}

#[cfg(all(test, feature = "file"))]
mod tests {
    use std::future::ready;

    use super::*;

    #[tokio::test]
    async fn a_value_that_is_not_bytes_stops_no_page_before_it() -> Result<()> {
        let database = Arc::new(Database::in_memory()?);
        let store = EmbeddedStore::open(&database, "test")?;
        store.set("a", "1".into()).await?;
        let kv = KvStore::new(database);
        kv.put(&store.run, "b", Value::I64(2))
            .map_err(Error::from)?;
        let page = store.list_with_values("", None, NonZeroUsize::MIN).await?;
        assert_eq!(page.next.as_deref(), Some("a"));
        let next = store.list_with_values("", Some("a"), NonZeroUsize::MIN);
        let said = next.await.map_err(|error| error.to_string());
        assert!(said.is_err_and(|said| said.contains("\"b\"")));
        Ok(())
    }

    #[tokio::test]
    async fn a_write_that_is_given_up_before_its_turn_is_not_done() -> Result<()> {
        let database = Arc::new(Database::in_memory()?);
        let store = EmbeddedStore::open(&database, "test")?;
        let turn = database.turn().await;
        tokio::select! {
            biased;
            set = store.set("key", "old".into()) => set?,
            () = ready(()) => {}
        }
        drop(turn);
        store.set("next", "value".into()).await?;
        assert_eq!(store.get("key").await?, None);
        Ok(())
    }
}
