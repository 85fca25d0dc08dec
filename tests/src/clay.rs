//! A correct store, plain enough to be remade with one fault.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tck::{Bytes, Clock, EmptyKey, Error, Result, ZeroTtl};

/// What the store declares and keeps to.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The longest key in bytes.
    pub longest_key: Option<usize>,
    /// The largest value in bytes.
    pub largest_value: Option<usize>,
    /// What becomes of the empty key.
    pub empty_key: EmptyKey,
    /// What becomes of a time to live of zero.
    pub zero_ttl: ZeroTtl,
}

impl Rules {
    /// No limits, everything accepted.
    pub const NONE: Self = Self {
        longest_key: None,
        largest_value: None,
        empty_key: EmptyKey::Accepted,
        zero_ttl: ZeroTtl::Expired,
    };

    /// Limits, and everything refused that may be.
    pub const STRICT: Self = Self {
        longest_key: Some(200),
        largest_value: Some(100_000),
        empty_key: EmptyKey::Refused,
        zero_ttl: ZeroTtl::Invalid,
    };
}

/// Where a value lies: the text that namespace and key become.
pub type Locate = fn(namespace: &str, key: &str) -> String;

/// Joins a namespace and a key without loss: no namespace contains its own length.
#[must_use]
pub fn exactly(namespace: &str, key: &str) -> String {
    format!("{}:{namespace}{key}", namespace.len())
}

/// A value, and the time it lives.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The value.
    pub value: Bytes,
    /// When it was written.
    pub written: Instant,
    /// When it expires.
    pub end: Option<Instant>,
}

/// The state that all handles share.
#[derive(Debug, Default)]
pub struct Server {
    entries: Mutex<BTreeMap<String, Entry>>,
    /// Something that a fault remembers.
    pub memo: Mutex<HashMap<String, Bytes>>,
    /// Something that a fault counts.
    pub count: AtomicUsize,
    /// When a fault began to count.
    pub start: OnceLock<Instant>,
    /// How many handles were opened.
    pub(crate) handles: AtomicUsize,
}

/// A handle on one namespace.
#[derive(Debug)]
pub struct Hand {
    /// The state that all handles share.
    pub server: Arc<Server>,
    /// The namespace as it was asked for.
    pub namespace: String,
    /// Which handle on the server this is.
    pub number: usize,
    /// Something that a fault remembers for this handle alone.
    pub memo: Mutex<HashMap<String, Bytes>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rules: Rules,
    pub(crate) locate: Locate,
}

impl Hand {
    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Where the key lies.
    #[must_use]
    pub fn at(&self, key: &str) -> String {
        (self.locate)(&self.namespace, key)
    }

    /// The entry under the key, alive or not.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<Entry> {
        self.entries().get(&self.at(key)).cloned()
    }

    /// Puts an entry under the key, as it is.
    pub fn put(&self, key: &str, entry: Entry) {
        self.entries().insert(self.at(key), entry);
    }

    /// All entries of the server.
    pub fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        locked(&self.server.entries)
    }

    /// Whether an entry is alive.
    #[must_use]
    pub fn is_alive(&self, entry: &Entry) -> bool {
        entry.end.is_none_or(|end| self.now() < end)
    }

    /// Adds one to what a fault counts, and answers how many there were.
    pub fn count(&self) -> usize {
        self.server.count.fetch_add(1, Ordering::SeqCst)
    }

    /// The correct `get`.
    pub fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.check_key(key)?;
        Ok(self
            .entry(key)
            .filter(|entry| self.is_alive(entry))
            .map(|entry| entry.value))
    }

    /// The correct `has`.
    pub fn has(&self, key: &str) -> Result<bool> {
        Ok(self.get(key)?.is_some())
    }

    /// The correct `set`, and `set_with_ttl` where there is a time to live.
    pub fn write(&self, key: &str, value: Bytes, ttl: Option<Duration>) -> Result<()> {
        self.check_key(key)?;
        if let Some(limit) = self
            .rules
            .largest_value
            .filter(|limit| value.len() > *limit)
        {
            return Err(Error::TooLarge {
                size: value.len(),
                limit,
            });
        }
        let ttl = match (ttl, self.rules.zero_ttl) {
            (Some(Duration::ZERO), ZeroTtl::Invalid) => return Err(Error::invalid_ttl("zero")),
            (Some(Duration::ZERO), ZeroTtl::Forever) => None,
            (ttl, _) => ttl,
        };
        let written = self.now();
        let end = ttl.and_then(|ttl| written.checked_add(ttl));
        self.put(
            key,
            Entry {
                value,
                written,
                end,
            },
        );
        Ok(())
    }

    /// The correct `delete`.
    pub fn delete(&self, key: &str) -> Result<()> {
        self.check_key(key)?;
        self.entries().remove(&self.at(key));
        Ok(())
    }

    fn check_key(&self, key: &str) -> Result<()> {
        if key.is_empty() && self.rules.empty_key == EmptyKey::Refused {
            return Err(Error::invalid_key("empty"));
        }
        match self.rules.longest_key {
            Some(limit) if key.len() > limit => Err(Error::invalid_key("too long")),
            _ => Ok(()),
        }
    }
}

/// The lock, whatever became of the last holder.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
