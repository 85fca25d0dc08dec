//! The key-value primitive.

use std::{sync::Arc, time::Duration};

use crate::{
    Database, KvTransaction, Result, RunId, TypeTag, Value,
    backend::Backend,
    place::{Space, is_empty},
};

/// Keys and values of the runs of a database. It holds nothing but the database: any number
/// of them see the same data.
#[derive(Clone, Debug)]
pub struct KvStore {
    database: Arc<Database>,
}

impl KvStore {
    /// The key-value primitive of a database.
    #[must_use]
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// The value under `key`.
    ///
    /// # Errors
    ///
    /// [`KeyTooLong`](crate::Error::KeyTooLong), or a failure of the backend. In a run that has
    /// not begun there is nothing, and that is no error.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # use omni_kv_embedded::{Database, KvStore, RunId, Value};
    /// # let kv = KvStore::new(Database::in_memory()?.into());
    /// # let run = RunId::new();
    /// # kv.database().begin_run(&run)?;
    /// kv.put(&run, "key", Value::I64(1))?;
    /// assert_eq!(kv.get(&run, "key")?, Some(Value::I64(1)));
    /// assert_eq!(kv.get(&run, "missing")?, None);
    /// # Ok(()) }
    /// ```
    pub fn get(&self, run: &RunId, key: &str) -> Result<Option<Value>> {
        let place = space(run)?.place(key)?;
        let mut value = None;
        self.backend().get(&place, &mut |stored| {
            value = stored.map(Value::decode).transpose()?;
            Ok(())
        })?;
        Ok(value)
    }

    /// Stores a value under `key`. It never expires.
    ///
    /// # Errors
    ///
    /// [`NoSuchRun`](crate::Error::NoSuchRun), [`KeyTooLong`](crate::Error::KeyTooLong),
    /// [`TooLarge`](crate::Error::TooLarge), [`InvalidValue`](crate::Error::InvalidValue), or a
    /// failure of the backend.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # use omni_kv_embedded::{Database, KvStore, RunId, Value};
    /// # let kv = KvStore::new(Database::in_memory()?.into());
    /// # let run = RunId::new();
    /// # kv.database().begin_run(&run)?;
    /// kv.put(&run, "key", "first".into())?;
    /// kv.put(&run, "key", "second".into())?;
    /// assert_eq!(kv.get(&run, "key")?, Some("second".into()));
    /// # Ok(()) }
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "who stores a value gives it away"
    )]
    pub fn put(&self, run: &RunId, key: &str, value: Value) -> Result<()> {
        self.write(run, key, &value, None)
    }

    /// Stores a value under `key` until `ttl` has passed.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put).
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # use std::time::Duration;
    /// # use omni_kv_embedded::{Database, KvStore, RunId, Value};
    /// # let kv = KvStore::new(Database::in_memory()?.into());
    /// # let run = RunId::new();
    /// # kv.database().begin_run(&run)?;
    /// kv.put_with_ttl(&run, "token", "7f3a".into(), Duration::from_secs(3600))?;
    /// assert!(kv.exists(&run, "token")?);
    /// kv.put_with_ttl(&run, "token", "7f3a".into(), Duration::ZERO)?;
    /// assert!(!kv.exists(&run, "token")?);
    /// # Ok(()) }
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "who stores a value gives it away"
    )]
    pub fn put_with_ttl(&self, run: &RunId, key: &str, value: Value, ttl: Duration) -> Result<()> {
        self.write(run, key, &value, Some(ttl))
    }

    /// Removes `key`. Says whether it was there.
    ///
    /// # Errors
    ///
    /// [`NoSuchRun`](crate::Error::NoSuchRun), [`KeyTooLong`](crate::Error::KeyTooLong), or a
    /// failure of the backend.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # use omni_kv_embedded::{Database, KvStore, RunId, Value};
    /// # let kv = KvStore::new(Database::in_memory()?.into());
    /// # let run = RunId::new();
    /// # kv.database().begin_run(&run)?;
    /// kv.put(&run, "key", Value::Null)?;
    /// assert!(kv.delete(&run, "key")?);
    /// assert!(!kv.delete(&run, "key")?);
    /// # Ok(()) }
    /// ```
    pub fn delete(&self, run: &RunId, key: &str) -> Result<bool> {
        let place = space(run)?.place(key)?;
        self.backend().remove(run, &place)
    }

    /// Whether there is a value under `key`.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # use omni_kv_embedded::{Database, KvStore, RunId, Value};
    /// # let kv = KvStore::new(Database::in_memory()?.into());
    /// # let run = RunId::new();
    /// # kv.database().begin_run(&run)?;
    /// kv.put(&run, "key", Value::Null)?;
    /// assert!(kv.exists(&run, "key")?);
    /// # Ok(()) }
    /// ```
    pub fn exists(&self, run: &RunId, key: &str) -> Result<bool> {
        let place = space(run)?.place(key)?;
        let mut is_there = false;
        self.backend().get(&place, &mut |stored| {
            is_there = stored.is_some();
            Ok(())
        })?;
        Ok(is_there)
    }

    /// The keys that begin with `prefix`, or all, in the order of their bytes.
    ///
    /// # Errors
    ///
    /// A failure of the backend.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # use omni_kv_embedded::{Database, KvStore, RunId, Value};
    /// # let kv = KvStore::new(Database::in_memory()?.into());
    /// # let run = RunId::new();
    /// # kv.database().begin_run(&run)?;
    /// for key in ["user:2", "user:1", "task:1"] {
    ///     kv.put(&run, key, Value::Null)?;
    /// }
    /// assert_eq!(kv.list(&run, Some("user:"))?, ["user:1", "user:2"]);
    /// assert_eq!(kv.list(&run, None)?.len(), 3);
    /// # Ok(()) }
    /// ```
    pub fn list(&self, run: &RunId, prefix: Option<&str>) -> Result<Vec<String>> {
        self.keys(run, prefix.unwrap_or_default(), None, usize::MAX)
    }

    /// The keys that begin with `prefix`, or all, each with its value.
    ///
    /// # Errors
    ///
    /// A failure of the backend.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # use omni_kv_embedded::{Database, KvStore, RunId, Value};
    /// # let kv = KvStore::new(Database::in_memory()?.into());
    /// # let run = RunId::new();
    /// # kv.database().begin_run(&run)?;
    /// kv.put(&run, "key", Value::I64(1))?;
    /// let pairs = kv.list_with_values(&run, Some("k"))?;
    /// assert_eq!(pairs, [("key".to_owned(), Value::I64(1))]);
    /// # Ok(()) }
    /// ```
    pub fn list_with_values(
        &self,
        run: &RunId,
        prefix: Option<&str>,
    ) -> Result<Vec<(String, Value)>> {
        let prefix = prefix.unwrap_or_default();
        self.pairs(run, prefix, None, usize::MAX)
    }

    /// Runs a transaction over keys of a run. It happens as a whole, or, where the closure
    /// answers an error or panics, not at all.
    ///
    /// # Errors
    ///
    /// As [`Database::transaction`].
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # use omni_kv_embedded::{Database, KvStore, RunId, Value};
    /// # let kv = KvStore::new(Database::in_memory()?.into());
    /// # let run = RunId::new();
    /// # kv.database().begin_run(&run)?;
    /// kv.transaction(&run, |txn| {
    ///     txn.put("from", Value::I64(5))?;
    ///     txn.put("to", Value::I64(15))
    /// })?;
    /// assert_eq!(kv.list(&run, None)?, ["from", "to"]);
    /// # Ok(()) }
    /// ```
    pub fn transaction<T>(
        &self,
        run: &RunId,
        body: impl FnOnce(&mut KvTransaction<'_>) -> Result<T>,
    ) -> Result<T> {
        self.database
            .transaction(run, |context| body(&mut KvTransaction { context }))
    }

    /// Runs a transaction, and again after a conflict, so many times in all.
    ///
    /// # Errors
    ///
    /// As [`Database::transaction_with_retries`].
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # use omni_kv_embedded::{Database, KvStore, RunId, Value};
    /// # let kv = KvStore::new(Database::in_memory()?.into());
    /// # let run = RunId::new();
    /// # kv.database().begin_run(&run)?;
    /// kv.transaction_with_retries(&run, 10, |txn| {
    ///     let is_taken = txn.exists("name")?;
    ///     if !is_taken {
    ///         txn.put("name", "mine".into())?;
    ///     }
    ///     Ok(!is_taken)
    /// })?;
    /// # Ok(()) }
    /// ```
    pub fn transaction_with_retries<T>(
        &self,
        run: &RunId,
        tries: usize,
        mut body: impl FnMut(&mut KvTransaction<'_>) -> Result<T>,
    ) -> Result<T> {
        self.database
            .transaction_with_retries(run, tries, |context| body(&mut KvTransaction { context }))
    }

    /// The first keys, `limit` at the most, that begin with `prefix` and come after `after`.
    pub(crate) fn keys(
        &self,
        run: &RunId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>> {
        let space = space(run)?;
        let mut keys = Vec::new();
        let range = space.range(prefix, after);
        if is_empty(&range) {
            return Ok(keys);
        }
        self.backend().list(&range, &mut |place| {
            keys.push(space.key(place)?.to_owned());
            Ok(keys.len() < limit)
        })?;
        Ok(keys)
    }

    /// The same keys with their values.
    pub(crate) fn pairs(
        &self,
        run: &RunId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Value)>> {
        let space = space(run)?;
        let mut pairs = Vec::new();
        let range = space.range(prefix, after);
        if is_empty(&range) {
            return Ok(pairs);
        }
        self.backend().scan(&range, &mut |place, value| {
            pairs.push((space.key(place)?.to_owned(), Value::decode(value)?));
            Ok(pairs.len() < limit)
        })?;
        Ok(pairs)
    }

    pub(crate) fn write(
        &self,
        run: &RunId,
        key: &str,
        value: &Value,
        ttl: Option<Duration>,
    ) -> Result<()> {
        let place = space(run)?.place(key)?;
        let value = self.encode(value)?;
        self.backend().put(run, &place, &value, ttl)
    }

    /// Writes where the value that is there, or its absence, is as it should be.
    pub(crate) fn write_if(
        &self,
        run: &RunId,
        key: &str,
        is_as_expected: impl Fn(Option<Value>) -> bool,
        value: &Value,
    ) -> Result<bool> {
        let place = space(run)?.place(key)?;
        let value = self.encode(value)?;
        let mut is_wanted =
            |stored: Option<&[u8]>| Ok(is_as_expected(stored.map(Value::decode).transpose()?));
        self.backend().put_if(run, &place, &mut is_wanted, &value)
    }

    fn encode(&self, value: &Value) -> Result<Vec<u8>> {
        value.encode_within(self.backend().largest_value())
    }

    fn backend(&self) -> &dyn Backend {
        self.database.backend()
    }
}

fn space(run: &RunId) -> Result<Space> {
    Space::new(run, TypeTag::KV)
}
