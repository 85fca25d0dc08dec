//! What can go wrong, in the same words for every backend.

use std::{fmt, time::Duration};

type Source = Box<dyn std::error::Error + Send + Sync>;

/// The answer of every operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation failed. A failing backend is an error, never a miss.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The key, or the name of a namespace, is one that this store can't hold.
    #[error("invalid key: {reason}")]
    InvalidKey {
        /// What is wrong with it.
        reason: String,
    },
    /// The value is one that this store can't hold, or the stored one does not decode.
    #[error("invalid value: {reason}")]
    InvalidValue {
        /// What is wrong with it.
        reason: String,
    },
    /// The time to live is one that this store can't keep.
    #[error("invalid ttl: {reason}")]
    InvalidTtl {
        /// What is wrong with it.
        reason: String,
    },
    /// The value is larger than this store takes.
    #[error("too large: {size} bytes, the limit is {limit}")]
    TooLarge {
        /// The size of the value in bytes.
        size: usize,
        /// The largest size that the store takes.
        limit: usize,
    },
    /// Somebody else changed the data in between.
    #[error("conflict: {reason}")]
    Conflict {
        /// What was in the way.
        reason: String,
    },
    /// The backend can't be reached, does not serve at present, or its answer was lost; whether
    /// the operation took effect is not known.
    #[error("unavailable: {}", whole(&**source))]
    Unavailable {
        /// What the backend or the network said.
        source: Source,
    },
    /// No answer came in time; whether the operation took effect is not known.
    #[error("timed out after {after:?}")]
    TimedOut {
        /// How long the store waited.
        after: Duration,
    },
    /// The store was closed before.
    #[error("closed")]
    Closed,
    /// The backend failed in a way of its own.
    #[error("backend: {}", whole(&**source))]
    Backend {
        /// What the backend said.
        source: Source,
    },
}

/// What an error says, and why, as far as it does not say so itself.
fn whole(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let reason = cause.to_string();
        if !said.contains(&reason) {
            said = format!("{said}: {reason}");
        }
        next = cause.source();
    }
    said
}

impl Error {
    /// The key, or the name of a namespace, can't be held.
    pub fn invalid_key(reason: impl Into<String>) -> Self {
        Self::InvalidKey {
            reason: reason.into(),
        }
    }

    /// The value can't be held, or does not decode.
    pub fn invalid_value(reason: impl Into<String>) -> Self {
        Self::InvalidValue {
            reason: reason.into(),
        }
    }

    /// The time to live can't be kept.
    pub fn invalid_ttl(reason: impl Into<String>) -> Self {
        Self::InvalidTtl {
            reason: reason.into(),
        }
    }

    /// Somebody else changed the data in between.
    pub fn conflict(reason: impl Into<String>) -> Self {
        Self::Conflict {
            reason: reason.into(),
        }
    }

    /// The backend can't be reached, or does not serve at present.
    pub fn unavailable(source: impl Into<Source>) -> Self {
        Self::Unavailable {
            source: source.into(),
        }
    }

    /// The backend failed in a way of its own.
    pub fn backend(source: impl Into<Source>) -> Self {
        Self::Backend {
            source: source.into(),
        }
    }

    /// Which of the cases it is, for comparing.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidKey { .. } => ErrorKind::InvalidKey,
            Self::InvalidValue { .. } => ErrorKind::InvalidValue,
            Self::InvalidTtl { .. } => ErrorKind::InvalidTtl,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Conflict { .. } => ErrorKind::Conflict,
            Self::Unavailable { .. } => ErrorKind::Unavailable,
            Self::TimedOut { .. } => ErrorKind::TimedOut,
            Self::Closed => ErrorKind::Closed,
            Self::Backend { .. } => ErrorKind::Backend,
        }
    }

    /// Whether the same call may succeed when it is made again, nothing else changed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Conflict { .. } | Self::Unavailable { .. } | Self::TimedOut { .. }
        )
    }
}

/// The cases of [`Error`], without what they carry.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// [`Error::InvalidKey`]
    InvalidKey,
    /// [`Error::InvalidValue`]
    InvalidValue,
    /// [`Error::InvalidTtl`]
    InvalidTtl,
    /// [`Error::TooLarge`]
    TooLarge,
    /// [`Error::Conflict`]
    Conflict,
    /// [`Error::Unavailable`]
    Unavailable,
    /// [`Error::TimedOut`]
    TimedOut,
    /// [`Error::Closed`]
    Closed,
    /// [`Error::Backend`]
    Backend,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidKey => "invalid key",
            Self::InvalidValue => "invalid value",
            Self::InvalidTtl => "invalid ttl",
            Self::TooLarge => "too large",
            Self::Conflict => "conflict",
            Self::Unavailable => "unavailable",
            Self::TimedOut => "timed out",
            Self::Closed => "closed",
            Self::Backend => "backend",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_opens_with_its_kind() {
        let errors = [
            Error::invalid_key("x"),
            Error::invalid_value("x"),
            Error::invalid_ttl("x"),
            Error::TooLarge { size: 2, limit: 1 },
            Error::conflict("x"),
            Error::unavailable("x"),
            Error::TimedOut {
                after: Duration::from_secs(1),
            },
            Error::Closed,
            Error::backend("x"),
        ];
        for error in errors {
            assert!(
                error.to_string().starts_with(&error.kind().to_string()),
                "{error}"
            );
        }
    }

    #[test]
    fn causes_are_told_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("{said}")]
        struct Because {
            said: &'static str,
            source: std::io::Error,
        }

        let refused = || std::io::Error::other("refused");
        for (said, told) in [
            ("no connection", "unavailable: no connection: refused"),
            (
                "no connection: refused",
                "unavailable: no connection: refused",
            ),
        ] {
            let source = refused();
            let error = Error::unavailable(Because { said, source });
            assert_eq!(error.to_string(), told);
        }
    }

    #[test]
    fn only_passing_troubles_are_worth_another_try() {
        assert!(Error::unavailable("down").is_retryable());
        assert!(Error::conflict("raced").is_retryable());
        assert!(
            Error::TimedOut {
                after: Duration::ZERO
            }
            .is_retryable()
        );
        assert!(!Error::invalid_key("empty").is_retryable());
        assert!(!Error::Closed.is_retryable());
        assert!(!Error::backend("disk full").is_retryable());
    }
}
