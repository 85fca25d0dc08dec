//! How to reach a server.

use std::time::Duration;

use omni_kv_parts::{Location, LocationError, Secret, Tls};

/// How to reach a server or a cluster, typed or out of a URL.
///
/// | URL | reaches |
/// |---|---|
/// | `redis://host:6379/0` | a server, and its database with that number |
/// | `rediss://host:6379` | the same over TLS (feature `tls`) |
/// | `redis-cluster://host:6379?nodes=other:6379,third:6379` | a cluster, by those of its nodes that answer |
/// | `rediss-cluster://host:6379` | the same over TLS (feature `tls`) |
///
/// User and password stand before the host, `redis://user:password@host`. The option
/// `timeout`, such as `500ms` or `2s`, says within which time a call ends. Over TLS `ca` names
/// a file with the certificates to trust, in place of the public ones, and `certificate` and
/// `key` files with a certificate of one's own and its key, which servers may ask for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Host and port of the server, or of some nodes of the cluster.
    pub addresses: Vec<String>,
    /// Whether it is a cluster.
    pub is_cluster: bool,
    /// How to speak TLS, where it is to be spoken.
    pub tls: Option<Tls>,
    /// The user to log in as.
    pub user: Option<String>,
    /// The password to log in with.
    pub password: Option<Secret>,
    /// The number of the database.
    pub database: u32,
    /// Within which time every call ends.
    pub timeout: Duration,
}

impl Settings {
    /// A server at this host and port, without a password.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            addresses: vec![address.into()],
            is_cluster: false,
            tls: None,
            user: None,
            password: None,
            database: 0,
            timeout: Duration::from_secs(5),
        }
    }

    /// The settings that a URL stands for.
    pub fn from_url(url: &str) -> Result<Self, LocationError> {
        let schemes = ["redis", "rediss", "redis-cluster", "rediss-cluster"];
        let location = Location::parse(url, &schemes)?;
        let mut settings = Self::new(location.address(6379)?);
        settings.is_cluster = location.scheme().ends_with("cluster");
        settings.user = location.user();
        settings.password = location.password();
        if settings.user.is_some() && settings.password.is_none() {
            let reason = "a user without a password, which nobody would be asked for";
            return Err(LocationError::new(reason));
        }
        settings.database = match location.path().as_slice() {
            [] => 0,
            [number] if !settings.is_cluster => number
                .parse()
                .map_err(|_| LocationError::new("the path is not the number of a database"))?,
            _ => return Err(LocationError::new("a path that names no database")),
        };
        let mut options = location.options()?;
        if let Some(timeout) = options.time("timeout")? {
            settings.timeout = timeout;
        }
        if location.scheme().starts_with("rediss") {
            settings.tls = Some(Tls::taken_from(&mut options)?);
        }
        if settings.is_cluster {
            settings.addresses.extend(options.list("nodes"));
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
        let settings = Settings::from_url("rediss://me:secret@example.org/3?timeout=250ms")?;
        assert_eq!(settings.addresses, ["example.org:6379"]);
        assert!(settings.tls.is_some() && !settings.is_cluster);
        assert_eq!(settings.user.as_deref(), Some("me"));
        assert_eq!(settings.database, 3);
        assert_eq!(settings.timeout, Duration::from_millis(250));
        assert!(!format!("{settings:?}").contains("secret"));

        let settings = Settings::from_url("redis-cluster://a:1?nodes=b:2,c:3")?;
        assert_eq!(settings.addresses, ["a:1", "b:2", "c:3"]);
        assert!(settings.is_cluster && settings.tls.is_none());
        Ok(())
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for url in [
            "redis://me@host",
            "redis-cluster://me@host",
            "redis://host/first",
            "redis://host/1/2",
            "redis-cluster://host/1",
            "redis://host?nodes=a:1",
            "redis://host?ca=/ca.pem",
            "redis://host?retries=3",
            "memcached://host",
        ] {
            assert!(Settings::from_url(url).is_err(), "{url}");
        }
    }
}
