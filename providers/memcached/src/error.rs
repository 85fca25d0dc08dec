//! What Memcached says, in the words of all stores.

use async_memcached::{Error as Said, ErrorKind, Status};
use tck_api::Error;

/// What the server answers when it has no room for the time being.
const PASSING: [&str; 2] = ["Too many open connections", "out of memory"];

pub(crate) fn told(error: Said) -> Error {
    match error {
        Said::Connect(_) | Said::Io(_) | Said::ConnectionClosed => Error::unavailable(error),
        Said::Protocol(Status::Error(ErrorKind::Server(reason)))
            if PASSING.iter().any(|passing| reason.contains(passing)) =>
        {
            Error::unavailable(reason)
        }
        _ => Error::backend(error),
    }
}

#[cfg(test)]
mod tests {
    use tck_api::ErrorKind::{Backend, Unavailable};

    use super::*;

    #[test]
    fn a_server_without_room_may_have_some_later() {
        for (reason, kind) in [
            ("out of memory storing object", Unavailable),
            ("Too many open connections", Unavailable),
            ("object too large for cache", Backend),
        ] {
            let said = Said::Protocol(Status::Error(ErrorKind::Server(reason.into())));
            assert_eq!(told(said).kind(), kind, "{reason}");
        }
    }
}
