//! What Upstash and the network say, in the words of all stores.

use std::time::Duration;

use reqwest::StatusCode;
use tck_api::Error;

/// What a database that may serve later begins its errors with.
const PASSING: [&str; 5] = ["LOADING", "READONLY", "MASTERDOWN", "BUSY", "TRYAGAIN"];

/// A request that came to no answer within this time. Its address stays out of it.
pub(crate) fn unanswered(error: reqwest::Error, limit: Duration) -> Error {
    if error.is_timeout() {
        Error::TimedOut { after: limit }
    } else {
        Error::unavailable(error.without_url())
    }
}

/// An answer that says what went wrong.
pub(crate) fn refused(status: StatusCode, said: &str) -> Error {
    let passes = PASSING.iter().any(|passing| said.starts_with(passing));
    let said = format!("{status}: {said}");
    if passes || status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        Error::unavailable(said)
    } else {
        Error::backend(said)
    }
}

#[cfg(test)]
mod tests {
    use tck_api::ErrorKind::{Backend, Unavailable};

    use super::*;

    #[test]
    fn a_database_that_loads_may_serve_later_and_a_wrong_token_never() {
        for (status, said, kind) in [
            (400, "LOADING Redis is loading the dataset", Unavailable),
            (429, "too many requests", Unavailable),
            (503, "", Unavailable),
            (401, "Unauthorized", Backend),
            (400, "WRONGTYPE not a string", Backend),
        ] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(refused(status, said).kind(), kind, "{status} {said}");
        }
    }
}
