//! A correct transaction on [`clay`](crate::clay), plain enough to be remade with one fault.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use tck::{Bytes, Error, Isolation, Page, Result};

use crate::clay::{Entry, Hand, page};

/// What becomes of a key: a value with its time to live, or nothing.
pub type Written = Option<(Bytes, Option<Duration>)>;

/// A transaction: a copy of everything as it was, and what it will change.
#[derive(Clone, Debug)]
pub struct Deal {
    /// The handle it was begun on.
    pub hand: Arc<Hand>,
    /// When it began.
    pub began: Instant,
    /// The entries when it began.
    pub seen: BTreeMap<String, Entry>,
    /// The keys that it has read.
    pub reads: BTreeSet<String>,
    /// The prefixes that it has listed.
    pub listed: BTreeSet<String>,
    /// When the first of what it had to show expires.
    pub until: Option<Instant>,
    /// What it writes.
    pub writes: BTreeMap<String, Written>,
    /// Whether it was committed or rolled back.
    pub(crate) is_over: bool,
}

impl Deal {
    /// A transaction that begins now.
    #[must_use]
    pub fn new(hand: &Arc<Hand>) -> Self {
        Self {
            hand: Arc::clone(hand),
            began: hand.now(),
            seen: hand.entries().clone(),
            reads: BTreeSet::new(),
            listed: BTreeSet::new(),
            until: None,
            writes: BTreeMap::new(),
            is_over: false,
        }
    }

    /// The correct `get`.
    pub fn get(&mut self, key: &str) -> Result<Option<Bytes>> {
        self.hand.check_key(key)?;
        if let Some(written) = self.writes.get(key) {
            return Ok(written.as_ref().map(|(value, _)| value.clone()));
        }
        self.reads.insert(key.to_owned());
        self.shows(&[key.to_owned()])?;
        Ok(self.alive(&self.seen, key).map(|entry| entry.value.clone()))
    }

    /// The correct `set`, and `set_with_ttl` where there is a time to live.
    pub fn set(&mut self, key: &str, value: Bytes, ttl: Option<Duration>) -> Result<()> {
        self.hand.check(key, &value)?;
        self.writes.insert(key.to_owned(), Some((value, ttl)));
        Ok(())
    }

    /// The correct `delete`.
    pub fn delete(&mut self, key: &str) -> Result<()> {
        self.hand.check_key(key)?;
        self.writes.insert(key.to_owned(), None);
        Ok(())
    }

    /// The correct `list`.
    pub fn list(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        self.listed.insert(prefix.to_owned());
        let hand = &self.hand;
        let leased = hand.keys_where(&self.seen, |namespace, key, entry| {
            namespace == hand.namespace && key.starts_with(prefix) && entry.end.is_some()
        });
        let stored = hand.alive_among(&self.seen, prefix);
        self.shows(&leased)?;
        let mut keys = BTreeSet::from_iter(stored);
        for (key, written) in &self.writes {
            if written.is_none() {
                keys.remove(key);
            } else if key.starts_with(prefix) {
                keys.insert(key.clone());
            }
        }
        Ok(page(keys.into_iter().collect(), after, limit))
    }

    /// Remembers when what it has to show expires: once something has, the rest would be of
    /// another moment.
    fn shows(&mut self, keys: &[String]) -> Result<()> {
        let ends = keys
            .iter()
            .filter_map(|key| self.seen.get(&self.hand.at(key))?.end);
        let ends = ends.filter(|end| *end > self.began);
        self.until = ends.chain(self.until).min();
        if self.until.is_some_and(|until| until <= self.hand.now()) {
            return Err(Error::conflict("what was there has expired"));
        }
        Ok(())
    }

    /// The correct `commit`.
    pub fn commit(&mut self) -> Result<()> {
        let hand = Arc::clone(&self.hand);
        let mut entries = hand.entries();
        self.check(&entries)?;
        self.apply(&mut entries)
    }

    /// Whether all that was read is still so.
    pub fn check(&self, entries: &BTreeMap<String, Entry>) -> Result<()> {
        let is_serializable = self.hand.rules.isolation == Isolation::Serializable;
        let same_reads = self.reads.iter().all(|key| {
            let value = |entries| self.alive(entries, key).map(|entry| &entry.value);
            let counts = is_serializable || self.writes.contains_key(key);
            !counts || value(&self.seen) == value(entries)
        });
        let same_lists = self.listed.iter().all(|prefix| {
            let stored = |entries| self.hand.alive_among(entries, prefix);
            !is_serializable || stored(&self.seen) == stored(entries)
        });
        if same_reads && same_lists {
            Ok(())
        } else {
            Err(Error::conflict("what was read has changed"))
        }
    }

    /// Applies all writes.
    pub fn apply(&self, entries: &mut BTreeMap<String, Entry>) -> Result<()> {
        for key in self.writes.keys() {
            self.apply_to(entries, key)?;
        }
        Ok(())
    }

    /// Applies the write to one key.
    pub fn apply_to(&self, entries: &mut BTreeMap<String, Entry>, key: &str) -> Result<()> {
        match self.writes.get(key) {
            Some(Some((value, ttl))) => {
                let entry = self.hand.written(value.clone(), *ttl)?;
                self.hand.put_among(entries, key, entry);
            }
            Some(None) => {
                entries.remove(&self.hand.at(key));
            }
            None => {}
        }
        Ok(())
    }

    /// The entry under the key among such entries, where it is alive.
    #[must_use]
    pub fn alive<'e>(&self, entries: &'e BTreeMap<String, Entry>, key: &str) -> Option<&'e Entry> {
        let entry = entries.get(&self.hand.at(key));
        entry.filter(|entry| self.hand.is_alive(entry))
    }
}
