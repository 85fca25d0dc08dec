//! A correct store, plain enough to be remade with one fault.

use std::{
    collections::{BTreeMap, HashMap},
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use tck::{Bytes, Clock, EmptyKey, Error, Isolation, Page, Result, ZeroTtl};

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
    /// What transactions are promised.
    pub isolation: Isolation,
}

impl Rules {
    /// No limits, everything accepted.
    pub const NONE: Self = Self {
        longest_key: None,
        largest_value: None,
        empty_key: EmptyKey::Accepted,
        zero_ttl: ZeroTtl::Expired,
        isolation: Isolation::Serializable,
    };

    /// Limits, and everything refused that may be.
    pub const STRICT: Self = Self {
        longest_key: Some(200),
        largest_value: Some(100_000),
        empty_key: EmptyKey::Refused,
        zero_ttl: ZeroTtl::Invalid,
        isolation: Isolation::Serializable,
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
    /// The namespace and the key of each place that was ever written.
    names: Mutex<HashMap<String, (String, String)>>,
    /// Something that a fault remembers.
    pub memo: Mutex<HashMap<String, Bytes>>,
    /// Something that a fault counts.
    pub count: AtomicUsize,
    /// When a fault began to count.
    pub start: OnceLock<Instant>,
    /// How many handles were opened.
    pub(crate) handles: AtomicUsize,
    /// How many handles on each namespace are open.
    pub(crate) open: Mutex<HashMap<String, usize>>,
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
        self.put_among(&mut self.entries(), key, entry);
    }

    /// Puts an entry under the key, among entries that are locked already.
    pub fn put_among(&self, entries: &mut BTreeMap<String, Entry>, key: &str, entry: Entry) {
        let (place, name) = (self.at(key), (self.namespace.clone(), key.to_owned()));
        locked(&self.server.names).insert(place.clone(), name);
        entries.insert(place, entry);
    }

    /// The keys of this namespace among such entries, in order.
    #[must_use]
    pub fn keys_among(&self, entries: &BTreeMap<String, Entry>) -> Vec<String> {
        self.keys_where(entries, |namespace, _, _| namespace == self.namespace)
    }

    /// Those of them that are alive and begin with `prefix`, in order.
    #[must_use]
    pub fn alive_among(&self, entries: &BTreeMap<String, Entry>, prefix: &str) -> Vec<String> {
        self.keys_where(entries, |namespace, key, entry| {
            namespace == self.namespace && key.starts_with(prefix) && self.is_alive(entry)
        })
    }

    /// The keys that are meant by their namespace, themselves and their entry, in order.
    #[must_use]
    pub fn keys_where(
        &self,
        entries: &BTreeMap<String, Entry>,
        is_meant: impl Fn(&str, &str, &Entry) -> bool,
    ) -> Vec<String> {
        let names = locked(&self.server.names);
        let named = entries
            .iter()
            .filter_map(|(place, entry)| Some((names.get(place)?, entry)));
        let meant = named.filter(|((namespace, key), entry)| is_meant(namespace, key, entry));
        let mut keys: Vec<_> = meant.map(|((_, key), _)| key.clone()).collect();
        keys.sort();
        keys
    }

    /// All entries of the server.
    pub fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        locked(&self.server.entries)
    }

    /// All entries of the server, each behind its namespace and its key.
    #[must_use]
    pub fn named(&self) -> Vec<((String, String), Entry)> {
        let (entries, names) = (self.entries(), locked(&self.server.names));
        let named = entries
            .iter()
            .filter_map(|(place, entry)| Some((names.get(place)?.clone(), entry.clone())));
        named.collect()
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
        self.check(key, &value)?;
        let entry = self.written(value, ttl)?;
        self.put(key, entry);
        Ok(())
    }

    /// An entry that is written now.
    pub fn written(&self, value: Bytes, ttl: Option<Duration>) -> Result<Entry> {
        let ttl = match (ttl, self.rules.zero_ttl) {
            (Some(Duration::ZERO), ZeroTtl::Invalid) => return Err(Error::invalid_ttl("zero")),
            (Some(Duration::ZERO), ZeroTtl::Forever) => None,
            (ttl, _) => ttl,
        };
        let written = self.now();
        let end = ttl.and_then(|ttl| written.checked_add(ttl));
        Ok(Entry {
            value,
            written,
            end,
        })
    }

    /// The correct `delete`.
    pub fn delete(&self, key: &str) -> Result<()> {
        self.check_key(key)?;
        self.entries().remove(&self.at(key));
        Ok(())
    }

    /// The correct `list`.
    pub fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        Ok(page(self.alive(prefix), after, limit))
    }

    /// The keys of this namespace that are alive and begin with `prefix`, in order.
    #[must_use]
    pub fn alive(&self, prefix: &str) -> Vec<String> {
        self.alive_among(&self.entries(), prefix)
    }

    /// The correct `set_if_absent`.
    pub fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        self.write_if(key, value, |held| held.is_none())
    }

    /// The correct `compare_and_set`.
    pub fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        self.write_if(key, value, |held| {
            held.is_some_and(|held| held.value == expected)
        })
    }

    /// Writes where the entry that is alive, or its absence, is as it should be.
    pub fn write_if(
        &self,
        key: &str,
        value: Bytes,
        is_as_expected: impl FnOnce(Option<&Entry>) -> bool,
    ) -> Result<bool> {
        self.check(key, &value)?;
        let mut entries = self.entries();
        let held = entries.get(&self.at(key));
        let writes = is_as_expected(held.filter(|entry| self.is_alive(entry)));
        if writes {
            let entry = self.written(value, None)?;
            self.put_among(&mut entries, key, entry);
        }
        Ok(writes)
    }

    /// Whether key and value are within the limits.
    pub fn check(&self, key: &str, value: &Bytes) -> Result<()> {
        self.check_key(key)?;
        let size = value.len();
        match self.rules.largest_value {
            Some(limit) if size > limit => Err(Error::TooLarge { size, limit }),
            _ => Ok(()),
        }
    }

    /// Whether the key is within the limits.
    pub fn check_key(&self, key: &str) -> Result<()> {
        if key.is_empty() && self.rules.empty_key == EmptyKey::Refused {
            return Err(Error::invalid_key("empty"));
        }
        match self.rules.longest_key {
            Some(limit) if key.len() > limit => Err(Error::invalid_key("too long")),
            _ => Ok(()),
        }
    }
}

/// The first of these keys after `after`.
#[must_use]
pub fn page(keys: Vec<String>, after: Option<&str>, limit: NonZeroUsize) -> Page<String> {
    let is_next = |key: &String| after.is_none_or(|after| after < key.as_str());
    Page::of(keys.into_iter().filter(is_next), limit, String::as_str)
}

/// Holds a fault open until this has happened, or for longer than a thread waits for its turn.
pub fn hold_until(has_happened: impl Fn() -> bool) {
    hold_for(Duration::from_millis(500), has_happened);
}

/// Holds a fault open until this has happened, or for so long.
pub fn hold_for(limit: Duration, has_happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !has_happened() && start.elapsed() < limit {
        sleep(Duration::from_micros(50));
    }
}

/// The lock, whatever became of the last holder.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
