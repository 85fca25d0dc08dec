//! How to reach a server.

use std::{num::NonZeroUsize, time::Duration};

use omni_kv_parts::{Location, LocationError, Secret, Tls};

/// How to reach a server, typed or out of a URL.
///
/// | URL | reaches |
/// |---|---|
/// | `memcached://host:11211` | a server |
/// | `memcacheds://host:11211?ca=/etc/memcached/ca.pem` | the same over TLS (feature `tls`) |
///
/// User and password stand before the host, `memcached://user:password@host`, for a server that has a
/// file of them (`--auth-file`).
///
/// | option | says |
/// |---|---|
/// | `timeout` | within which time a call ends, such as `500ms`; 5 s otherwise |
/// | `connections` | how many there are at the most; 16 otherwise |
/// | `ca` | the file with the certificates to trust, in place of the public ones |
/// | `certificate`, `key` | the files with a certificate of one's own and its key |
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Host and port of the server.
    pub address: String,
    /// How to speak TLS, where it is to be spoken.
    pub tls: Option<Tls>,
    /// The user to log in as.
    pub user: Option<String>,
    /// The password to log in with.
    pub password: Option<Secret>,
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
            tls: None,
            user: None,
            password: None,
            timeout: Duration::from_secs(5),
            connections: CONNECTIONS,
        }
    }

    /// The settings that a URL stands for.
    pub fn from_url(url: &str) -> Result<Self, LocationError> {
        let location = Location::parse(url, &["memcached", "memcacheds"])?;
        if !location.path().is_empty() {
            return Err(LocationError::new("a path, which memcached has no use for"));
        }
        let mut settings = Self::new(location.address(11211)?);
        settings.user = location.user();
        settings.password = location.password();
        if settings.user.is_some() != settings.password.is_some() {
            return Err(LocationError::new(
                "a user without a password, or a password without a user",
            ));
        }
        let mut options = location.options()?;
        if let Some(timeout) = options.time("timeout")? {
            settings.timeout = timeout;
        }
        if let Some(connections) = options.take("connections")? {
            settings.connections = connections;
        }
        if location.scheme() == "memcacheds" {
            settings.tls = Some(Tls::taken_from(&mut options)?);
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

        let settings = Settings::from_url("memcacheds://ada:lovelace@host?ca=/etc/ca.pem")?;
        let tls = settings.tls.clone().unwrap_or_default();
        assert_eq!(tls.ca, Some("/etc/ca.pem".into()));
        assert_eq!(settings.user.as_deref(), Some("ada"));
        assert!(!format!("{settings:?}").contains("lovelace"));

        let settings = Settings::from_url("memcached://host")?;
        assert!(settings.tls.is_none() && settings.user.is_none());
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
            "memcached://host?ca=/etc/ca.pem",
            "redis://host",
        ] {
            assert!(Settings::from_url(url).is_err(), "{url}");
        }
    }
}
