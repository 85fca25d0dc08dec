//! What MongoDB and its driver say, in the words of all stores.

use mongodb::error::{Error as MongoError, ErrorKind, WriteFailure};
use tck_api::Error;

/// What a server says that is going, coming, or not the one to ask any more.
const PASSING: [i32; 12] = [
    6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
];

const DUPLICATE_KEY: i32 = 11000;

/// The error of a call.
pub(crate) fn told(error: MongoError) -> Error {
    let is_passing = match &*error.kind {
        ErrorKind::Io(_)
        | ErrorKind::ServerSelection { .. }
        | ErrorKind::ConnectionPoolCleared { .. }
        | ErrorKind::DnsResolve { .. } => true,
        ErrorKind::Command(command) => PASSING.contains(&command.code),
        _ => false,
    };
    if is_passing {
        Error::unavailable(error)
    } else {
        Error::backend(error)
    }
}

/// Whether an entry was to be made where there is one.
pub(crate) fn is_duplicate(error: &MongoError) -> bool {
    match &*error.kind {
        ErrorKind::Write(WriteFailure::WriteError(error)) => error.code == DUPLICATE_KEY,
        ErrorKind::Command(command) => command.code == DUPLICATE_KEY,
        _ => false,
    }
}
