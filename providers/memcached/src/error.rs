//! What Memcached says, in the words of all stores.

use tck_api::Error;

/// What the server answers when it has no room for the time being.
const PASSING: [&str; 2] = ["Too many open connections", "out of memory"];

/// An answer that is none to what was asked.
pub(crate) fn refused(line: &str) -> Error {
    let line = line.trim_end();
    match PASSING.iter().any(|passing| line.contains(passing)) {
        true => Error::unavailable(line),
        false => Error::backend(format!("Memcached answers {line:?}")),
    }
}

#[cfg(test)]
mod tests {
    use tck_api::ErrorKind::{Backend, Unavailable};

    use super::*;

    #[test]
    fn a_server_without_room_may_have_some_later() {
        for (line, kind) in [
            ("SERVER_ERROR out of memory storing object", Unavailable),
            ("ERROR Too many open connections", Unavailable),
            ("SERVER_ERROR object too large for cache", Backend),
            ("CLIENT_ERROR unauthenticated", Backend),
            ("HTTP/1.1 400 Bad Request", Backend),
        ] {
            assert_eq!(refused(line).kind(), kind, "{line}");
        }
    }
}
