//! Several operations, all or none.

use std::{num::NonZeroUsize, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Error, KeyValueStore, Page, Result};

/// A store with transactions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no transactions",
    label = "this does not implement `Transactional`",
    note = "implement `tck::Transactional` for it: `begin`, beside `tck::KeyValueStore`"
)]
#[async_trait]
pub trait Transactional: KeyValueStore {
    /// Begins a transaction on the same data.
    async fn begin(&self) -> Result<Box<dyn Transaction>>;
}

/// Several operations, all or none. One that is dropped without a commit has changed
/// nothing.
///
/// It reads what it has written itself, and of others only what was committed, all of it
/// of one moment. Where somebody else has changed in between what it has read, it answers
/// [`Error::Conflict`], at the latest when it is committed, and changes nothing. No
/// operation waits for another transaction to end.
#[async_trait]
pub trait Transaction: Send {
    /// The value under `key`.
    async fn get(&mut self, key: &str) -> Result<Option<Bytes>>;

    /// Stores `value` under `key`, in place of any value and time to live that were there.
    async fn set(&mut self, key: &str, value: Bytes) -> Result<()>;

    /// Stores `value` under `key` until `ttl` has passed, from the commit on. For stores
    /// that are a [`Cache`](crate::Cache).
    async fn set_with_ttl(&mut self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let _ = (key, value, ttl);
        Err(Error::backend(
            "transactions of this store know no time to live",
        ))
    }

    /// Removes `key` and its value. Does nothing where there is none.
    async fn delete(&mut self, key: &str) -> Result<()>;

    /// The first keys, as [`Listing::list`](crate::Listing::list) answers them. For stores
    /// that are a [`Listing`](crate::Listing).
    async fn list(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let _ = (prefix, after, limit);
        Err(Error::backend("transactions of this store can't list"))
    }

    /// Makes all of it happen at once.
    async fn commit(self: Box<Self>) -> Result<()>;

    /// Makes none of it happen.
    async fn rollback(self: Box<Self>) -> Result<()>;
}
