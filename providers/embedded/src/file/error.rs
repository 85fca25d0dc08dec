//! What the engine says, in the words of the facade.

use std::io;

use super::record::LARGEST_VALUE;
use crate::Error;

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
                limit: LARGEST_VALUE,
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
