//! How to reach a server.

use std::{num::NonZeroUsize, time::Duration};

use omni_kv_parts::{Location, LocationError};

/// How to reach a server, typed or out of a URL such as
/// `memcached://host:11211?timeout=500ms&connections=8`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Host and port of the server.
    pub address: String,
    /// Within which time every call ends, that of waiting for a connection included.
    pub timeout: Duration,
    /// How many connections there are at the most. Each carries one call at a time.
    pub connections: NonZeroUsize,
}

/// Enough to keep a server busy.
const CONNECTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

impl Settings {
    /// A server at this host and port.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            timeout: Duration::from_secs(5),
            connections: CONNECTIONS,
        }
    }

    /// The settings that a URL stands for.
    pub fn from_url(url: &str) -> Result<Self, LocationError> {
        let location = Location::parse(url, &["memcached"])?;
        if !location.path().is_empty() {
            return Err(LocationError::new("a path, which memcached has no use for"));
        }
        if location.user().is_some() || location.password().is_some() {
            return Err(LocationError::new("a login, which is not supported"));
        }
        let mut settings = Self::new(location.address(11211)?);
        let mut options = location.options()?;
        if let Some(timeout) = options.time("timeout")? {
            settings.timeout = timeout;
        }
        if let Some(connections) = options.take("connections")? {
            settings.connections = connections;
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
        let settings = Settings::from_url("memcached://host:1?timeout=250ms&connections=3")?;
        assert_eq!(settings.address, "host:1");
        assert_eq!(settings.timeout, Duration::from_millis(250));
        assert_eq!(settings.connections.get(), 3);

        let settings = Settings::from_url("memcached://host")?;
        assert_eq!(settings.address, "host:11211");
        assert_eq!(settings.connections.get(), 16);
        Ok(())
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for url in [
            "memcached://host/0",
            "memcached://user@host",
            "memcached://:password@host",
            "memcached://host?connections=0",
            "memcached://host?retries=3",
            "redis://host",
        ] {
            assert!(Settings::from_url(url).is_err(), "{url}");
        }
    }
}
