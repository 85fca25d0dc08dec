//! Whom to trust over TLS, and who one is.

use std::path::PathBuf;

use crate::{LocationError, Options};

/// Whom to trust over TLS, and who one is.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Tls {
    /// The file with the certificates to trust, in place of the public ones.
    pub ca: Option<PathBuf>,
    /// The file with a certificate of one's own, which some servers ask for.
    pub certificate: Option<PathBuf>,
    /// The file with its key.
    pub key: Option<PathBuf>,
}

impl Tls {
    /// What the options `ca`, `certificate` and `key` say.
    pub fn taken_from(options: &mut Options) -> Result<Self, LocationError> {
        let tls = Self {
            ca: options.take("ca")?,
            certificate: options.take("certificate")?,
            key: options.take("key")?,
        };
        if tls.certificate.is_some() != tls.key.is_some() {
            return Err(LocationError::new(
                "a certificate without a key, or a key without a certificate",
            ));
        }
        Ok(tls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Location;

    fn taken(query: &str) -> Result<Tls, LocationError> {
        let location = Location::parse(&format!("a://host?{query}"), &["a"])?;
        Tls::taken_from(&mut location.options()?)
    }

    #[test]
    fn files_are_named_by_options() -> Result<(), LocationError> {
        let tls = taken("ca=/ca.pem&certificate=/own.pem&key=/own.key")?;
        assert_eq!(tls.ca, Some("/ca.pem".into()));
        assert_eq!(tls.certificate, Some("/own.pem".into()));
        assert_eq!(tls.key, Some("/own.key".into()));
        assert!(taken("")?.ca.is_none());
        Ok(())
    }

    #[test]
    fn a_certificate_and_its_key_come_together() {
        for query in ["certificate=/own.pem", "key=/own.key"] {
            assert!(taken(query).is_err(), "{query}");
        }
    }
}
