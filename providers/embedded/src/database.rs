//! A database: runs with their entries, on any backend.

#[cfg(feature = "file")]
use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

#[cfg(feature = "file")]
use crate::Options;
use crate::{Error, Result, RunId, TransactionContext, backend::Backend, place::all_of};

/// An open database. When it is dropped, what is not on disk yet is written.
#[derive(Debug)]
pub struct Database {
    backend: Box<dyn Backend>,
    writing: Arc<Mutex<()>>,
}

impl Database {
    /// A database on a backend of another crate.
    #[must_use]
    pub fn on(backend: impl Backend) -> Self {
        Self {
            backend: Box::new(backend),
            writing: Arc::default(),
        }
    }

    /// The turn of an async caller to write, where there is one writer at a time: they come in
    /// order, hold no thread until then, and one that gives up does not write any more.
    pub(crate) async fn turn(&self) -> Option<OwnedMutexGuard<()>> {
        match self.backend.answers_at_once() {
            true => Some(Arc::clone(&self.writing).lock_owned().await),
            false => None,
        }
    }

    /// Opens the file, or makes it, with the default [`Options`].
    ///
    /// # Errors
    ///
    /// As [`Options::open`].
    #[cfg(feature = "file")]
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Options::default().open(path)
    }

    /// Opens an empty database in memory.
    ///
    /// # Errors
    ///
    /// Where the engine does not start.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// let db = omni_kv_embedded::Database::in_memory()?;
    /// assert!(db.runs()?.is_empty());
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "file")]
    pub fn in_memory() -> Result<Self> {
        Options::default().in_memory()
    }

    /// Begins a run, so that keys can be written in it. Does nothing where it has begun.
    ///
    /// # Errors
    ///
    /// [`Error::KeyTooLong`] for the name, or a failure of the backend.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # let db = omni_kv_embedded::Database::in_memory()?;
    /// use omni_kv_embedded::RunId;
    ///
    /// let run = RunId::new();
    /// db.begin_run(&run)?;
    /// assert_eq!(db.runs()?, [run]);
    /// # Ok(()) }
    /// ```
    pub fn begin_run(&self, run: &RunId) -> Result<()> {
        all_of(run)?;
        self.backend.begin_run(run)
    }

    /// Ends a run: its keys are gone, all at once, and none can be written in it until it is
    /// begun anew.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRun`], or a failure of the backend.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # let db = omni_kv_embedded::Database::in_memory()?;
    /// # let run = omni_kv_embedded::RunId::new();
    /// db.begin_run(&run)?;
    /// db.end_run(&run)?;
    /// assert!(db.runs()?.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn end_run(&self, run: &RunId) -> Result<()> {
        self.backend.end_run(run, &all_of(run)?)
    }

    /// The runs that have begun and not ended, by name.
    ///
    /// # Errors
    ///
    /// A failure of the backend.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # let db = omni_kv_embedded::Database::in_memory()?;
    /// db.begin_run(&"nightly".into())?;
    /// assert_eq!(db.runs()?, ["nightly".into()]);
    /// # Ok(()) }
    /// ```
    pub fn runs(&self) -> Result<Vec<RunId>> {
        let mut runs = self.backend.runs()?;
        runs.sort();
        Ok(runs)
    }

    /// Runs a transaction over all primitives of a run. It happens as a whole, or, where the
    /// closure answers an error or panics, not at all.
    ///
    /// # Errors
    ///
    /// That of the closure; [`Error::Conflict`] where somebody else has changed what the
    /// transaction has read; a failure of the backend.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # let db = omni_kv_embedded::Database::in_memory()?;
    /// # let run = omni_kv_embedded::RunId::new();
    /// # db.begin_run(&run)?;
    /// use omni_kv_embedded::{KvStoreExt, Value};
    ///
    /// let was_there = db.transaction(&run, |txn| {
    ///     txn.kv_put("a", Value::I64(1))?;
    ///     txn.kv_delete("a")
    /// })?;
    /// assert!(was_there);
    /// # Ok(()) }
    /// ```
    pub fn transaction<T>(
        &self,
        run: &RunId,
        body: impl FnOnce(&mut TransactionContext) -> Result<T>,
    ) -> Result<T> {
        let mut context = self.begin(run)?;
        let done = body(&mut context)?;
        context.commit()?;
        Ok(done)
    }

    /// Runs a transaction, and again after a conflict, so many times in all.
    ///
    /// # Errors
    ///
    /// Those of [`transaction`](Self::transaction); [`Error::Conflict`] where the last try
    /// met one.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # let db = omni_kv_embedded::Database::in_memory()?;
    /// # let run = omni_kv_embedded::RunId::new();
    /// # db.begin_run(&run)?;
    /// use omni_kv_embedded::{KvStoreExt, Value};
    ///
    /// let count = db.transaction_with_retries(&run, 10, |txn| {
    ///     let count = match txn.kv_get("count")? {
    ///         Some(Value::I64(count)) => count + 1,
    ///         _ => 1,
    ///     };
    ///     txn.kv_put("count", Value::I64(count))?;
    ///     Ok(count)
    /// })?;
    /// assert_eq!(count, 1);
    /// # Ok(()) }
    /// ```
    pub fn transaction_with_retries<T>(
        &self,
        run: &RunId,
        tries: usize,
        mut body: impl FnMut(&mut TransactionContext) -> Result<T>,
    ) -> Result<T> {
        for _ in 1..tries {
            match self.transaction(run, &mut body) {
                Err(Error::Conflict) => {}
                other => return other,
            }
        }
        self.transaction(run, body)
    }

    /// Begins a transaction that is committed by hand. Dropped before, it has done nothing.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRun`], or a failure of the backend.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # let db = omni_kv_embedded::Database::in_memory()?;
    /// # let run = omni_kv_embedded::RunId::new();
    /// # db.begin_run(&run)?;
    /// use omni_kv_embedded::{KvStoreExt, Value};
    ///
    /// let mut transaction = db.begin(&run)?;
    /// transaction.kv_put("key", Value::Null)?;
    /// transaction.commit()?;
    /// # Ok(()) }
    /// ```
    pub fn begin(&self, run: &RunId) -> Result<TransactionContext> {
        TransactionContext::new(self.backend(), run.clone())
    }

    /// Puts on disk what is not there yet. Of use where writes are
    /// [deferred](crate::Durability::Deferred).
    ///
    /// # Errors
    ///
    /// A failure of the backend.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("my.db");
    /// use omni_kv_embedded::{Durability, Options};
    ///
    /// let db = Options::default().durability(Durability::Deferred).open(path)?;
    /// db.begin_run(&"nightly".into())?;
    /// db.flush()?;
    /// # Ok(()) }
    /// ```
    pub fn flush(&self) -> Result<()> {
        self.backend.flush()
    }

    /// Removes what has expired, and waits until nothing of it is left. That is done in the
    /// background anyway, and no read depends on it. Says how many entries were removed.
    ///
    /// # Errors
    ///
    /// A failure of the backend.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # let db = omni_kv_embedded::Database::in_memory()?;
    /// assert_eq!(db.remove_expired()?, 0);
    /// # Ok(()) }
    /// ```
    pub fn remove_expired(&self) -> Result<usize> {
        self.backend.remove_expired()
    }

    pub(crate) fn backend(&self) -> &dyn Backend {
        self.backend.as_ref()
    }
}
