//! What etcd says, in the words of all stores.

use std::time::Duration;

use serde::Deserialize;
use tck_api::Error;

/// What the gateway answers where it does not do what it was asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Refusal {
    code: u8,
    message: String,
}

/// Codes of gRPC.
const CANCELLED: u8 = 1;
#[cfg(feature = "database")]
const INVALID_ARGUMENT: u8 = 3;
const DEADLINE_EXCEEDED: u8 = 4;
const NOT_FOUND: u8 = 5;
#[cfg(feature = "database")]
const RESOURCE_EXHAUSTED: u8 = 8;
const OUT_OF_RANGE: u8 = 11;
const UNAVAILABLE: u8 = 14;
const UNAUTHENTICATED: u8 = 16;

impl Refusal {
    /// The refusal in an answer with this status, which may come from a proxy as well.
    pub(crate) fn read(status: u16, body: &[u8]) -> Self {
        let refusal: Option<Self> = serde_json::from_slice(body).ok();
        refusal
            .filter(|refusal| !refusal.message.is_empty())
            .unwrap_or_else(|| Self {
                code: if status >= 502 { UNAVAILABLE } else { 0 },
                message: format!("the gateway answers with the status {status}"),
            })
    }

    /// Whether a fresh login is all that is missing.
    pub(crate) fn is_stale_login(&self) -> bool {
        self.code == UNAUTHENTICATED
            || self.message.contains("revision of auth store is old")
            || self.message.contains("user name is empty")
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal.code {
            CANCELLED | DEADLINE_EXCEEDED | UNAVAILABLE => Self::unavailable(refusal),
            _ => Self::backend(refusal),
        }
    }
}

/// The error of a request that was to be answered within this time.
pub(crate) fn told(error: reqwest::Error, limit: Duration) -> Error {
    if error.is_timeout() {
        return Error::TimedOut { after: limit };
    }
    // A URL may be written with a password in it.
    let error = error.without_url();
    if error.is_builder() {
        Error::backend(error)
    } else {
        Error::unavailable(error)
    }
}

/// Whether etcd does not know the lease any more.
pub(crate) fn is_lost_lease(error: &Error) -> bool {
    code(error) == Some(NOT_FOUND)
}

/// Whether etcd has forgotten the past that was asked for.
pub(crate) fn is_compacted(error: &Error) -> bool {
    code(error) == Some(OUT_OF_RANGE)
}

/// The refusal of a request that was larger than etcd, or the gateway in front of it, takes.
#[cfg(feature = "database")]
pub(crate) fn too_large(error: &Error) -> Option<&Refusal> {
    refusal(error).filter(|refusal| match refusal.code {
        INVALID_ARGUMENT => {
            refusal.message.contains("too many operations")
                || refusal.message.contains("request is too large")
        }
        // A full disk has the same code.
        RESOURCE_EXHAUSTED => refusal.message.contains("message larger than max"),
        _ => false,
    })
}

fn code(error: &Error) -> Option<u8> {
    refusal(error).map(|refusal| refusal.code)
}

fn refusal(error: &Error) -> Option<&Refusal> {
    let Error::Backend { source } = error else {
        return None;
    };
    source.downcast_ref()
}

#[cfg(test)]
mod tests {
    use tck_api::ErrorKind;

    use super::*;

    #[test]
    fn refusals_are_told_apart() {
        let kind = |status, body: &str| Error::from(Refusal::read(status, body.as_bytes()));
        let lost = kind(404, r#"{"error":"x","message":"lease not found","code":5}"#);
        assert!(is_lost_lease(&lost) && !is_compacted(&lost));
        assert_eq!(lost.to_string(), "backend: lease not found");
        let down = kind(503, r#"{"message":"etcdserver: no leader","code":14}"#);
        assert_eq!(down.kind(), ErrorKind::Unavailable);
        assert_eq!(kind(502, "<html>").kind(), ErrorKind::Unavailable);
        assert_eq!(kind(404, "Not Found").kind(), ErrorKind::Backend);
    }
}
