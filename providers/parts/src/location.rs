//! Settings out of a URL.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;
use url::Url;

use crate::Secret;

/// Why a URL does not say how to reach a store. It never repeats the URL, which may hold a
/// password.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("invalid url: {reason}")]
pub struct LocationError {
    reason: String,
}

impl LocationError {
    /// What is wrong with it.
    pub fn new(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { reason }
    }

    /// A fragment names nothing in a store, and would swallow the options behind it.
    #[must_use]
    pub fn fragment() -> Self {
        Self::new("a fragment, which names nothing: a # is written %23")
    }
}

/// A URL such as `redis://user:password@host:6379/0?timeout=2s`.
#[derive(Clone)]
pub struct Location {
    url: Url,
}

impl Location {
    /// Reads a URL that has one of these schemes.
    pub fn parse(url: &str, schemes: &[&str]) -> Result<Self, LocationError> {
        let url = Url::parse(url).map_err(|error| LocationError::new(error.to_string()))?;
        if !schemes.contains(&url.scheme()) {
            let known = schemes.join(", ");
            let reason = format!("the scheme is {}, not one of: {known}", url.scheme());
            return Err(LocationError::new(reason));
        }
        if url.fragment().is_some() {
            return Err(LocationError::fragment());
        }
        Ok(Self { url })
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.url.scheme()
    }

    /// The host, which has to be there.
    pub fn host(&self) -> Result<&str, LocationError> {
        let host = self.url.host_str().filter(|host| !host.is_empty());
        host.ok_or_else(|| LocationError::new("no host"))
    }

    /// Host and port as they stand in an address.
    pub fn address(&self, default_port: u16) -> Result<String, LocationError> {
        let port = self.url.port_or_known_default().unwrap_or(default_port);
        Ok(format!("{}:{port}", self.host()?))
    }

    /// The segments of the path that are not empty.
    #[must_use]
    pub fn path(&self) -> Vec<String> {
        let segments = self.url.path().split('/');
        let named = segments.filter(|segment| !segment.is_empty());
        named.map(decoded).collect()
    }

    /// The name of the user, where there is one.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        let user = Some(self.url.username()).filter(|user| !user.is_empty());
        user.map(decoded)
    }

    /// The password, where there is one.
    #[must_use]
    pub fn password(&self) -> Option<Secret> {
        self.url.password().map(|secret| decoded(secret).into())
    }

    /// What stands after the question mark.
    pub fn options(&self) -> Result<Options, LocationError> {
        let mut options = BTreeMap::new();
        for (name, value) in self.url.query_pairs() {
            if options
                .insert(name.to_string(), value.into_owned())
                .is_some()
            {
                return Err(LocationError::new(format!("two options {name}")));
            }
        }
        Ok(Options(options))
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Location")
            .field("scheme", &self.url.scheme())
            .field("host", &self.url.host_str())
            .field("port", &self.url.port())
            .finish_non_exhaustive()
    }
}

fn decoded(text: &str) -> String {
    // A query is decoded by the library, the other parts are not.
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Clients multiply times, add them to moments, and count milliseconds in 32 bits.
const LONGEST: Duration = Duration::from_secs(24 * 86_400);

/// The options of a URL. Each is taken once; what is left at the end is a mistake.
#[derive(Clone)]
pub struct Options(BTreeMap<String, String>);

impl Options {
    /// The option of that name as it stands.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// The option of that name, of any type that can be read from text.
    pub fn take<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, LocationError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let wrong =
            || LocationError::new(format!("the option {name} has a value that does not fit"));
        text.parse().map(Some).map_err(|_| wrong())
    }

    /// What stands between commas in the option of that name.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        let named = text.split(',').filter(|part| !part.is_empty());
        named.map(str::to_owned).collect()
    }

    /// A time such as `500ms`, `2s` or `5m`, of 24 days at the most.
    pub fn time(&mut self, name: &str) -> Result<Option<Duration>, LocationError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let wrong = |what| LocationError::new(format!("the option {name} is {what}"));
        let time = duration(&text).ok_or_else(|| wrong("not a time such as 500ms, 2s or 5m"))?;
        if time > LONGEST {
            return Err(wrong("longer than 24 days"));
        }
        Ok(Some(time))
    }

    /// Nothing may be left.
    pub fn end(self) -> Result<(), LocationError> {
        match self.0.into_keys().next() {
            Some(name) => Err(LocationError::new(format!("there is no option {name}"))),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (count, unit) = text.split_at(digits);
    let count: u64 = count.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(count)),
        "s" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_secs(count.checked_mul(60)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() -> Result<(), LocationError> {
        let url =
            "redis://me:p%40ss+w&r=d@example.org:1234/3/a=b&c?timeout=250ms&pool=4&nodes=a:1,,b:2,";
        let location = Location::parse(url, &["redis"])?;
        assert_eq!(location.address(6379)?, "example.org:1234");
        assert_eq!(location.path(), ["3", "a=b&c"]);
        assert_eq!(location.user().as_deref(), Some("me"));
        let password = location.password();
        assert_eq!(password.as_ref().map(Secret::reveal), Some("p@ss+w&r=d"));
        let mut options = location.options()?;
        assert_eq!(options.time("timeout")?, Some(Duration::from_millis(250)));
        assert_eq!(options.take::<usize>("pool")?, Some(4));
        assert_eq!(options.take::<usize>("other")?, None);
        assert_eq!(options.list("nodes"), ["a:1", "b:2"]);
        assert_eq!(options.list("nodes"), [""; 0]);
        options.end()
    }

    #[test]
    fn a_time_is_24_days_at_the_most() -> Result<(), LocationError> {
        let url = "redis://h?a=34560m&b=34561m&c=2073600001ms";
        let mut options = Location::parse(url, &["redis"])?.options()?;
        assert_eq!(options.time("a")?, Some(LONGEST));
        assert!(options.time("b").is_err() && options.time("c").is_err());
        Ok(())
    }

    #[test]
    fn what_is_wrong_is_said_without_the_secret() {
        let cases = [
            ("redis://u:hunter2@h?timeuot=1s", "no option timeuot"),
            ("redis://u:hunter2@h?timeout=soon", "not a time"),
            (
                "redis://u:hunter2@h?timeout=18446744073709551615s",
                "longer than 24 days",
            ),
            (
                "redis://u:hunter2@h?timeout=1s&timeout=2s",
                "two options timeout",
            ),
            ("http://u:hunter2@h", "scheme"),
            ("redis:///0?timeout=1s", "no host"),
            ("redis://u:hunter2@h?nodes=a#b&timeout=1s", "a fragment"),
            ("redis://u:hunter2#3@h", "invalid port"),
            ("redis://h#", "a fragment"),
            ("not a url hunter2", "relative URL"),
        ];
        for (url, expected) in cases {
            let read = || {
                let location = Location::parse(url, &["redis"])?;
                location.host()?;
                let mut options = location.options()?;
                options.time("timeout")?;
                options.end()
            };
            let said = read().map_err(|error| error.to_string());
            let said = said.expect_err("every case is wrong");
            assert!(said.contains(expected), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }

    #[test]
    fn a_location_does_not_show_its_secret() {
        let location = Location::parse("redis://u:hunter2@h?password=hunter2", &["redis"]);
        let location = location.expect("it is a url");
        let shown = format!("{location:?} {:?}", location.options());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
