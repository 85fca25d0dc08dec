//! Typed values on top of any store.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use crate::{Cache, Codec, Json, KeyValueStore, Raw, Result};

/// A store of values of type `T`, kept as bytes in another store.
///
/// ```
/// # use std::{collections::HashMap, sync::{Arc, Mutex}};
/// # use tck_api::{async_trait, Bytes, KeyValueStore, Result};
/// # #[derive(Default)] struct MyStore(Mutex<HashMap<String, Bytes>>);
/// # #[async_trait] impl KeyValueStore for MyStore {
/// #     async fn get(&self, key: &str) -> Result<Option<Bytes>> { Ok(self.0.lock().unwrap().get(key).cloned()) }
/// #     async fn set(&self, key: &str, value: Bytes) -> Result<()> { self.0.lock().unwrap().insert(key.to_owned(), value); Ok(()) }
/// #     async fn delete(&self, key: &str) -> Result<()> { self.0.lock().unwrap().remove(key); Ok(()) }
/// # }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// use tck_api::Typed;
///
/// let ages: Typed<u32> = Typed::json(Arc::new(MyStore::default()));
/// ages.set("ada", &36).await?;
/// assert_eq!(ages.get("ada").await?, Some(36));
/// assert_eq!(ages.get_or("bob", 0).await?, 0);
/// # Ok(()) }
/// ```
pub struct Typed<T, S = Arc<dyn KeyValueStore>> {
    store: S,
    codec: Arc<dyn Codec<T>>,
}

impl<T, S: KeyValueStore> Typed<T, S> {
    /// Values that `codec` turns into bytes.
    pub fn new(store: S, codec: Arc<dyn Codec<T>>) -> Self {
        Self { store, codec }
    }

    /// Any `serde` type, kept as JSON text.
    pub fn json(store: S) -> Self
    where
        T: Serialize + DeserializeOwned + PartialEq,
    {
        Self::new(store, Arc::new(Json))
    }

    /// Bytes or strings, kept as they are.
    pub fn raw(store: S) -> Self
    where
        Raw: Codec<T>,
    {
        Self::new(store, Arc::new(Raw))
    }

    /// The value under `key`. One that does not decode is an error and stays where it is.
    pub async fn get(&self, key: &str) -> Result<Option<T>> {
        self.store
            .get(key)
            .await?
            .map(|bytes| self.codec.decode(&bytes))
            .transpose()
    }

    /// The value under `key`, or `default` where there is none.
    pub async fn get_or(&self, key: &str, default: T) -> Result<T> {
        Ok(self.get(key).await?.unwrap_or(default))
    }

    /// Stores `value` under `key`, in place of any value that was there.
    pub async fn set(&self, key: &str, value: &T) -> Result<()> {
        let bytes = self.codec.encode(value)?;
        self.store.set(key, bytes).await
    }

    /// Removes `key` and its value. Does nothing where there is none.
    pub async fn delete(&self, key: &str) -> Result<()> {
        self.store.delete(key).await
    }

    /// Whether there is a value under `key`.
    pub async fn has(&self, key: &str) -> Result<bool> {
        self.store.has(key).await
    }

    /// Stores `value` under `key` until `ttl` has passed.
    pub async fn set_with_ttl(&self, key: &str, value: &T, ttl: Duration) -> Result<()>
    where
        S: Cache,
    {
        let bytes = self.codec.encode(value)?;
        self.store.set_with_ttl(key, bytes, ttl).await
    }
}

impl<T, S: fmt::Debug> fmt::Debug for Typed<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typed")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
