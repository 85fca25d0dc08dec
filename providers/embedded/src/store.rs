//! The provider: a handle on one run, for async code.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use tck_api::{Atomic, Bytes, Cache, Error, KeyValueStore, Listing, Page, Result, async_trait};
use tokio::task::spawn_blocking;

use crate::{Database, KvStore, RunId, Value};

/// Bytes under the keys of one run, by the traits of `omni-tck-api`.
///
/// Reads are answered at once. Writes wait for the disk, on a thread of the runtime that may
/// block: they need one of `tokio`. What is stored are values of the kind [`Value::Bytes`],
/// which a [`KvStore`] sees as such.
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
    /// A handle on a run, which is begun where it has not been.
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

    pub(crate) fn database(&self) -> &Database {
        self.kv.database()
    }

    pub(crate) fn run(&self) -> &RunId {
        &self.run
    }

    /// Writes on a thread that may block.
    async fn blocking<T: Send + 'static>(
        &self,
        key: &str,
        write: impl FnOnce(&KvStore, &RunId, &str) -> crate::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (this, key) = (self.clone(), key.to_owned());
        blocking(move || write(&this.kv, &this.run, &key)).await
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

/// A page of what was listed one further than asked for.
pub(crate) fn page<T>(mut items: Vec<T>, limit: NonZeroUsize, key: impl Fn(&T) -> &str) -> Page<T> {
    let there_is_more = items.len() > limit.get();
    items.truncate(limit.get());
    let last = items.last().filter(|_| there_is_more);
    let next = last.map(|last| key(last).to_owned());
    Page { items, next }
}

#[async_trait]
impl KeyValueStore for EmbeddedStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let value = self.kv.get(&self.run, key)?;
        Ok(value.map(bytes).transpose()?)
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        let value = Value::Bytes(value.into());
        self.blocking(key, move |kv, run, key| kv.write(run, key, &value, None))
            .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.blocking(key, |kv, run, key| kv.delete(run, key).map(drop))
            .await
    }

    async fn has(&self, key: &str) -> Result<bool> {
        Ok(self.kv.exists(&self.run, key)?)
    }
}

#[async_trait]
impl Cache for EmbeddedStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let value = Value::Bytes(value.into());
        self.blocking(key, move |kv, run, key| {
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
        let keys = self.kv.keys(&self.run, prefix, after, one_more)?;
        Ok(page(keys, limit, String::as_str))
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        let one_more = limit.get().saturating_add(1);
        let pairs = self.kv.pairs(&self.run, prefix, after, one_more, bytes)?;
        Ok(page(pairs, limit, |(key, _)| key))
    }
}

#[async_trait]
impl Atomic for EmbeddedStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let value = Value::Bytes(value.into());
        self.blocking(key, move |kv, run, key| {
            kv.write_if(run, key, |held| held.is_none(), &value)
        })
        .await
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        let value = Value::Bytes(value.into());
        let expected = Some(Value::Bytes(expected.to_owned()));
        self.blocking(key, move |kv, run, key| {
            kv.write_if(run, key, |held| held == expected, &value)
        })
        .await
    }
}
