//! The steps that a check took, in order.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// One step of a check: a call to the provider, or a wait.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// The call and its arguments, or the wait.
    pub call: String,
    /// What came back, if anything did.
    pub answer: Option<String>,
    /// How long it took, in time on the wall; none while it is under way.
    pub took: Option<Duration>,
    pub(crate) about: About,
}

/// What a call is about, to find the calls that belong to one story.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct About {
    /// The key, whole.
    pub(crate) key: Option<String>,
    /// The value that was written, as an answer would show it.
    pub(crate) written: Option<String>,
}

/// The steps so far, shared by the recorder, which writes them, and the runner, which
/// looks at them when a call hangs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    steps: Vec<Step>,
    events: usize,
    last_ended: Option<usize>,
    setup_is_pending: bool,
    resting: bool,
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
    /// Whether the kit itself lets time pass.
    pub(crate) resting: bool,
}

impl Trace {
    pub(crate) fn begin(&self, call: String, about: About) -> Call {
        let mut inner = self.lock();
        inner.steps.push(Step {
            call,
            answer: None,
            took: None,
            about,
        });
        inner.events += 1;
        self.call(Place::Step(inner.steps.len() - 1))
    }

    /// A call to the factory: watched like any other, yet no step of the check.
    pub(crate) fn begin_setup(&self) -> Call {
        let mut inner = self.lock();
        inner.setup_is_pending = true;
        inner.events += 1;
        self.call(Place::Factory)
    }

    /// Notes that the kit lets time pass, until the answer is dropped.
    pub(crate) fn rest(&self, duration: Duration) -> Rest {
        let mut inner = self.lock();
        let call = format!("{duration:?} pass");
        let took = Some(Duration::ZERO);
        inner.steps.push(Step {
            call,
            answer: None,
            took,
            about: About::default(),
        });
        inner.resting = true;
        Rest {
            trace: self.clone(),
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        let inner = self.lock();
        Progress {
            events: inner.events,
            resting: inner.resting,
        }
    }

    /// Who owes an answer.
    pub(crate) fn pending(&self) -> Option<Place> {
        let inner = self.lock();
        if inner.setup_is_pending {
            return Some(Place::Factory);
        }
        inner
            .steps
            .iter()
            .position(|step| step.took.is_none())
            .map(Place::Step)
    }

    /// Who panicked, if it was not the kit.
    pub(crate) fn panicked(&self) -> Option<Place> {
        self.lock().panicked
    }

    /// The step that ended last.
    pub(crate) fn last_ended(&self) -> Option<usize> {
        self.lock().last_ended
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        self.lock().steps.clone()
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
    pub(crate) fn end(self, answer: String) {
        let mut inner = self.trace.lock();
        if let Some(step) = inner.step(self.place) {
            step.answer = Some(answer);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let took = self.began.elapsed();
        let mut inner = self.trace.lock();
        inner.events += 1;
        if thread::panicking() {
            inner.panicked = Some(self.place);
        }
        if let Some(step) = inner.step(self.place) {
            step.took = Some(took);
        }
        match self.place {
            Place::Factory => inner.setup_is_pending = false,
            Place::Step(step) => inner.last_ended = Some(step),
        }
    }
}

impl Inner {
    fn step(&mut self, place: Place) -> Option<&mut Step> {
        match place {
            Place::Factory => None,
            Place::Step(step) => self.steps.get_mut(step),
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
        inner.resting = false;
        inner.events += 1;
    }
}
