//! The key-value primitive in a transaction.

use std::time::Duration;

use crate::{Result, TransactionContext, TypeTag, Value};

/// A transaction over the keys of a run.
///
/// ```
/// # fn main() -> omni_kv_embedded::Result<()> {
/// # use std::time::Duration;
/// # use omni_kv_embedded::{Database, KvStore, RunId, Value};
/// # let kv = KvStore::new(Database::in_memory()?.into());
/// # let run = RunId::new();
/// # kv.database().begin_run(&run)?;
/// kv.put(&run, "user:1", "Ada".into())?;
/// kv.transaction(&run, |txn| {
///     txn.put("user:2", "Grace".into())?;
///     txn.put_with_ttl("token", Value::I64(7), Duration::from_secs(60))?;
///     assert_eq!(txn.get("user:2")?, Some("Grace".into()));
///     assert!(txn.delete("user:1")?);
///     assert!(!txn.exists("user:1")?);
///     assert_eq!(txn.list(Some("user:"))?, ["user:2"]);
///     Ok(())
/// })?;
/// assert_eq!(kv.list(&run, None)?, ["token", "user:2"]);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct KvTransaction<'t> {
    pub(crate) context: &'t mut TransactionContext,
}

impl KvTransaction<'_> {
    /// The value under `key`, as the transaction sees it.
    ///
    /// # Errors
    ///
    /// [`KeyTooLong`](crate::Error::KeyTooLong), or a failure of the backend.
    pub fn get(&mut self, key: &str) -> Result<Option<Value>> {
        self.context.kv_get(key)
    }

    /// Whether there is a value under `key`.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn exists(&mut self, key: &str) -> Result<bool> {
        Ok(self.get(key)?.is_some())
    }

    /// Stores a value under `key`.
    ///
    /// # Errors
    ///
    /// [`KeyTooLong`](crate::Error::KeyTooLong), [`TooLarge`](crate::Error::TooLarge) or
    /// [`InvalidValue`](crate::Error::InvalidValue).
    pub fn put(&mut self, key: &str, value: Value) -> Result<()> {
        self.context.kv_put(key, value)
    }

    /// Stores a value under `key` until `ttl` has passed, from the commit on.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put).
    #[expect(
        clippy::needless_pass_by_value,
        reason = "who stores a value gives it away"
    )]
    pub fn put_with_ttl(&mut self, key: &str, value: Value, ttl: Duration) -> Result<()> {
        self.context.put(TypeTag::KV, key, &value, Some(ttl))
    }

    /// Removes `key`. Says whether it was there.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn delete(&mut self, key: &str) -> Result<bool> {
        self.context.kv_delete(key)
    }

    /// The keys that begin with `prefix`, or all, as the transaction sees them.
    ///
    /// # Errors
    ///
    /// A failure of the backend.
    pub fn list(&mut self, prefix: Option<&str>) -> Result<Vec<String>> {
        let prefix = prefix.unwrap_or_default();
        self.context.list(TypeTag::KV, prefix, None, usize::MAX)
    }
}

/// The key-value primitive in a transaction that spans others.
///
/// ```
/// # fn main() -> omni_kv_embedded::Result<()> {
/// # use omni_kv_embedded::{Database, RunId};
/// # let db = Database::in_memory()?;
/// # let run = RunId::new();
/// # db.begin_run(&run)?;
/// use omni_kv_embedded::{KvStoreExt, TypeTag, Value};
///
/// /// Another primitive, with entries of its own.
/// const EVENTS: TypeTag = TypeTag(2);
///
/// db.transaction(&run, |txn| {
///     txn.kv_put("state", "started".into())?;
///     assert_eq!(txn.kv_get("state")?, Some("started".into()));
///     txn.put(EVENTS, "0001", &Value::String("start".into()), None)?;
///     txn.kv_delete("state")
/// })?;
/// # Ok(()) }
/// ```
pub trait KvStoreExt {
    /// The value under `key`, as the transaction sees it.
    ///
    /// # Errors
    ///
    /// [`KeyTooLong`](crate::Error::KeyTooLong), or a failure of the backend.
    fn kv_get(&mut self, key: &str) -> Result<Option<Value>>;

    /// Stores a value under `key`.
    ///
    /// # Errors
    ///
    /// [`KeyTooLong`](crate::Error::KeyTooLong), [`TooLarge`](crate::Error::TooLarge) or
    /// [`InvalidValue`](crate::Error::InvalidValue).
    fn kv_put(&mut self, key: &str, value: Value) -> Result<()>;

    /// Removes `key`. Says whether it was there.
    ///
    /// # Errors
    ///
    /// As [`kv_get`](Self::kv_get).
    fn kv_delete(&mut self, key: &str) -> Result<bool>;
}

impl KvStoreExt for TransactionContext {
    fn kv_get(&mut self, key: &str) -> Result<Option<Value>> {
        self.get(TypeTag::KV, key)
    }

    fn kv_put(&mut self, key: &str, value: Value) -> Result<()> {
        self.put(TypeTag::KV, key, &value, None)
    }

    fn kv_delete(&mut self, key: &str) -> Result<bool> {
        self.delete(TypeTag::KV, key)
    }
}
