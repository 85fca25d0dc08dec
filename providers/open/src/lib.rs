//! Opens any of the providers by its URL.
//!
//! ```
//! # async fn example() -> tck_api::Result<()> {
//! let opened = omni_kv_open::open("memory:", "sessions").await?;
//! opened.store.set("ada", "token".into()).await?;
//! assert!(opened.cache.is_some());
//! # Ok(())
//! # }
//! ```
//!
//! Which providers there are is a matter of the features; `memory` and `embedded` are on by
//! default. It is for programs that are told their store when they start. A program that
//! knows its store uses the provider itself.

mod scheme;

use std::{fmt, sync::Arc};

use tck_api::{Atomic, Cache, Error, KeyValueStore, Listing, Result};

pub use scheme::{Scheme, schemes};

/// A store with what it can do.
#[derive(Clone)]
#[non_exhaustive]
pub struct Opened {
    /// The store.
    pub store: Arc<dyn KeyValueStore>,
    /// The same as a cache, where it is one.
    pub cache: Option<Arc<dyn Cache>>,
    /// The same with a listing, where it has one.
    pub listing: Option<Arc<dyn Listing>>,
    /// The same with writes on conditions, where it has them.
    pub atomic: Option<Arc<dyn Atomic>>,
    /// The length in bytes of the longest key, where there is a limit.
    pub longest_key: Option<usize>,
    /// The size in bytes of the largest value, where there is a limit.
    pub largest_value: Option<usize>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").finish_non_exhaustive()
    }
}

impl Opened {
    /// A provider that can't list.
    #[cfg(feature = "memcached")]
    fn unlisted<S: Cache + Atomic + 'static>(store: S) -> Self {
        Self::shared(Arc::new(store))
    }

    fn shared<S: Cache + Atomic + 'static>(store: Arc<S>) -> Self {
        Self {
            store: Arc::clone(&store) as Arc<dyn KeyValueStore>,
            cache: Some(Arc::clone(&store) as Arc<dyn Cache>),
            listing: None,
            atomic: Some(store),
            longest_key: None,
            largest_value: None,
        }
    }

    /// A provider that can do all of it.
    fn all<S: Cache + Listing + Atomic + 'static>(store: S) -> Self {
        let store = Arc::new(store);
        Self {
            listing: Some(Arc::clone(&store) as Arc<dyn Listing>),
            ..Self::shared(store)
        }
    }

    /// A provider that takes no longer keys and no larger values.
    fn within(mut self, longest_key: usize, largest_value: usize) -> Self {
        self.longest_key = Some(longest_key);
        self.largest_value = Some(largest_value);
        self
    }
}

/// The store of this namespace, at this URL.
pub async fn open(url: &str, namespace: &str) -> Result<Opened> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    match schemes().into_iter().find(|known| known.name == scheme) {
        Some(known) => (known.open)(url.to_owned(), rest.to_owned(), namespace.to_owned()).await,
        None => {
            let known: Vec<_> = schemes().iter().map(|scheme| scheme.name).collect();
            let reason = format!("no provider for {scheme}:, there are {}", known.join(", "));
            Err(Error::backend(reason))
        }
    }
}

#[cfg(all(test, feature = "memory", feature = "embedded"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_known_opens() -> Result<()> {
        for url in ["memory:", "memory", "embedded:"] {
            let opened = open(url, "tests").await?;
            opened.store.set("key", "value".into()).await?;
            assert_eq!(
                opened.store.get("key").await?.as_deref(),
                Some(&b"value"[..])
            );
            assert!(opened.listing.is_some() && opened.atomic.is_some());
        }
        Ok(())
    }

    #[tokio::test]
    async fn what_is_not_known_is_named() {
        let refused = open("floppy:a", "tests").await;
        let said = refused.expect_err("there is no such provider").to_string();
        assert!(
            said.contains("no provider for floppy:, there are"),
            "{said}"
        );
        assert!(open("memory:something", "tests").await.is_err());
    }
}
