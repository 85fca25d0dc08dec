//! What Vault and the network say, in the words of all stores.

use reqwest::StatusCode;
use tck_api::Error;

/// A request that came to no answer. The address stays out of it.
pub(crate) fn unanswered(error: reqwest::Error) -> Error {
    Error::unavailable(error.without_url())
}

/// An answer that is not the one that was asked for.
pub(crate) fn refused(status: StatusCode, errors: &[String]) -> Error {
    let said = errors.join(", ");
    let said = format!("{status}: {}", said.trim());
    // The engine says this while its data is brought to version 2, after a start.
    let is_starting = said.contains("Upgrading from non-versioned");
    match status.as_u16() {
        // Sealed, a standby, behind its leader, or a gateway before it.
        307 | 412 | 429 | 472 | 473 | 502..=504 => Error::unavailable(said),
        _ if is_starting => Error::unavailable(said),
        _ => Error::backend(said),
    }
}

#[cfg(test)]
mod tests {
    use tck_api::ErrorKind;

    use super::*;

    #[test]
    fn a_sealed_server_may_serve_later_and_a_wrong_token_never() {
        let kind = |status, said: &str| {
            let status = StatusCode::from_u16(status).expect("a status");
            refused(status, &[said.to_owned()]).kind()
        };
        assert_eq!(kind(503, "Vault is sealed"), ErrorKind::Unavailable);
        let upgrading = "Upgrading from non-versioned to versioned data.";
        assert_eq!(kind(400, upgrading), ErrorKind::Unavailable);
        assert_eq!(kind(403, "permission denied"), ErrorKind::Backend);
        assert_eq!(kind(404, "no handler for route"), ErrorKind::Backend);
    }
}
