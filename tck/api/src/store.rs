//! A store, and a cache.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::Result;

/// A store of bytes under string keys.
///
/// Keys are told apart exactly, values come back exactly. An operation that fails
/// changes nothing that a later read would show, except after
/// [`Error::TimedOut`](crate::Error::TimedOut) and
/// [`Error::Unavailable`](crate::Error::Unavailable), where the effect is not known.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key-value store",
    label = "this does not implement `KeyValueStore`",
    note = "implement `tck::KeyValueStore` for it: `get`, `set` and `delete`"
)]
#[async_trait]
pub trait KeyValueStore: Send + Sync {
    /// The value under `key`, or `None` where there is none.
    async fn get(&self, key: &str) -> Result<Option<Bytes>>;

    /// Stores `value` under `key`, in place of any value that was there.
    async fn set(&self, key: &str, value: Bytes) -> Result<()>;

    /// Removes `key` and its value. Does nothing where there is none.
    async fn delete(&self, key: &str) -> Result<()>;

    /// Whether there is a value under `key`. Worth overriding where the backend can
    /// tell without sending the value.
    async fn has(&self, key: &str) -> Result<bool> {
        Ok(self.get(key).await?.is_some())
    }
}

/// A store whose entries may have a time to live.
///
/// A plain [`set`](KeyValueStore::set) never expires, and clears the time to live that
/// an earlier write gave. Reading does not extend it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a cache",
    label = "this does not implement `Cache`",
    note = "implement `tck::Cache` for it: `set_with_ttl`, beside `tck::KeyValueStore`"
)]
#[async_trait]
pub trait Cache: KeyValueStore {
    /// Stores `value` under `key` until `ttl` has passed; from then on the key is
    /// absent from every read.
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()>;
}
