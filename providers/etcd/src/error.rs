//! What etcd says, in the words of all stores.

use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::percent_decode;
use tck_api::Error;

/// What etcd answers where it does not do what it was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    code: u8,
    message: String,
}

/// Codes of gRPC.
const CANCELLED: u8 = 1;
const UNKNOWN: u8 = 2;
#[cfg(feature = "database")]
const INVALID_ARGUMENT: u8 = 3;
const DEADLINE_EXCEEDED: u8 = 4;
const NOT_FOUND: u8 = 5;
const RESOURCE_EXHAUSTED: u8 = 8;
const OUT_OF_RANGE: u8 = 11;
const UNAVAILABLE: u8 = 14;
const UNAUTHENTICATED: u8 = 16;

impl Refusal {
    /// How a call has ended, where these headers say so.
    pub(crate) fn in_headers(headers: &HeaderMap) -> Option<Result<(), Self>> {
        let code = headers.get("grpc-status")?.to_str().ok()?.parse().ok()?;
        if code == 0 {
            return Some(Ok(()));
        }
        let message = headers.get("grpc-message").map(HeaderValue::as_bytes);
        let message = percent_decode(message.unwrap_or_default()).decode_utf8_lossy();
        let message = if message.is_empty() {
            format!("the status of gRPC {code}")
        } else {
            message.into_owned()
        };
        Some(Err(Self { code, message }))
    }

    /// The refusal of somebody who does not speak gRPC, such as a proxy.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let is_down = matches!(status.as_u16(), 429 | 502..=504);
        Self {
            code: if is_down { UNAVAILABLE } else { UNKNOWN },
            message: format!("the server answers with the status {}", status.as_u16()),
        }
    }

    /// What stands for an answer that is not whole.
    pub(crate) fn broken() -> Self {
        Self {
            code: UNAVAILABLE,
            message: "the answer is not whole".to_owned(),
        }
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
            // Where the disk is full it says so otherwise, and for longer.
            RESOURCE_EXHAUSTED if refusal.message.contains("too many requests") => {
                Self::unavailable(refusal)
            }
            _ => Self::backend(refusal),
        }
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

/// The refusal of a request that was larger than etcd takes.
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

    /// The error of an answer that ends like this.
    fn error(code: &str, message: &str) -> Result<Error, Box<dyn std::error::Error>> {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-status", code.parse()?);
        headers.insert("grpc-message", message.parse()?);
        let told = Refusal::in_headers(&headers).ok_or("it says how it ends")?;
        Ok(told.err().ok_or("it has failed")?.into())
    }

    #[test]
    fn refusals_are_told_apart() -> Result<(), Box<dyn std::error::Error>> {
        let lost = error("5", "lease%20not found")?;
        assert!(is_lost_lease(&lost) && !is_compacted(&lost));
        assert_eq!(lost.to_string(), "backend: lease not found");
        let busy = error("8", "etcdserver: too many requests")?;
        assert_eq!(busy.kind(), ErrorKind::Unavailable);
        assert_eq!(error("14", "no leader")?.kind(), ErrorKind::Unavailable);
        assert_eq!(error("2", "")?.to_string(), "backend: the status of gRPC 2");
        let kind = |status| Error::from(Refusal::of_status(status)).kind();
        assert_eq!(kind(StatusCode::BAD_GATEWAY), ErrorKind::Unavailable);
        assert_eq!(kind(StatusCode::NOT_FOUND), ErrorKind::Backend);
        Ok(())
    }

    #[test]
    fn an_answer_without_an_end_says_nothing() {
        assert!(Refusal::in_headers(&HeaderMap::new()).is_none());
    }
}
