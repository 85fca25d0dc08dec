//! How what has expired goes: with what is written anyway, and where nobody writes, by itself.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    engine::{Durability, Engine},
    time::Timepiece,
    writer::Writer,
};
use crate::Result;

/// How many entries go with each that is written: more than one, so that they come to an end.
const ALONG: usize = 4;

/// How long a step of its own may hold up others, and how long it waits for them before it.
const STEP: Duration = Duration::from_micros(200);
/// How many entries go between two looks at the clock.
const FEW: usize = 16;
/// Each such step is on disk when it is done, and with it those before.
const STEPS_ON_DISK: usize = 8;

/// How long it waits where others write. If fewer than `FEW` went with them, it takes a step.
const PATIENCE: Duration = Duration::from_millis(10);

#[derive(Debug, Default)]
pub(super) struct Removal {
    /// Held by the one who sees to it.
    alone: Mutex<()>,
    /// Whether a write is to take some along.
    is_due: AtomicBool,
    /// How many entries are gone.
    gone: AtomicUsize,
}

impl Removal {
    /// Takes some along with a write.
    pub(super) fn go_along(&self, writer: &mut Writer<'_>, time: &Timepiece) -> Result<()> {
        // If it fails, so does the write: the next one goes without.
        if self.is_due.swap(false, Ordering::Relaxed) {
            let most = ALONG * writer.written();
            let gone = self.take(most, writer, time)?;
            self.is_due.store(gone == most, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Sees to it until nothing that has expired is there. Says how many entries went.
    pub(super) fn finish(
        &self,
        engine: &Engine,
        time: &Timepiece,
        goes_on: impl Fn() -> bool,
    ) -> Result<usize> {
        let _alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.gone();
        let (mut steps, mut pause) = (0_usize, STEP);
        while goes_on() {
            let first = engine.first_deadline()?;
            if first.is_none_or(|first| time.now() < first) {
                break;
            }
            let seen = self.gone();
            self.is_due.store(true, Ordering::Relaxed);
            thread::sleep(pause);
            let went = self.gone() - seen;
            pause = if went > 0 { PATIENCE } else { STEP };
            if went < FEW {
                steps += 1;
                self.step(engine, time, steps.is_multiple_of(STEPS_ON_DISK))?;
            }
        }
        Ok(self.gone() - before)
    }

    fn step(&self, engine: &Engine, time: &Timepiece, is_on_disk: bool) -> Result<()> {
        // Nobody misses them, so not each step has to be on disk. But what is put off burdens
        // the next write that is not.
        let durability = match is_on_disk {
            true => engine.durability(),
            false => Durability::Deferred,
        };
        engine.write_with(durability, |writer| {
            // From here on it is the only writer.
            let began = Instant::now();
            while began.elapsed() < STEP && self.take(FEW, writer, time)? == FEW {}
            Ok(())
        })
    }

    fn take(&self, most: usize, writer: &mut Writer<'_>, time: &Timepiece) -> Result<usize> {
        let gone = writer.remove_expired(most, time.now())?;
        self.gone.fetch_add(gone, Ordering::Relaxed);
        Ok(gone)
    }

    fn gone(&self) -> usize {
        self.gone.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tck_api::{Clock, ManualClock};

    use super::*;
    use crate::{Error, RunId, file::core::Core};

    const SECOND: Duration = Duration::from_secs(1);

    /// A run with so many entries that have expired, and the next write is to take some along.
    fn expired(count: usize) -> (Core, RunId) {
        let clock = Arc::new(ManualClock::new());
        let engine = Engine::in_memory(Durability::Deferred).unwrap();
        let core = Core::new(engine, Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
        let run = RunId::from("run");
        core.begin_run(&run).unwrap();
        let deadline = core.time.deadline(SECOND);
        for number in 0..count {
            let place = number.to_be_bytes();
            core.write(&run, |writer| writer.put(&place, deadline, b""))
                .unwrap();
        }
        clock.advance(SECOND);
        core.removal.is_due.store(true, Ordering::Relaxed);
        (core, run)
    }

    fn write(core: &Core, run: &RunId) -> Result<()> {
        core.write(run, |writer| writer.put(b"plain", None, b""))
    }

    #[test]
    fn writes_take_along_what_has_expired() {
        let (core, run) = expired(3 * ALONG + 1);
        write(&core, &run).unwrap();
        assert_eq!(core.removal.gone(), ALONG);
        core.write(&run, |writer| {
            writer.put(b"one", None, b"")?;
            writer.put(b"two", None, b"")
        })
        .unwrap();
        assert_eq!(core.removal.gone(), 3 * ALONG);
        write(&core, &run).unwrap();
        assert_eq!(core.removal.gone(), 3 * ALONG + 1);
        assert_eq!(core.engine.first_deadline().unwrap(), None);
        assert!(!core.removal.is_due.load(Ordering::Relaxed));
    }

    #[test]
    fn what_changes_nothing_takes_nothing_along() {
        let (core, run) = expired(1);
        let now = core.time.now();
        assert!(
            !core
                .write(&run, |writer| writer.remove(b"no", now))
                .unwrap()
        );
        assert_eq!(core.removal.gone(), 0);
    }

    #[test]
    fn all_goes_by_itself_where_nobody_writes() {
        let (core, _) = expired(10 * FEW + 1);
        assert_eq!(core.remove_expired(|| true).unwrap(), 10 * FEW + 1);
        assert_eq!(core.remove_expired(|| true).unwrap(), 0);
    }

    #[test]
    fn a_damaged_deadline_fails_one_write_and_no_other() {
        let (core, run) = expired(1);
        let damage = |writer: &mut Writer<'_>| {
            writer.deadlines()?.insert(b"short".as_slice(), ())?;
            writer.put(b"plain", None, b"")
        };
        core.engine.write(damage).unwrap();
        let failed = write(&core, &run).unwrap_err();
        assert!(matches!(failed, Error::Damaged { .. }), "{failed}");
        write(&core, &run).unwrap();
    }
}
