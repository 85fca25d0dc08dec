//! The steps that a check took, in order.

use std::{
    collections::HashMap,
    fmt,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use crate::shown::{self, Glimpse, Record};

/// One step of a check: a call to the provider, a wait, or something to know.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// The call and its arguments, the wait, or what is to be known.
    pub call: String,
    /// What came back, if anything did.
    pub answer: Option<String>,
    /// How long it took, in time on the wall; none while it is under way.
    pub took: Option<Duration>,
    /// A command line that repeats it, where there is one.
    pub repeat: Option<String>,
    pub(crate) about: About,
}

/// What a call is about, to find the calls that belong to one story.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct About {
    /// The key, whole.
    pub(crate) key: Option<String>,
    /// The value that was written, as an answer would show it.
    pub(crate) written: Option<String>,
    /// The transaction that it is a call of.
    pub(crate) transaction: Option<Arc<str>>,
}

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

/// A step as it is kept while the check goes on.
#[derive(Debug)]
struct Entry {
    what: What,
    answer: Option<Record>,
    took: Option<Duration>,
}

impl Entry {
    /// What nobody has to answer.
    fn told(what: What) -> Self {
        Self {
            what,
            answer: None,
            took: Some(Duration::ZERO),
        }
    }
}

#[derive(Debug)]
enum What {
    Call(Operation),
    Rest(Duration),
    Note(String),
    #[cfg(feature = "http")]
    Exchange(Exchange),
}

impl What {
    /// A command line that repeats it.
    fn repeat(&self) -> Option<String> {
        match self {
            #[cfg(feature = "http")]
            Self::Exchange(exchange) => exchange.repeat.clone(),
            Self::Call(_) | Self::Rest(_) | Self::Note(_) => None,
        }
    }
}

/// A request to a service.
#[cfg(feature = "http")]
#[derive(Debug)]
pub(crate) struct Exchange {
    /// The request, shortened.
    pub(crate) call: String,
    pub(crate) key: Option<String>,
    pub(crate) repeat: Option<String>,
}

/// A call to the provider.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Which handle or transaction it is, where a check holds several.
    pub(crate) handle: Arc<str>,
    pub(crate) is_of_transaction: bool,
    pub(crate) name: &'static str,
    pub(crate) arguments: Arguments,
}

#[derive(Debug)]
pub(crate) enum Arguments {
    None,
    Key(Box<str>),
    Write {
        key: Box<str>,
        value: Glimpse,
        ttl: Option<Duration>,
    },
    Compare {
        key: Box<str>,
        expected: Glimpse,
        value: Glimpse,
    },
    Page {
        prefix: Box<str>,
        after: Option<Box<str>>,
        limit: NonZeroUsize,
    },
}

impl Arguments {
    /// The key that the call is about, or the prefix.
    fn key(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Key(key)
            | Self::Write { key, .. }
            | Self::Compare { key, .. }
            | Self::Page { prefix: key, .. } => Some(key),
        }
    }

    fn written(&self) -> Option<Glimpse> {
        match self {
            Self::Write { value, .. } | Self::Compare { value, .. } => Some(*value),
            Self::None | Self::Key(_) | Self::Page { .. } => None,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}(", self.handle, self.name)?;
        if let Some(key) = self.arguments.key() {
            write!(f, "{}", shown::key(key))?;
        }
        match &self.arguments {
            Arguments::None | Arguments::Key(_) => {}
            Arguments::Write { value, ttl, .. } => {
                write!(f, ", {value}")?;
                if let Some(ttl) = ttl {
                    write!(f, ", {ttl:?}")?;
                }
            }
            Arguments::Compare {
                expected, value, ..
            } => write!(f, ", {expected}, {value}")?,
            Arguments::Page { after, limit, .. } => {
                if let Some(after) = after {
                    write!(f, ", after {}", shown::key(after))?;
                }
                if *limit < NonZeroUsize::MAX {
                    write!(f, ", limit {limit}")?;
                }
            }
        }
        f.write_str(")")
    }
}

impl From<&Entry> for Step {
    fn from(entry: &Entry) -> Self {
        let (call, about) = match &entry.what {
            #[cfg(feature = "http")]
            What::Exchange(exchange) => {
                let key = exchange.key.clone();
                let about = About {
                    key,
                    ..About::default()
                };
                (exchange.call.clone(), about)
            }
            What::Rest(duration) => (
                format!("{} go by", shown::duration(*duration)),
                About::default(),
            ),
            What::Note(note) => (note.clone(), About::default()),
            What::Call(operation) => {
                let arguments = &operation.arguments;
                let written = arguments
                    .written()
                    .map(|value| Record::Value(Some(value)).to_string());
                let about = About {
                    key: arguments.key().map(str::to_owned),
                    written,
                    transaction: operation
                        .is_of_transaction
                        .then(|| Arc::clone(&operation.handle)),
                };
                (operation.to_string(), about)
            }
        };
        let answer = entry.answer.as_ref().map(ToString::to_string);
        Self {
            call,
            answer,
            took: entry.took,
            repeat: entry.what.repeat(),
            about,
        }
    }
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
