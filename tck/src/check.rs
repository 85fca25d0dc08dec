//! What the check of a clause comes to.

/// `Ok` where the provider complied.
pub(crate) type Check<T = ()> = Result<T, Stop>;

/// Why a check ended before its end. Small, because every call in a check may return it.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The provider did something else than the clause asks for.
    Breach(Box<Breach>),
    /// An answer came too late to prove anything; a longer time to live may help.
    Late,
    /// All attempts came too late.
    Inconclusive(Box<str>),
    /// The service does not declare what the clause is about.
    #[cfg(feature = "http")]
    NotDeclared(Box<str>),
    /// There was no provider to check, and why.
    Unopened(Box<str>),
}

/// What a clause asks for and what the provider did instead.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Breach {
    /// What the clause asks for.
    pub expected: String,
    /// What the provider did.
    pub observed: String,
    /// How the provider failed the clause.
    pub cause: Cause,
    /// The index of the step that showed it.
    pub step: Option<usize>,
}

/// How a provider fails a clause.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// It gave another answer than the clause asks for.
    Answer,
    /// It gave no answer.
    Hang,
    /// It panicked.
    Panic,
}

impl Cause {
    /// The name, as it stands in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Hang => "hang",
            Self::Panic => "panic",
        }
    }
}
