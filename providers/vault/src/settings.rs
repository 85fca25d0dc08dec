//! How to reach a server.

use std::{env, path::PathBuf, str::FromStr, time::Duration};

use omni_kv_parts::{Location, LocationError, Secret};

/// How to reach a server, typed or out of a URL.
///
/// | URL | reaches |
/// |---|---|
/// | `vault://token@host:8200/secret` | a server, and the KV v2 engine that is mounted at that path |
/// | `vaults://token@host:8200/secret` | the same over TLS |
///
/// Where the URL holds no token, it is taken from the variable `VAULT_TOKEN`. Options stand
/// after a question mark: `timeout`, such as `500ms` or `2s`, says within which time a request
/// ends; `values=json` stores JSON objects as documents; `ca` names a file with the
/// certificates to trust instead of those of the system.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Host and port of the server.
    pub address: String,
    /// Whether to speak TLS.
    pub tls: bool,
    /// A file of certificates, in PEM, to trust instead of those of the system.
    pub ca: Option<PathBuf>,
    /// The token that every request carries.
    pub token: Option<Secret>,
    /// Where the engine is mounted.
    pub mount: String,
    /// How values are stored.
    pub values: Values,
    /// Within which time every request ends.
    pub timeout: Duration,
}

/// How values are stored. They come back byte for byte either way, and either way reads both.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Values {
    /// As bytes, in base64.
    #[default]
    Bytes,
    /// A JSON object as the document itself, other text as text, the rest in base64.
    Json,
}

impl FromStr for Values {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        match text {
            "bytes" => Ok(Self::Bytes),
            "json" => Ok(Self::Json),
            _ => Err(LocationError::new("values are bytes or json")),
        }
    }
}

impl Settings {
    /// A server at this host and port, with the engine that is mounted at `secret`.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            tls: false,
            ca: None,
            token: None,
            mount: "secret".to_owned(),
            values: Values::Bytes,
            timeout: Duration::from_secs(5),
        }
    }

    /// The settings that a URL stands for.
    pub fn from_url(url: &str) -> Result<Self, LocationError> {
        let location = Location::parse(url, &["vault", "vaults"])?;
        let mut settings = Self::new(location.address(8200)?);
        settings.tls = location.scheme() == "vaults";
        let token = match (location.user(), location.password()) {
            (Some(_), Some(_)) => {
                return Err(LocationError::new("a user beside the token"));
            }
            (user, password) => password.or_else(|| user.map(Secret::from)),
        };
        settings.token = token.or_else(|| env::var("VAULT_TOKEN").ok().map(Secret::from));
        let mount = location.path();
        if !mount.is_empty() {
            settings.mount = mount.join("/");
        }
        let mut options = location.options()?;
        if let Some(timeout) = options.time("timeout")? {
            settings.timeout = timeout;
        }
        if let Some(values) = options.take("values")? {
            settings.values = values;
        }
        if settings.tls {
            settings.ca = options.take("ca")?;
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
        let url = "vaults://hvs.s3cr3t@example.org/team/kv?timeout=250ms&values=json";
        let settings = Settings::from_url(url)?;
        assert_eq!(settings.address, "example.org:8200");
        assert!(settings.tls);
        assert_eq!(
            settings.token.as_ref().map(Secret::reveal),
            Some("hvs.s3cr3t")
        );
        assert_eq!(settings.mount, "team/kv");
        assert_eq!(settings.values, Values::Json);
        assert_eq!(settings.timeout, Duration::from_millis(250));
        assert!(!format!("{settings:?}").contains("s3cr3t"));
        assert_eq!(Settings::from_url("vault://host")?.mount, "secret");
        // Nobody is to think that it is encrypted.
        assert!(Settings::from_url("vault://host?ca=ca.pem").is_err());
        Ok(())
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for url in [
            "vault://host?values=xml",
            "vault://host?retries=3",
            "vault://me:token@host",
            "http://host:8200",
        ] {
            assert!(Settings::from_url(url).is_err(), "{url}");
        }
    }
}
