//! What a file, its transactions and its thread share.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use tck_api::Clock;

use super::{
    engine::Engine,
    removal::Removal,
    snapshot::Snapshot,
    time::{Moment, Timepiece},
    writer::Writer,
};
use crate::{Error, Result, RunId, backend::Range};

/// What a file and its transactions share.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) engine: Engine,
    pub(super) time: Timepiece,
    /// The runs that have begun, each with its number: one that is begun anew is another.
    runs: RwLock<HashMap<RunId, u64>>,
    begun: AtomicU64,
    /// Held by the one who begins a run or ends one, until it is on disk.
    changing: Mutex<()>,
    pub(super) removal: Removal,
}

impl Core {
    pub(super) fn new(engine: Engine, clock: Arc<dyn Clock>) -> Result<Self> {
        let runs = engine.runs()?.into_iter().map(RunId::from);
        let runs: HashMap<_, _> = runs.zip(0..).collect();
        Ok(Self {
            begun: AtomicU64::new(runs.len() as u64),
            runs: RwLock::new(runs),
            changing: Mutex::default(),
            removal: Removal::default(),
            time: Timepiece::new(clock),
            engine,
        })
    }

    /// Writes in a run that has begun.
    pub(super) fn write<T>(
        &self,
        run: &RunId,
        body: impl FnOnce(&mut Writer<'_>) -> Result<T>,
    ) -> Result<T> {
        self.engine.write(|writer| {
            self.check_begun(run)?;
            let done = body(writer)?;
            self.removal.go_along(writer, &self.time)?;
            Ok(done)
        })
    }

    /// Everything as it is now, and which moment that is.
    pub(super) fn present(&self) -> Result<(Snapshot, Moment)> {
        loop {
            let before = self.time.now();
            let (snapshot, next) = self.engine.snapshot_after(before)?;
            let now = self.time.now();
            // What has ended meanwhile may be there beside what came of its end.
            if now == before || next.is_none_or(|next| now < next) {
                return Ok((snapshot, now));
            }
        }
    }

    /// The number of a run that has begun.
    pub(super) fn number_of(&self, run: &RunId) -> Result<u64> {
        let number = self.lock_runs_to_read().get(run).copied();
        number.ok_or_else(|| Error::no_such_run(run))
    }

    fn check_begun(&self, run: &RunId) -> Result<()> {
        self.number_of(run).map(drop)
    }

    pub(super) fn begin_run(&self, run: &RunId) -> Result<()> {
        if self.check_begun(run).is_ok() {
            return Ok(());
        }
        let _alone = self.lock_changes();
        // Somebody else may have been first.
        if self.check_begun(run).is_err() {
            self.engine.write(|writer| writer.add_run(run.as_str()))?;
            let number = self.begun.fetch_add(1, Ordering::Relaxed);
            self.lock_runs().insert(run.clone(), number);
        }
        Ok(())
    }

    pub(super) fn end_run(&self, run: &RunId, places: &Range) -> Result<()> {
        let _alone = self.lock_changes();
        let number = self.number_of(run)?;
        let ended = self.write(run, |writer| {
            writer.clear(places)?;
            writer.remove_run(run.as_str())?;
            // Still the only writer: nobody writes in it from now on.
            self.lock_runs().remove(run);
            Ok(())
        });
        if ended.is_err() {
            self.lock_runs().insert(run.clone(), number);
        }
        ended
    }

    pub(super) fn flush(&self) -> Result<()> {
        self.engine.flush()
    }

    /// Removes what has expired. Says how many entries went.
    pub(super) fn remove_expired(&self, goes_on: impl Fn() -> bool) -> Result<usize> {
        self.removal.finish(&self.engine, &self.time, goes_on)
    }

    pub(super) fn lock_runs_to_read(&self) -> RwLockReadGuard<'_, HashMap<RunId, u64>> {
        self.runs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_changes(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_runs(&self) -> RwLockWriteGuard<'_, HashMap<RunId, u64>> {
        self.runs.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        // There is nobody left to tell. Who needs to know calls `flush`.
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        fmt,
        ops::Bound,
        time::{Duration, Instant},
    };

    use super::*;
    use crate::file::engine::Durability;

    /// What happens while somebody looks at the clock: before the look, and after it.
    type Look = [Option<Box<dyn FnOnce() + Send>>; 2];

    /// A clock that things happen around.
    struct Busy {
        start: Instant,
        passed: Mutex<Duration>,
        looks: Mutex<VecDeque<Look>>,
    }

    impl fmt::Debug for Busy {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Busy")
        }
    }

    impl Clock for Busy {
        fn now(&self) -> Instant {
            let look = self.looks.lock().unwrap().pop_front();
            let [before, after] = look.unwrap_or_default();
            before.into_iter().for_each(|happens| happens());
            let now = self.start + *self.passed.lock().unwrap();
            after.into_iter().for_each(|happens| happens());
            now
        }
    }

    const TTL: Duration = Duration::from_secs(60);

    /// What is there of an entry that expires, where this happens during those looks at the
    /// clock that come with reading it.
    fn seen(looks: impl FnOnce(Arc<dyn Fn(&str) + Send + Sync>) -> Vec<Look>) -> Vec<String> {
        let clock = Arc::new(Busy {
            start: Instant::now(),
            passed: Mutex::default(),
            looks: Mutex::default(),
        });
        let engine = Engine::in_memory(Durability::Deferred).unwrap();
        let core = Arc::new(Core::new(engine, Arc::<Busy>::clone(&clock)).unwrap());
        let run = RunId::from("run");
        core.begin_run(&run).unwrap();
        let put = |core: &Core, name: &str, deadline| {
            let write = |writer: &mut Writer<'_>| writer.put(name.as_bytes(), deadline, b"");
            core.write(&RunId::from("run"), write).unwrap();
        };
        put(&core, "entry", core.time.deadline(TTL));
        let (busy, writing) = (Arc::clone(&clock), Arc::clone(&core));
        let happens = Arc::new(move |name: &str| {
            put(&writing, name, None);
            *busy.passed.lock().unwrap() = TTL;
        });
        *clock.looks.lock().unwrap() = looks(happens).into();
        let (snapshot, now) = core.present().unwrap();
        let mut names = Vec::new();
        let all = (Bound::Unbounded, Bound::Unbounded);
        let see = |place: &[u8], _, _: &[u8]| {
            names.push(String::from_utf8_lossy(place).into_owned());
            Ok(true)
        };
        snapshot.scan(&all, now, see).unwrap();
        names
    }

    #[test]
    fn what_came_after_an_end_is_not_beside_it() {
        let names = seen(|happens| vec![[None, Some(Box::new(move || happens("later")))]]);
        assert_eq!(names, ["later"]);
    }

    #[test]
    fn what_is_renewed_in_time_is_not_missing() {
        let renewed = |happens: Arc<dyn Fn(&str) + Send + Sync>| -> Look {
            [Some(Box::new(move || happens("entry"))), None]
        };
        let names = seen(|happens| vec![[None, None], renewed(happens)]);
        assert_eq!(names, ["entry"]);
    }
}
