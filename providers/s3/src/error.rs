//! What S3 and the network say, in the words of all stores.

use std::error::Error as _;

use object_store::client::{HttpError, HttpErrorKind};
use tck_api::Error;

/// The error of a request.
pub(crate) fn told(error: object_store::Error) -> Error {
    let is_passing = match error {
        object_store::Error::Generic { .. } => broke(&error) || is_busy(&error),
        _ => false,
    };
    if is_passing {
        Error::unavailable(error)
    } else {
        Error::backend(error)
    }
}

/// Whether the server says that the object is missing. The bucket may be instead, or the server
/// behind a gateway.
pub(crate) fn is_miss(error: &object_store::Error) -> bool {
    said(error).contains("<Code>NoSuchKey</Code>")
}

/// Whether a condition did not hold. That nothing is there at all is one to the client, which
/// keeps the words of the server below.
pub(crate) fn is_changed(error: &object_store::Error) -> bool {
    use object_store::Error::{AlreadyExists, Precondition};

    let is_changed = matches!(error, AlreadyExists { .. } | Precondition { .. });
    is_changed && (is_miss(error) || !has_status(error, "404"))
}

fn broke(error: &object_store::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<HttpError>() {
            return !matches!(error.kind(), HttpErrorKind::Decode);
        }
        source = cause.source();
    }
    false
}

/// The client keeps the status to itself, and shows it in its text.
fn is_busy(error: &object_store::Error) -> bool {
    let said = said(error);
    ["408", "429", "5"]
        .iter()
        .any(|status| has_status(error, status))
        || said.contains("InternalError")
        || said.contains("SlowDown")
}

fn has_status(error: &object_store::Error, beginning: &str) -> bool {
    said(error).contains(&format!("non-2xx status code: {beginning}"))
}

fn said(error: &object_store::Error) -> String {
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        said.push_str(&cause.to_string());
        source = cause.source();
    }
    said
}
