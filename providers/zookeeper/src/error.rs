//! What ZooKeeper says, in the words of all stores.

use tck_api::Error;
use zookeeper_client::Error as Said;

/// Why calls in a session fail: the server says so, or its answers do not hold what they should.
pub(crate) enum Failure {
    Said(Said),
    Found(Error),
}

impl From<Said> for Failure {
    fn from(error: Said) -> Self {
        Self::Said(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Found(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Said(error) => told(error),
            Failure::Found(error) => error,
        }
    }
}

/// The error of a call.
pub(crate) fn told(error: Said) -> Error {
    match error {
        // The network's own words come as custom ones.
        Said::ConnectionLoss
        | Said::Custom(_)
        | Said::NoHosts
        | Said::NotReadOnly
        | Said::Throttled
        | Said::Timeout => Error::unavailable(error),
        error if is_end(&error) => Error::unavailable(error),
        error => Error::backend(error),
    }
}

/// Whether the session can't be used any more.
pub(crate) fn is_end(error: &Said) -> bool {
    matches!(
        error,
        Said::SessionExpired | Said::SessionMoved | Said::ClientClosed | Said::NoHosts
    )
}

#[cfg(test)]
mod tests {
    use tck_api::ErrorKind;

    use super::*;

    #[test]
    fn a_lost_session_is_worth_another_try() {
        for error in [
            Said::SessionExpired,
            Said::ConnectionLoss,
            Said::ClientClosed,
        ] {
            assert_eq!(told(error).kind(), ErrorKind::Unavailable);
        }
        assert_eq!(told(Said::NoAuth).kind(), ErrorKind::Backend);
    }
}
