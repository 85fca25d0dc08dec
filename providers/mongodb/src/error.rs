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

/// Whether an entry was to be made where there is one. What else is to be unique in the
/// collection is not ours.
pub(crate) fn is_taken(error: &MongoError) -> bool {
    match &*error.kind {
        ErrorKind::Write(WriteFailure::WriteError(error)) => {
            error.code == DUPLICATE_KEY && is_about_id(&error.message)
        }
        ErrorKind::Command(command) => {
            command.code == DUPLICATE_KEY && is_about_id(&command.message)
        }
        _ => false,
    }
}

/// Of `… index: _id_ dup key: { _id: "…" }` servers leave out one part or the other.
fn is_about_id(said: &str) -> bool {
    let parts = said.split_once("dup key: {");
    parts.is_some_and(|(index, key)| {
        index.trim_end().ends_with(" _id_") || key.trim_start().starts_with("_id:")
    })
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

    #[test]
    fn only_an_id_is_taken() {
        let said = "E11000 duplicate key error collection: app.entries";
        for (rest, expected) in [
            (r#" index: _id_ dup key: { _id: "a/b" }"#, true),
            (r#" index: _id_ dup key: { : "a/b" }"#, true),
            (r#" dup key: { _id: "a/b" }"#, true),
            (
                r#" index: email_1 dup key: { email: "_id_ dup key: { _id: 1" }"#,
                false,
            ),
            (r#" index: by_id_ dup key: { value.id: 1 }"#, false),
        ] {
            let error = write_error(DUPLICATE_KEY, &format!("{said}{rest}"));
            assert_eq!(is_taken(&error), expected, "{rest}");
        }
        assert!(!is_taken(&write_error(
            121,
            "index: _id_ dup key: { _id: 1 }"
        )));
    }
}
