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
        | ErrorKind::DnsResolve { .. }
        // A write was done, and who else has it is not known; or what was done is not known.
        | ErrorKind::Write(WriteFailure::WriteConcernError(_))
        | ErrorKind::InvalidResponse { .. } => true,
        ErrorKind::Write(WriteFailure::WriteError(error)) => PASSING.contains(&error.code),
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

#[cfg(test)]
mod tests {
    use mongodb::bson::{deserialize_from_document, doc};
    use tck_api::ErrorKind::{Backend, Unavailable};

    use super::*;

    fn write_error(code: i32, said: &str) -> MongoError {
        let error = deserialize_from_document(doc! { "code": code, "errmsg": said });
        let error = WriteFailure::WriteError(error.expect("it is an error of a write"));
        ErrorKind::Write(error).into()
    }

    #[test]
    fn a_write_that_not_all_have_may_have_been_done() {
        let said = doc! { "code": 64, "errmsg": "waiting for replication timed out" };
        let error = deserialize_from_document(said).expect("it is an error of a write concern");
        let error = ErrorKind::Write(WriteFailure::WriteConcernError(error));
        assert_eq!(told(error.into()).kind(), Unavailable);
        let stepping_down = write_error(189, "primary stepped down");
        assert_eq!(told(stepping_down).kind(), Unavailable);
        let invalid = write_error(121, "Document failed validation");
        assert_eq!(told(invalid).kind(), Backend);
    }
}
