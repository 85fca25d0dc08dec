//! How to reach a database.

use std::time::Duration;

use omni_kv_parts::{Location, LocationError, Secret};

/// How to reach a database, typed or out of a URL.
///
/// | URL | reaches |
/// |---|---|
/// | `upstash://:token@name.upstash.io` | `https://name.upstash.io` with that token |
/// | `upstash-http://:token@host:8079` | the same without TLS, such as a proxy on the same machine |
///
/// What has a meaning in URLs is written `%2F` and so on in the token. The option `timeout`,
/// such as `500ms` or `2s`, says within which time a request ends.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Host and port.
    pub address: String,
    /// The token of the database, which may write.
    pub token: Secret,
    /// Whether to speak TLS.
    pub tls: bool,
    /// Within which time every request ends.
    pub timeout: Duration,
}

impl Settings {
    /// The database at this host, over TLS.
    pub fn new(address: impl Into<String>, token: impl Into<Secret>) -> Self {
        Self {
            address: address.into(),
            token: token.into(),
            tls: true,
            timeout: Duration::from_secs(5),
        }
    }

    /// The settings that a URL stands for.
    pub fn from_url(url: &str) -> Result<Self, LocationError> {
        let location = Location::parse(url, &["upstash", "upstash-http"])?;
        let tls = location.scheme() == "upstash";
        let token = location
            .password()
            .ok_or_else(|| LocationError::new("no token, which stands as ://:token@host"))?;
        // The URLs for clients of Redis name it.
        if location.user().is_some_and(|user| user != "default") {
            return Err(LocationError::new("a user, of which there is none"));
        }
        if !location.path().is_empty() {
            return Err(LocationError::new("a path, which names nothing"));
        }
        let address = location.address(if tls { 443 } else { 80 })?;
        let mut settings = Self::new(address, token);
        settings.tls = tls;
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
        let settings = Settings::from_url("upstash://:se%2Fcret@a.upstash.io?timeout=250ms")?;
        assert_eq!(settings.address, "a.upstash.io:443");
        assert_eq!(settings.token.reveal(), "se/cret");
        assert!(settings.tls);
        assert_eq!(settings.timeout, Duration::from_millis(250));
        assert!(!format!("{settings:?}").contains("cret"));

        let settings = Settings::from_url("upstash-http://default:secret@localhost:8079")?;
        assert_eq!(settings.address, "localhost:8079");
        assert!(!settings.tls);
        Ok(())
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for url in [
            "upstash://host",
            "upstash://token@host",
            "upstash://me:token@host",
            "upstash://:token@host/0",
            "upstash://:token@host?retries=3",
            "https://:token@host",
        ] {
            assert!(Settings::from_url(url).is_err(), "{url}");
        }
    }
}
