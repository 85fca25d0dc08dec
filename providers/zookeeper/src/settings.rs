//! How to reach a server.

use std::time::Duration;

use omni_kv_parts::{Location, LocationError, Secret, Tls};

/// How to reach a server or an ensemble, typed or out of a URL.
///
/// | URL | reaches |
/// |---|---|
/// | `zookeeper://host:2181/kv` | a server, and the nodes below `/kv` |
/// | `zookeeper://host:2181/kv?nodes=other:2181,third:2181` | an ensemble |
/// | `zookeepers://host:2281/kv?ca=/etc/zookeeper/ca.pem` | the same over TLS (feature `tls`) |
///
/// User and password stand before the host, `zookeeper://user:password@host`. Nodes that are
/// made then are for this user alone, by the scheme `digest`.
///
/// | option | says |
/// |---|---|
/// | `nodes` | more servers of the ensemble |
/// | `timeout` | within which time a call ends, such as `500ms`; 5 s otherwise |
/// | `cleanup` | how often what has expired is removed, such as `10s`; 60 s otherwise |
/// | `ca` | the file with the certificates to trust, which TLS needs |
/// | `certificate`, `key` | the files with a certificate of one's own and its key |
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Host and port of the server, or of servers of the ensemble.
    pub addresses: Vec<String>,
    /// How to speak TLS, where it is to be spoken. It names the certificates to trust.
    pub tls: Option<Tls>,
    /// The names of the nodes, each in the one before, below which the namespaces are.
    pub root: Vec<String>,
    /// The user whose nodes they are.
    pub user: Option<String>,
    /// The password of the user.
    pub password: Option<Secret>,
    /// Within which time every call ends.
    pub timeout: Duration,
    /// How often what has expired is removed.
    pub cleanup: Duration,
}

impl Settings {
    /// A server at this host and port, without a password. The root is `/kv`.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            addresses: vec![address.into()],
            tls: None,
            root: vec!["kv".to_owned()],
            user: None,
            password: None,
            timeout: Duration::from_secs(5),
            cleanup: Duration::from_secs(60),
        }
    }

    /// The settings that a URL stands for.
    pub fn from_url(url: &str) -> Result<Self, LocationError> {
        let location = Location::parse(url, &["zookeeper", "zookeepers"])?;
        let is_sealed = location.scheme() == "zookeepers";
        let mut settings = Self::new(location.address(usual_port(is_sealed))?);
        settings.user = location.user();
        settings.password = location.password();
        if settings.user.is_none() && settings.password.is_some() {
            return Err(LocationError::new("a password without a user"));
        }
        let root = location.path();
        if !root.is_empty() {
            settings.root = root;
        }
        let mut options = location.options()?;
        settings.addresses.extend(options.list("nodes"));
        if let Some(timeout) = options.time("timeout")? {
            settings.timeout = timeout;
        }
        if let Some(cleanup) = options.time("cleanup")? {
            settings.cleanup = cleanup;
        }
        if is_sealed {
            let tls = Tls::taken_from(&mut options)?;
            if tls.ca.is_none() {
                return Err(LocationError::new("TLS without `ca`, whom to trust"));
            }
            settings.tls = Some(tls);
        }
        options.end()?;
        Ok(settings)
    }
}

/// The port of servers whose address names none.
pub(crate) fn usual_port(is_sealed: bool) -> u16 {
    if is_sealed { 2281 } else { 2181 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_it_all() -> Result<(), LocationError> {
        let url = "zookeeper://me:secret@a/apps/kv?timeout=250ms&cleanup=1s&nodes=b:1,c:2";
        let settings = Settings::from_url(url)?;
        assert_eq!(settings.addresses, ["a:2181", "b:1", "c:2"]);
        assert_eq!(settings.root, ["apps", "kv"]);
        assert_eq!(settings.user.as_deref(), Some("me"));
        assert_eq!(settings.timeout, Duration::from_millis(250));
        assert_eq!(settings.cleanup, Duration::from_secs(1));
        assert!(!format!("{settings:?}").contains("secret"));
        assert!(settings.tls.is_none());
        assert_eq!(Settings::from_url("zookeeper://a")?.root, ["kv"]);

        let settings = Settings::from_url("zookeepers://a?ca=/etc/ca.pem")?;
        assert_eq!(settings.addresses, ["a:2281"]);
        let tls = settings.tls.unwrap_or_default();
        assert_eq!(tls.ca, Some("/etc/ca.pem".into()));
        Ok(())
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for url in [
            "zookeeper://host?retries=3",
            "zookeeper://host?timeout=18446744073709551615s",
            // Without a login, everybody may write what is written.
            "zookeeper://:secret@host",
            "zk://host",
            "zookeeper://host?ca=/etc/ca.pem",
            "zookeepers://host",
            "zookeeper:///kv",
        ] {
            assert!(Settings::from_url(url).is_err(), "{url}");
        }
    }
}
