//! Where a service is, and whether it may be asked.

use std::{error::Error, fmt, net::IpAddr};

use crate::{Profile, Suite, capability, contracts::http, factory::factory};

/// A service on the wire.
///
/// A check writes and deletes, if only under keys of its own, so that services on other machines
/// are refused unless one says that they are one's own:
///
/// ```
/// use tck::{Profile, http::{Target, TargetError}};
///
/// let suite = Target::new("http://127.0.0.1:8000")?.token("s3cret").suite(Profile::new());
/// assert!(matches!(Target::new("http://kv.example"), Err(TargetError::NotLocal { .. })));
/// Target::of_my_own("http://kv.example")?;
/// # Ok::<(), TargetError>(())
/// ```
#[derive(Clone)]
pub struct Target {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// What comes before `/keys`.
    pub(crate) base: String,
    pub(crate) token: Option<String>,
    is_local: bool,
}

impl Target {
    /// The service at a URL such as `http://127.0.0.1:8000`, on this machine.
    ///
    /// # Errors
    ///
    /// Where the URL is none, or leads to another machine.
    pub fn new(url: &str) -> Result<Self, TargetError> {
        let target = Self::of_my_own(url)?;
        match target.is_local {
            true => Ok(target),
            false => Err(TargetError::NotLocal { host: target.host }),
        }
    }

    /// The service at a URL, wherever it is. Whoever calls this says that it is theirs to
    /// write to.
    ///
    /// # Errors
    ///
    /// Where the URL is none.
    pub fn of_my_own(url: &str) -> Result<Self, TargetError> {
        let wrong = |reason| TargetError::NoUrl {
            url: url.to_owned(),
            reason,
        };
        let rest = url
            .strip_prefix("http://")
            .ok_or_else(|| wrong("it does not begin with http://"))?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if rest.contains(['?', '#', ' ']) || authority.contains('@') {
            return Err(wrong("it is more than a host, a port and a path"));
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let port = port.map_or(Ok(80), str::parse);
        let port = port.map_err(|_| wrong("its port is no number"))?;
        if host.is_empty() {
            return Err(wrong("it has no host"));
        }
        let literal: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
        let is_local = literal.map_or(host == "localhost", |ip| ip.is_loopback());
        Ok(Self {
            host: host.to_owned(),
            port,
            base: path.trim_end_matches('/').to_owned(),
            token: None,
            is_local,
        })
    }

    /// The token that requests bear.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The suite that checks the service.
    #[must_use]
    pub fn suite(self, profile: Profile) -> Suite {
        let target = move || {
            let target = self.clone();
            async move { target }
        };
        let factory = factory::<capability::Service, _, _, _>(target);
        Suite::new(&http::CONTRACT, factory, profile)
    }

    /// What stands in the header `Host`.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.base)
    }
}

/// Why a service is not asked.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TargetError {
    /// The URL is none of a service.
    NoUrl {
        /// The URL.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The service is not on this machine, and nobody has said that it is theirs.
    NotLocal {
        /// The host of the service.
        host: String,
    },
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUrl { url, reason } => write!(f, "{url:?} is no URL of a service: {reason}"),
            Self::NotLocal { host } => write!(
                f,
                "{host} is not this machine, and the checks write: say that it is your own"
            ),
        }
    }
}

impl Error for TargetError {}

type BoxError = Box<dyn Error + Send + Sync>;

/// What a factory may answer with where it makes no store but says where a service is.
pub trait IntoTarget {
    /// Where the service is.
    fn into_target(self) -> Result<Target, BoxError>;
}

impl IntoTarget for Target {
    fn into_target(self) -> Result<Target, BoxError> {
        Ok(self)
    }
}

impl IntoTarget for &str {
    fn into_target(self) -> Result<Target, BoxError> {
        Ok(Target::new(self)?)
    }
}

impl IntoTarget for String {
    fn into_target(self) -> Result<Target, BoxError> {
        self.as_str().into_target()
    }
}

impl<T: IntoTarget, E: Into<BoxError>> IntoTarget for Result<T, E> {
    fn into_target(self) -> Result<Target, BoxError> {
        self.map_err(Into::into)?.into_target()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_host_a_port_and_a_path() {
        for (url, shown) in [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://localhost", "http://localhost:80"),
            ("http://[::1]:8000/", "http://[::1]:8000"),
            ("http://[::1]", "http://[::1]:80"),
            ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1"),
        ] {
            assert_eq!(format!("{:?}", Target::new(url).unwrap()), shown);
        }
        for url in [
            "127.0.0.1:8000",
            "https://localhost",
            "http://",
            "http://:80",
            "http://localhost:x",
            "http://localhost:70000",
            "http://user@localhost",
            "http://localhost/?a",
        ] {
            let error = Target::of_my_own(url).unwrap_err();
            assert!(matches!(error, TargetError::NoUrl { .. }), "{error}");
        }
    }

    #[test]
    fn other_machines_are_refused_unless_they_are_ones_own() {
        for url in [
            "http://192.0.2.1",
            "http://kv.example:8000",
            "http://localhost.example",
            "http://127.0.0.1.example",
        ] {
            let error = Target::new(url).unwrap_err();
            assert!(matches!(error, TargetError::NotLocal { .. }), "{error}");
            assert!(Target::of_my_own(url).is_ok());
        }
    }

    #[test]
    fn a_token_is_not_shown() {
        let target = Target::new("http://localhost").unwrap().token("s3cret");
        assert!(!format!("{target:?}").contains("s3cret"));
    }
}
