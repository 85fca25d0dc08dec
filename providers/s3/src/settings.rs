//! How to reach a bucket.

use std::{path::PathBuf, time::Duration};

use omni_kv_parts::{Location, LocationError, Secret};

/// How to reach a bucket, typed or out of a URL.
///
/// | URL | reaches |
/// |---|---|
/// | `s3://key:secret@s3.eu-central-1.amazonaws.com/bucket` | a bucket, over TLS |
/// | `s3://key:secret@host/bucket/some/folder` | a folder in it |
/// | `s3+http://key:secret@localhost:9000/bucket` | a bucket, without TLS |
///
/// Without a key in the URL, credentials come from the environment, as those of AWS's own tools:
/// `AWS_ACCESS_KEY_ID` and the like, or the role of the machine. Options stand after a question
/// mark: `region`; `timeout`, such as `500ms` or `2s`, within which a request ends; and `ca`, a
/// file with certificates to trust beside those of the system.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Host and port of the server.
    pub address: String,
    /// Whether to speak TLS.
    pub tls: bool,
    /// A file of certificates, in PEM, to trust beside those of the system.
    pub ca: Option<PathBuf>,
    /// The bucket.
    pub bucket: String,
    /// The folder in the bucket, without slashes at its ends. May be empty.
    pub folder: String,
    /// The access key.
    pub key: Option<String>,
    /// The secret key.
    pub secret: Option<Secret>,
    /// The region that requests are signed for.
    pub region: String,
    /// Within which time every request ends.
    pub timeout: Duration,
}

impl Settings {
    /// A bucket on the server at this host and port, over TLS.
    pub fn new(address: impl Into<String>, bucket: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            tls: true,
            ca: None,
            bucket: bucket.into(),
            folder: String::new(),
            key: None,
            secret: None,
            region: "us-east-1".to_owned(),
            timeout: Duration::from_secs(10),
        }
    }

    /// The settings that a URL stands for.
    pub fn from_url(url: &str) -> Result<Self, LocationError> {
        let location = Location::parse(url, &["s3", "s3+http"])?;
        let tls = location.scheme() == "s3";
        let address = location.address(if tls { 443 } else { 80 })?;
        let path = location.path();
        let (bucket, folder) = path
            .split_first()
            .ok_or_else(|| LocationError::new("no bucket"))?;
        let mut settings = Self::new(address, bucket);
        settings.tls = tls;
        settings.folder = folder.join("/");
        settings.key = location.user();
        settings.secret = location.password();
        if settings.key.is_some() != settings.secret.is_some() {
            return Err(LocationError::new(
                "a key without a secret, or a secret without a key",
            ));
        }
        let mut options = location.options()?;
        if let Some(region) = options.text("region") {
            settings.region = region;
        }
        if let Some(timeout) = options.time("timeout")? {
            settings.timeout = timeout;
        }
        if tls {
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
        let url = "s3://ak:hunter%2F2@example.org/bucket/a/b?region=eu&timeout=250ms";
        let settings = Settings::from_url(url)?;
        assert_eq!(settings.address, "example.org:443");
        assert_eq!((&*settings.bucket, &*settings.folder), ("bucket", "a/b"));
        assert_eq!(settings.key.as_deref(), Some("ak"));
        assert_eq!(
            settings.secret.as_ref().map(Secret::reveal),
            Some("hunter/2")
        );
        assert_eq!(settings.region, "eu");
        assert_eq!(settings.timeout, Duration::from_millis(250));
        assert!(settings.tls && !Settings::from_url("s3+http://a:b@h:1/b")?.tls);
        assert!(!format!("{settings:?}").contains("hunter"));
        Ok(())
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for url in [
            "s3://host",
            "s3://key@host/bucket",
            "s3://host/bucket?acl=public",
            "s3+http://host/bucket?ca=/ca.pem",
            "https://host/bucket",
        ] {
            assert!(Settings::from_url(url).is_err(), "{url}");
        }
    }
}
