//! What can go wrong with an embedded database.

use std::io;

/// The answer of every operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation failed. It has changed nothing then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The run was not begun, or has ended.
    #[error("no such run: {run:?}")]
    NoSuchRun {
        /// The name of the run.
        run: String,
    },
    /// The key, or the name of the run, is longer than 65,535 bytes.
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
    /// The file was written by a later version.
    #[error("format {found} is newer than {known}, the newest that is known")]
    Newer {
        /// The format of the file.
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
    /// The engine refused, in a way that is not expected.
    #[error("engine: {0}")]
    Engine(#[source] Box<redb::Error>),
}

impl Error {
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

impl From<redb::Error> for Error {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::DatabaseAlreadyOpen => Self::InUse,
            redb::Error::Corrupted(reason) => Self::damaged(reason),
            redb::Error::RepairAborted => Self::damaged("it can't be repaired"),
            redb::Error::UpgradeRequired(version) => Self::Foreign {
                reason: format!("the engine wrote it in its format {version}"),
            },
            redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Self::Foreign {
                reason: error.to_string(),
            },
            redb::Error::Io(error) => error.into(),
            redb::Error::ValueTooLarge(size) => Self::TooLarge {
                size,
                limit: crate::LARGEST_VALUE,
            },
            other => Self::Engine(Box::new(other)),
        }
    }
}

macro_rules! from_engine {
    ($($error:ident),+) => {$(
        impl From<redb::$error> for Error {
            fn from(error: redb::$error) -> Self {
                redb::Error::from(error).into()
            }
        }
    )+};
}

from_engine!(
    CommitError,
    DatabaseError,
    StorageError,
    TableError,
    TransactionError
);

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
            other => Self::backend(other),
        }
    }
}
