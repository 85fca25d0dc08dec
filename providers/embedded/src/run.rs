//! The name of a run.

use std::{collections::hash_map::RandomState, fmt, hash::BuildHasher, sync::Arc};

/// The name of a run: the namespace that its keys live in. Any text is one.
///
/// ```
/// use omni_kv_embedded::RunId;
///
/// assert_ne!(RunId::new(), RunId::new());
/// assert_eq!(RunId::from("nightly").as_str(), "nightly");
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RunId(Arc<str>);

impl RunId {
    /// A name that nobody else has: 128 bits at random.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "two defaults that differ would surprise"
    )]
    pub fn new() -> Self {
        // The keys of each state are random; what is hashed does not matter.
        let random = || RandomState::new().hash_one(std::process::id());
        Self(format!("{:016x}{:016x}", random(), random()).into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RunId {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<String> for RunId {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
