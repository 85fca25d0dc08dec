//! How to reach a service.

use std::time::Duration;

use omni_kv_parts::{Location, LocationError, Secret};

/// How to reach a service, typed or out of a URL.
///
/// `http://host:8000?timeout=2s`.
/// A token stands where a password does, `http://:token@host:8000`. The option `timeout` says
/// within which time a call ends.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Host and port of the service.
    pub address: String,
    /// The token to bear.
    pub token: Option<Secret>,
    /// Within which time every call ends.
    pub timeout: Duration,
}

impl Settings {
    /// A service at this host and port, that asks for no token.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            token: None,
            timeout: Duration::from_secs(5),
        }
    }

    /// The settings that a URL stands for.
    pub fn from_url(url: &str) -> Result<Self, LocationError> {
        let location = Location::parse(url, &["http"])?;
        if !location.path().is_empty() {
            return Err(LocationError::new("a service has no path"));
        }
        let mut settings = Self::new(location.address(80)?);
        if location.user().is_some() {
            return Err(LocationError::new(
                "a token stands where a password does, and there is no user",
            ));
        }
        settings.token = location.password();
        let mut options = location.options()?;
        if let Some(timeout) = options.time("timeout")? {
            settings.timeout = timeout;
        }
        options.end()?;
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_it_all() -> Result<(), LocationError> {
        let settings = Settings::from_url("http://:s3cret@localhost:8000?timeout=250ms")?;
        assert_eq!(settings.address, "localhost:8000");
        assert_eq!(settings.timeout, Duration::from_millis(250));
        assert!(settings.token.is_some() && !format!("{settings:?}").contains("s3cret"));
        for url in [
            "http://localhost/keys",
            "http://s3cret@localhost",
            "http://me:s3cret@localhost",
            "ftp://localhost",
        ] {
            assert!(Settings::from_url(url).is_err(), "{url}");
        }
        Ok(())
    }
}
