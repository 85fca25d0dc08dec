//! The providers that can be checked, by name or URL.

mod local;
mod service;

use std::path::Path;

use tck::Suite;

use crate::{Failure, args::Checked, nearest::UnknownName};

pub(crate) use service::settings;

/// A provider and the contracts that it declares.
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) suites: Vec<Suite>,
    /// Removed when the check is over.
    _left: Option<local::Leftovers>,
}

const SCHEMES: [&str; 3] = ["memory", "embedded", "http"];

impl Target {
    /// The provider of that URL: `memory:`, `embedded:` for one in memory, `embedded:PATH`
    /// for a file, `http://…` for a service. Where nothing comes behind it, the colon may be
    /// left out.
    pub(crate) fn find(url: &str, checked: &Checked) -> Result<Self, Failure> {
        let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
        let (suites, left) = match (scheme, rest) {
            ("memory", "") => (local::memory(), None),
            ("embedded", "") => (local::embedded(), None),
            ("embedded", path) => {
                let (suites, left) = local::embedded_file(Path::new(path))?;
                (suites, Some(left))
            }
            ("http", _) => return Self::service(url, checked),
            ("https", _) => {
                let reason =
                    "a check speaks HTTP without TLS: give it the address behind what ends TLS";
                return Err(Failure::Open(reason.to_owned()));
            }
            _ => {
                let known = "the providers are: memory, embedded:, embedded:PATH, http://HOST:PORT";
                // Not what comes behind it: it may hold a token.
                return Err(UnknownName::new("provider", scheme, SCHEMES, known).into());
            }
        };
        Ok(Self {
            name: url.to_owned(),
            suites,
            _left: left,
        })
    }

    /// A service, with the contracts that it declares.
    pub(crate) fn service(url: &str, checked: &Checked) -> Result<Self, Failure> {
        let settings = settings(url, checked)?;
        Ok(Self {
            name: format!("http://{}", settings.address),
            suites: service::suites(&settings, checked)?,
            _left: None,
        })
    }

    /// Only these of its contracts, or all where none is named.
    pub(crate) fn only(mut self, contracts: &[String]) -> Result<Self, Failure> {
        let known: Vec<_> = self
            .suites
            .iter()
            .map(|suite| suite.contract().name)
            .collect();
        if let Some(unknown) = contracts
            .iter()
            .find(|name| !known.contains(&name.as_str()))
        {
            let declared = format!("{} declares: {}", self.name, known.join(", "));
            return Err(UnknownName::new("contract", unknown, known, declared).into());
        }
        if !contracts.is_empty() {
            let is_named =
                |suite: &Suite| contracts.iter().any(|name| name == suite.contract().name);
            self.suites.retain(is_named);
        }
        Ok(self)
    }
}
