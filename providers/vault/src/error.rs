//! What Vault and the network say, in the words of all stores.

use reqwest::StatusCode;
use tck_api::Error;

/// A request that came to no answer. The address stays out of it.
pub(crate) fn unanswered(error: reqwest::Error) -> Error {
    Error::unavailable(error.without_url())
}

/// An answer that is not the one that was asked for, and what errors the engine has named, if
/// it was the engine.
pub(crate) fn refused(status: StatusCode, errors: Option<Vec<String>>) -> Error {
    let errors = errors.map(|errors| errors.join(", "));
    let said = errors.as_deref().unwrap_or("no answer of a vault");
    let said = format!("{status}: {}", said.trim());
    // The engine says this while its data is brought to version 2, after a start.
    let is_starting = said.contains("Upgrading from non-versioned");
    match status.as_u16() {
        // A standby, behind its leader, busy, sealed, without a leader, or a gateway before it.
        // What broke within the server may have been done.
        307 | 408 | 412 | 429 | 472 | 473 | 500..=599 => Error::unavailable(said),
        _ if is_starting => Error::unavailable(said),
        _ => Error::backend(said),
    }
}

#[cfg(test)]
mod tests {
    use tck_api::ErrorKind::{Backend, Unavailable};

    use super::*;

    #[test]
    fn a_sealed_server_may_serve_later_and_a_wrong_token_never() {
        for (status, said, kind) in [
            (503, "Vault is sealed", Unavailable),
            (
                500,
                "local node not active but active cluster node not found",
                Unavailable,
            ),
            (429, "request path: rate limit quota exceeded", Unavailable),
            (
                400,
                "Upgrading from non-versioned to versioned data.",
                Unavailable,
            ),
            (403, "permission denied", Backend),
            (404, "no handler for route", Backend),
        ] {
            let status = StatusCode::from_u16(status).expect("a status");
            let error = refused(status, Some(vec![said.to_owned()]));
            assert_eq!(error.kind(), kind, "{error}");
        }
    }
}
