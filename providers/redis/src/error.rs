//! What Redis says, in the words of all stores.

use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind};
use tck_api::Error;

/// The error of a call that was to end within this time.
pub(crate) fn told(error: RedisError, limit: Duration) -> Error {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly, TryAgain};

    if error.is_timeout() {
        return Error::TimedOut { after: limit };
    }
    match error.kind() {
        ErrorKind::Io
        | ErrorKind::ClusterConnectionNotFound
        | ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | ReadOnly | TryAgain) => {
            Error::unavailable(error)
        }
        _ => Error::backend(error),
    }
}
