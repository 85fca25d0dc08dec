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

/// Whether the bucket is missing, not the object in it.
pub(crate) fn is_about_the_bucket(error: &object_store::Error) -> bool {
    said(error).contains("NoSuchBucket")
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
    ["500", "502", "503", "504"]
        .iter()
        .any(|status| said.contains(&format!("non-2xx status code: {status}")))
        || said.contains("InternalError")
        || said.contains("SlowDown")
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
