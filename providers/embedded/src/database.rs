//! A database: a file, or a place in memory, with its runs.

use std::{
    collections::HashSet,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    thread,
    time::{Duration, Instant},
};

use tck_api::{Clock, SystemClock};

use crate::{
    Durability, Error, Result, RunId, TransactionContext,
    engine::{Engine, Writer},
    place::all_of,
    sweeper::Sweeper,
    time::Timepiece,
};

/// How a database is opened.
///
/// ```
/// # fn main() -> omni_kv_embedded::Result<()> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("my.db");
/// use omni_kv_embedded::{Durability, Options};
///
/// let db = Options::default().durability(Durability::Deferred).open(&path)?;
/// db.begin_run(&"nightly".into())?;
/// db.flush()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    durability: Durability,
    clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

impl Options {
    /// When writes are on disk.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// The clock that entries expire by.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`], [`Error::Foreign`], [`Error::Newer`], [`Error::Damaged`],
    /// [`Error::Full`] or [`Error::Io`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Database> {
        let engine = Engine::open(path.as_ref(), self.durability)?;
        Database::start(engine, self.clock)
    }

    /// Opens an empty database in memory.
    ///
    /// # Errors
    ///
    /// Where the engine does not start.
    pub fn in_memory(self) -> Result<Database> {
        let engine = Engine::in_memory(self.durability)?;
        Database::start(engine, self.clock)
    }
}

/// An open database. When it is dropped, what is not on disk yet is written.
#[derive(Debug)]
pub struct Database {
    core: Arc<Core>,
    _sweeper: Sweeper,
}

impl Database {
    /// Opens the file, or makes it, with the default [`Options`].
    ///
    /// # Errors
    ///
    /// As [`Options::open`].
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
    /// assert!(db.runs().is_empty());
    /// # Ok(()) }
    /// ```
    pub fn in_memory() -> Result<Self> {
        Options::default().in_memory()
    }

    pub(crate) fn start(engine: Engine, clock: Arc<dyn Clock>) -> Result<Self> {
        let runs = engine.runs()?.into_iter().map(RunId::from);
        let core = Arc::new(Core {
            runs: RwLock::new(runs.collect()),
            removing: Mutex::default(),
            time: Timepiece::new(clock),
            engine,
        });
        Ok(Self {
            _sweeper: Sweeper::start(&core)?,
            core,
        })
    }

    /// Begins a run, so that keys can be written in it. Does nothing where it has begun.
    ///
    /// # Errors
    ///
    /// [`Error::KeyTooLong`] for the name, or a failure of the file.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # let db = omni_kv_embedded::Database::in_memory()?;
    /// use omni_kv_embedded::RunId;
    ///
    /// let run = RunId::new();
    /// db.begin_run(&run)?;
    /// assert_eq!(db.runs(), [run]);
    /// # Ok(()) }
    /// ```
    pub fn begin_run(&self, run: &RunId) -> Result<()> {
        self.core.begin_run(run)
    }

    /// Ends a run: its keys are gone, all at once, and none can be written in it until it is
    /// begun anew.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRun`], or a failure of the file.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # let db = omni_kv_embedded::Database::in_memory()?;
    /// # let run = omni_kv_embedded::RunId::new();
    /// db.begin_run(&run)?;
    /// db.end_run(&run)?;
    /// assert!(db.runs().is_empty());
    /// # Ok(()) }
    /// ```
    pub fn end_run(&self, run: &RunId) -> Result<()> {
        self.core.end_run(run)
    }

    /// The runs that have begun and not ended, by name.
    #[must_use]
    pub fn runs(&self) -> Vec<RunId> {
        let mut runs: Vec<_> = self.core.lock_runs_to_read().iter().cloned().collect();
        runs.sort();
        runs
    }

    /// Runs a transaction over all primitives of a run. It happens as a whole, or, where the
    /// closure answers an error or panics, not at all.
    ///
    /// # Errors
    ///
    /// That of the closure; [`Error::Conflict`] where somebody else has changed what the
    /// transaction has read; a failure of the file.
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
    /// [`Error::NoSuchRun`], or a failure of the file.
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
        TransactionContext::new(Arc::clone(&self.core), run.clone())
    }

    /// Puts on disk what is not there yet. Of use with [`Durability::Deferred`].
    ///
    /// # Errors
    ///
    /// A failure of the file.
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
        self.core.flush()
    }

    /// Removes what has expired, in small steps. It is done in the background anyway, and no
    /// read depends on it. Says how many entries were removed.
    ///
    /// # Errors
    ///
    /// A failure of the file.
    ///
    /// ```
    /// # fn main() -> omni_kv_embedded::Result<()> {
    /// # let db = omni_kv_embedded::Database::in_memory()?;
    /// assert_eq!(db.remove_expired()?, 0);
    /// # Ok(()) }
    /// ```
    pub fn remove_expired(&self) -> Result<usize> {
        self.core.remove_expired(|| true)
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }
}

/// What a database and its transactions share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) engine: Engine,
    pub(crate) time: Timepiece,
    /// The runs that have begun. Changed only while writing.
    runs: RwLock<HashSet<RunId>>,
    /// Held by the one who removes what has expired.
    removing: Mutex<()>,
}

/// How many entries are removed before the clock is looked at.
const FEW: usize = 16;

/// How long a step of removing may hold up other writers.
const STEP: Duration = Duration::from_micros(200);
/// Each such step is on disk when it is done, and with it those before.
const STEPS_ON_DISK: usize = 8;

impl Core {
    /// Writes in a run that has begun.
    pub(crate) fn write<T>(
        &self,
        run: &RunId,
        body: impl FnOnce(&mut Writer<'_>) -> Result<T>,
    ) -> Result<T> {
        self.engine.write(|writer| {
            self.check_begun(run)?;
            body(writer)
        })
    }

    pub(crate) fn check_begun(&self, run: &RunId) -> Result<()> {
        if self.lock_runs_to_read().contains(run) {
            return Ok(());
        }
        Err(Error::NoSuchRun {
            run: run.to_string(),
        })
    }

    pub(crate) fn begin_run(&self, run: &RunId) -> Result<()> {
        if self.check_begun(run).is_ok() {
            return Ok(());
        }
        all_of(run)?;
        self.engine.write(|writer| writer.add_run(run.as_str()))?;
        self.lock_runs().insert(run.clone());
        Ok(())
    }

    fn end_run(&self, run: &RunId) -> Result<()> {
        let range = all_of(run)?;
        let ended = self.write(run, |writer| {
            writer.clear(&range)?;
            writer.remove_run(run.as_str())?;
            // Still the only writer: nobody writes in it from now on.
            self.lock_runs().remove(run);
            Ok(())
        });
        if !matches!(ended, Ok(()) | Err(Error::NoSuchRun { .. })) {
            self.lock_runs().insert(run.clone());
        }
        ended
    }

    pub(crate) fn flush(&self) -> Result<()> {
        self.engine.write_with(Durability::Immediate, |_| Ok(()))
    }

    /// Removes what has expired in steps, between which others may write.
    pub(crate) fn remove_expired(&self, goes_on: impl Fn() -> bool) -> Result<usize> {
        let _alone = self.removing.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut total, mut steps) = (0, 1_usize);
        while goes_on() {
            let now = self.time.now();
            let first = self.engine.first_deadline()?;
            if first.is_none_or(|first| now < first) {
                break;
            }
            // Nobody misses them, so not each step has to be on disk. But what is put off burdens
            // the next write that is not.
            let durability = if steps.is_multiple_of(STEPS_ON_DISK) {
                self.engine.durability()
            } else {
                Durability::Deferred
            };
            steps += 1;
            total += self.engine.write_with(durability, |writer| {
                // From here on it is the only writer.
                let began = Instant::now();
                let mut removed = 0;
                while began.elapsed() < STEP {
                    let few = writer.remove_expired(FEW, now)?;
                    removed += few;
                    if few < FEW {
                        break;
                    }
                }
                Ok(removed)
            })?;
            thread::sleep(STEP);
        }
        Ok(total)
    }

    fn lock_runs_to_read(&self) -> RwLockReadGuard<'_, HashSet<RunId>> {
        self.runs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_runs(&self) -> RwLockWriteGuard<'_, HashSet<RunId>> {
        self.runs.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        // There is nobody left to tell. Who needs to know calls `flush`.
        let _ = self.flush();
    }
}
