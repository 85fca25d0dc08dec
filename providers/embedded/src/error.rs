//! What can go wrong with a database.

use std::{io, time::Duration};

use crate::RunId;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// The answer of every operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation failed. It has changed nothing then, except where a server was asked and
/// its answer is missing or can't be understood: after [`Unavailable`](Self::Unavailable),
/// [`TimedOut`](Self::TimedOut) and [`Backend`](Self::Backend) a write may have happened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The run was not begun, or has ended.
    #[error("no such run: {run:?}")]
    NoSuchRun {
        /// The name of the run.
        run: String,
    },
    /// The key, the name of the run, or that of a database, is longer than the limit.
    #[error("invalid key: {length} bytes, the limit is {limit}")]
    KeyTooLong {
        /// The length of the key in bytes.
        length: usize,
        /// The longest key in bytes.
        limit: usize,
    },
    /// The value is larger than the database takes.
    #[error("too large: {size} bytes, the limit is {limit}")]
    TooLarge {
        /// The size of the value in bytes.
        size: usize,
        /// The largest size in bytes.
        limit: usize,
    },
    /// The value can't be stored, or is not of the kind that was asked for.
    #[error("invalid value: {reason}")]
    InvalidValue {
        /// What is wrong with it.
        reason: String,
    },
    /// The transaction is larger than the backend takes.
    #[error("transaction too large: {reason}")]
    TransactionTooLarge {
        /// What the backend says.
        reason: String,
    },
    /// Something that the transaction has read was changed meanwhile.
    #[error("conflict: what was read has changed")]
    Conflict,
    /// Another process, or another `Database`, has the file open.
    #[error("the file is open elsewhere")]
    InUse,
    /// The file is no database of this kind.
    #[error("not a database of this kind: {reason}")]
    Foreign {
        /// What was found.
        reason: String,
    },
    /// The database was written by a later version.
    #[error("format {found} is newer than {known}, the newest that is known")]
    Newer {
        /// The format of the database.
        found: u64,
        /// The newest format that this version reads.
        known: u64,
    },
    /// The file is damaged.
    #[error("damaged: {reason}")]
    Damaged {
        /// Where it was noticed.
        reason: String,
    },
    /// There is no room left on the disk. Once room is made the database has to be opened
    /// anew.
    #[error("the disk is full")]
    Full,
    /// The file can't be read or written.
    #[error("input or output failed: {0}")]
    Io(#[source] io::Error),
    /// The server can't be reached, does not serve at present, or its answer was lost.
    #[error("unavailable: {0}")]
    Unavailable(#[source] Source),
    /// The server has not answered in time.
    #[error("timed out after {after:?}")]
    TimedOut {
        /// How long it was waited for.
        after: Duration,
    },
    /// The backend failed in a way of its own.
    #[error("backend: {0}")]
    Backend(#[source] Source),
    /// The engine refused, in a way that is not expected.
    #[cfg(feature = "file")]
    #[error("engine: {0}")]
    Engine(#[source] Box<redb::Error>),
}

impl Error {
    /// The run was not begun, or has ended.
    #[must_use]
    pub fn no_such_run(run: &RunId) -> Self {
        Self::NoSuchRun {
            run: run.to_string(),
        }
    }

    pub(crate) fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged {
            reason: reason.into(),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full,
            io::ErrorKind::UnexpectedEof => Self::damaged("the file ends early"),
            _ => Self::Io(error),
        }
    }
}

impl From<Error> for tck_api::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::KeyTooLong { length, limit } => {
                Self::invalid_key(format!("{length} bytes, the limit is {limit}"))
            }
            Error::TooLarge { size, limit } => Self::TooLarge { size, limit },
            Error::InvalidValue { reason } => Self::invalid_value(reason),
            Error::Conflict => Self::conflict("what was read has changed"),
            Error::NoSuchRun { .. } => Self::Closed,
            Error::Unavailable(source) => Self::Unavailable { source },
            Error::TimedOut { after } => Self::TimedOut { after },
            Error::Backend(source) => Self::Backend { source },
            other => Self::backend(other),
        }
    }
}

/// For backends that speak to a server by a client with errors of this kind.
impl From<tck_api::Error> for Error {
    fn from(error: tck_api::Error) -> Self {
        match error {
            tck_api::Error::InvalidValue { reason } => Self::InvalidValue { reason },
            tck_api::Error::TooLarge { size, limit } => Self::TooLarge { size, limit },
            tck_api::Error::Conflict { .. } => Self::Conflict,
            tck_api::Error::Unavailable { source } => Self::Unavailable(source),
            tck_api::Error::TimedOut { after } => Self::TimedOut { after },
            tck_api::Error::Backend { source } => Self::Backend(source),
            other => Self::Backend(Box::new(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use tck_api::ErrorKind;

    use super::*;

    #[test]
    fn what_a_server_did_not_answer_may_be_tried_again() {
        for (error, kind) in [
            (Error::Unavailable("gone".into()), ErrorKind::Unavailable),
            (
                Error::TimedOut {
                    after: Duration::from_secs(1),
                },
                ErrorKind::TimedOut,
            ),
            (Error::Conflict, ErrorKind::Conflict),
        ] {
            let told = tck_api::Error::from(error);
            assert_eq!(told.kind(), kind);
            assert!(told.is_retryable());
            assert_eq!(tck_api::Error::from(Error::from(told)).kind(), kind);
        }
    }
}
