//! Writes on a condition.

use async_trait::async_trait;
use bytes::Bytes;

use crate::{KeyValueStore, Result};

/// A store that looks and writes in one step, so that nobody comes in between.
///
/// A write that happens is as plain as [`set`](KeyValueStore::set): it never expires. One
/// that does not happen changes nothing, neither a value nor its time to live.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't write on a condition",
    label = "this does not implement `Atomic`",
    note = "implement `tck::Atomic` for it: `set_if_absent` and `compare_and_set`, beside `tck::KeyValueStore`"
)]
#[async_trait]
pub trait Atomic: KeyValueStore {
    /// Stores `value` where there is none under `key`. Says whether it did.
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool>;

    /// Stores `value` where the value under `key` is `expected`. Says whether it did.
    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool>;
}
