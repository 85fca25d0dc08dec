//! How to reach a server.

use std::time::Duration;

use omni_kv_parts::{Location, LocationError, Secret, Tls};

/// How to reach a server or a cluster, typed or out of a URL.
///
/// | URL | reaches |
/// |---|---|
/// | `etcd://host:2379` | a server |
/// | `etcd://host:2379?nodes=other:2379,third:2379` | a cluster, by those of its nodes that answer |
/// | `etcds://host:2379?ca=/etc/etcd/ca.pem` | the same over TLS (feature `tls`) |
///
/// User and password stand before the host, `etcd://user:password@host`.
///
/// | option | says |
/// |---|---|
/// | `nodes` | more nodes of the cluster |
/// | `timeout` | within which time a call ends, such as `500ms`; 5 s otherwise |
/// | `cleanup` | how soon the server removes what has expired, such as `10s`; 60 s otherwise |
/// | `ca` | the file with the certificates to trust, in place of the public ones |
/// | `certificate`, `key` | the files with a certificate of one's own and its key |
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Host and port of the server, or of nodes of the cluster.
    pub addresses: Vec<String>,
    /// How to speak TLS, where it is to be spoken.
    pub tls: Option<Tls>,
    /// The user to log in as.
    pub user: Option<String>,
    /// The password to log in with.
    pub password: Option<Secret>,
    /// Within which time every call ends.
    pub timeout: Duration,
    /// Entries whose times to live end within one such stretch share a lease, with which
    /// the server removes them, two of it later at the most.
    pub cleanup: Duration,
}

impl Settings {
    /// A server at this host and port, without a password.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            addresses: vec![address.into()],
            tls: None,
            user: None,
            password: None,
            timeout: Duration::from_secs(5),
            cleanup: Duration::from_secs(60),
        }
    }

    /// The settings that a URL stands for.
    pub fn from_url(url: &str) -> Result<Self, LocationError> {
        let location = Location::parse(url, &["etcd", "etcds"])?;
        if !location.path().is_empty() {
            return Err(LocationError::new("a path, which means nothing"));
        }
        let mut settings = Self::new(location.address(2379)?);
        settings.user = location.user();
        settings.password = location.password();
        if settings.user.is_none() && settings.password.is_some() {
            return Err(LocationError::new("a password without a user"));
        }
        let mut options = location.options()?;
        settings.addresses.extend(options.list("nodes"));
        if let Some(timeout) = options.time("timeout")? {
            settings.timeout = timeout;
        }
        if let Some(cleanup) = options.time("cleanup")? {
            settings.cleanup = cleanup;
        }
        if location.scheme() == "etcds" {
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
        let url = "etcd://me:secret@example.org?timeout=250ms&cleanup=1s&nodes=b:1,c:2";
        let settings = Settings::from_url(url)?;
        assert_eq!(settings.addresses, ["example.org:2379", "b:1", "c:2"]);
        assert_eq!(settings.user.as_deref(), Some("me"));
        assert_eq!(settings.timeout, Duration::from_millis(250));
        assert_eq!(settings.cleanup, Duration::from_secs(1));
        assert!(settings.tls.is_none());
        assert!(!format!("{settings:?}").contains("secret"));

        let settings = Settings::from_url("etcds://a:1?ca=/etc/ca.pem")?;
        let tls = settings.tls.unwrap_or_default();
        assert_eq!(tls.ca, Some("/etc/ca.pem".into()));
        assert_eq!(tls.certificate, None);
        Ok(())
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for url in [
            "etcd://host/path",
            "etcd://host?ca=/etc/ca.pem",
            "etcd://host?retries=3",
            "etcd://:secret@host",
            "http://host",
        ] {
            assert!(Settings::from_url(url).is_err(), "{url}");
        }
    }
}
