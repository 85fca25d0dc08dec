//! How to reach a server.

use std::{str::FromStr, time::Duration};

use mongodb::options::ConnectionString;
use omni_kv_parts::{Location, LocationError};

/// How to reach a server, typed or out of a URL.
///
/// The URL is a connection string of MongoDB, `mongodb://user:password@host:27017/database` or
/// `mongodb+srv://…`, with all its options, such as `tls`, `replicaSet` or `authSource`, and
/// these: `timeout`, such as `500ms` or `2s`, says within which time a call ends; `collection`
/// names the collection; `values=json` stores JSON objects as documents.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The server, its credentials and what else the driver is to know.
    pub server: ConnectionString,
    /// The database.
    pub database: String,
    /// The collection in it.
    pub collection: String,
    /// How values are stored.
    pub values: Values,
    /// Within which time every call ends.
    pub timeout: Duration,
}

/// How values are stored. They come back byte for byte either way, and either way reads both.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Values {
    /// As binary data.
    #[default]
    Bytes,
    /// A JSON object as a document, other text as a string, the rest as binary data.
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

/// The options that are not the driver's.
const OWN: [&str; 3] = ["timeout", "collection", "values"];

impl Settings {
    /// The collection `entries` of the database that the connection string names, or of `omni_kv`
    /// where it names none.
    pub fn new(server: ConnectionString) -> Self {
        let database = server.default_database.clone();
        Self {
            server,
            database: database.unwrap_or_else(|| "omni_kv".to_owned()),
            collection: "entries".to_owned(),
            values: Values::Bytes,
            timeout: Duration::from_secs(10),
        }
    }

    /// The settings that a URL stands for.
    pub fn from_url(url: &str) -> Result<Self, LocationError> {
        // The driver would take it for a part of a name.
        if url.contains('#') {
            return Err(LocationError::fragment());
        }
        let (server, query) = url.split_once('?').unwrap_or((url, ""));
        let is_own = |pair: &&str| {
            let name = pair.split('=').next().unwrap_or_default();
            OWN.contains(&name)
        };
        let (own, theirs): (Vec<_>, Vec<_>) = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .partition(is_own);
        let server = if theirs.is_empty() {
            server.to_owned()
        } else {
            format!("{server}?{}", theirs.join("&"))
        };
        // What the driver says of it may repeat a part of it.
        let server = ConnectionString::parse(server)
            .map_err(|_| LocationError::new("not a connection string of MongoDB"))?;
        let mut settings = Self::new(server);
        let own = Location::parse(&format!("mongodb://host/?{}", own.join("&")), &["mongodb"])?;
        let mut options = own.options()?;
        if let Some(timeout) = options.time("timeout")? {
            settings.timeout = timeout;
        }
        if let Some(collection) = options.text("collection") {
            settings.collection = collection;
        }
        if let Some(values) = options.take("values")? {
            settings.values = values;
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
        let url = "mongodb://me:hunter2@a:1,b:2/app?replicaSet=rs&timeout=250ms&values=json\
                   &collection=cache&authSource=admin";
        let settings = Settings::from_url(url)?;
        assert_eq!(settings.server.replica_set.as_deref(), Some("rs"));
        assert_eq!(
            (&*settings.database, &*settings.collection),
            ("app", "cache")
        );
        assert_eq!(settings.values, Values::Json);
        assert_eq!(settings.timeout, Duration::from_millis(250));
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert_eq!(Settings::from_url("mongodb://host")?.database, "omni_kv");
        Ok(())
    }

    #[test]
    fn what_means_nothing_is_refused_without_the_secret() {
        for url in [
            "mongodb://me:hunter2@host/?values=xml",
            "mongodb://me:hunter2@host/?timeout=soon",
            "mongodb://me:hunter2@host:port/",
            "mongodb://me:hunter2@host/?collection=a#b&values=json",
            "mongodb://me:hunter2@host/app#main",
            "redis://me:hunter2@host",
        ] {
            let refused = Settings::from_url(url).map_err(|error| error.to_string());
            let said = refused.expect_err("every case is wrong");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
