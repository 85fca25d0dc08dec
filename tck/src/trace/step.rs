//! A step, as it is kept while the check goes on and as it is told.

use std::{fmt, num::NonZeroUsize, sync::Arc, time::Duration};

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

/// A step as it is kept while the check goes on.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) what: What,
    pub(super) answer: Option<Record>,
    pub(super) took: Option<Duration>,
}

impl Entry {
    /// What nobody has to answer.
    pub(super) fn told(what: What) -> Self {
        Self {
            what,
            answer: None,
            took: Some(Duration::ZERO),
        }
    }
}

#[derive(Debug)]
pub(super) enum What {
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
