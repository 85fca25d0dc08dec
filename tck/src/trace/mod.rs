//! The steps that a check took, in order.

mod step;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

#[cfg(test)]
pub(crate) use self::step::About;
#[cfg(feature = "http")]
pub(crate) use self::step::Exchange;
pub use self::step::Step;
pub(crate) use self::step::{Arguments, Operation};
use self::step::{Entry, What};
use crate::shown::Record;

/// The steps so far, shared by the recorder, which writes them, and the runner, which
/// looks at them when a call hangs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    entries: Vec<Entry>,
    events: usize,
    last_ended: HashMap<ThreadId, usize>,
    pending_setups: usize,
    rest: Duration,
    panicked: Option<Place>,
}

/// Where something happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    Factory,
    Step(usize),
}

/// How far a check has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Progress {
    events: usize,
    /// How long the kit itself waits.
    pub(crate) rest: Duration,
}

impl Trace {
    pub(crate) fn begin(&self, operation: Operation) -> Call {
        self.begin_step(What::Call(operation))
    }

    #[cfg(feature = "http")]
    pub(crate) fn begin_exchange(&self, exchange: Exchange) -> Call {
        self.begin_step(What::Exchange(exchange))
    }

    fn begin_step(&self, what: What) -> Call {
        let mut inner = self.lock();
        inner.entries.push(Entry {
            what,
            answer: None,
            took: None,
        });
        inner.events += 1;
        self.call(Place::Step(inner.entries.len() - 1))
    }

    /// A call to the factory: watched like any other, yet no step of the check.
    pub(crate) fn begin_setup(&self) -> Call {
        let mut inner = self.lock();
        inner.pending_setups += 1;
        inner.events += 1;
        self.call(Place::Factory)
    }

    /// Notes that the kit lets time pass, and waits for it as long as `real` says, until the
    /// answer is dropped.
    pub(crate) fn rest(&self, duration: Duration, real: Duration) -> Rest {
        let mut inner = self.lock();
        inner.entries.push(Entry::told(What::Rest(duration)));
        inner.rest = real;
        Rest {
            trace: self.clone(),
        }
    }

    /// Notes what a reader of the story has to know.
    pub(crate) fn note(&self, note: String) {
        self.lock().entries.push(Entry::told(What::Note(note)));
    }

    pub(crate) fn progress(&self) -> Progress {
        let inner = self.lock();
        Progress {
            events: inner.events,
            rest: inner.rest,
        }
    }

    /// Who owes an answer.
    pub(crate) fn pending(&self) -> Option<Place> {
        let inner = self.lock();
        if inner.pending_setups > 0 {
            return Some(Place::Factory);
        }
        inner
            .entries
            .iter()
            .position(|step| step.took.is_none())
            .map(Place::Step)
    }

    /// Who panicked, if it was not the kit.
    pub(crate) fn panicked(&self) -> Option<Place> {
        self.lock().panicked
    }

    /// The step of this thread that ended last.
    pub(crate) fn last_ended(&self) -> Option<usize> {
        let caller = thread::current().id();
        self.lock().last_ended.get(&caller).copied()
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        self.lock().entries.iter().map(Step::from).collect()
    }

    fn call(&self, place: Place) -> Call {
        Call {
            trace: self.clone(),
            place,
            began: Instant::now(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is under way. Where it is dropped before its end, its step has no answer.
#[derive(Debug)]
pub(crate) struct Call {
    trace: Trace,
    place: Place,
    began: Instant,
}

impl Call {
    /// The step that it is.
    #[cfg(feature = "http")]
    pub(crate) fn step(&self) -> Option<usize> {
        match self.place {
            Place::Factory => None,
            Place::Step(step) => Some(step),
        }
    }

    pub(crate) fn end(self, answer: Record) {
        let mut inner = self.trace.lock();
        if let Some(entry) = inner.entry(self.place) {
            entry.answer = Some(answer);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let took = self.began.elapsed();
        let mut inner = self.trace.lock();
        inner.events += 1;
        if thread::panicking() {
            // Whatever else is under way ends after it.
            inner.panicked.get_or_insert(self.place);
        }
        if let Some(entry) = inner.entry(self.place) {
            entry.took = Some(took);
        }
        match self.place {
            Place::Factory => inner.pending_setups -= 1,
            Place::Step(step) => {
                inner.last_ended.insert(thread::current().id(), step);
            }
        }
    }
}

impl Inner {
    fn entry(&mut self, place: Place) -> Option<&mut Entry> {
        match place {
            Place::Factory => None,
            Place::Step(step) => self.entries.get_mut(step),
        }
    }
}

/// The kit lets time pass.
#[derive(Debug)]
pub(crate) struct Rest {
    trace: Trace,
}

impl Drop for Rest {
    fn drop(&mut self) {
        let mut inner = self.trace.lock();
        inner.rest = Duration::ZERO;
        inner.events += 1;
    }
}
