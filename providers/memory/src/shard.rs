//! A part of the entries, behind one lock.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
    sync::Arc,
    time::{Duration, Instant},
};

use tck_api::{Bytes, Clock};

/// How many entries that have expired a write removes. More than it adds, so they can't
/// pile up; few, so that no write waits for a sweep.
const REMOVED_PER_WRITE: usize = 4;

/// Entries by key, their keys in order, and the ends of those that expire, in theirs.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    entries: HashMap<Arc<str>, Entry>,
    /// For listing alone: finding a key among a million others in a tree would cost each
    /// read and write several times what it does in a table.
    keys: BTreeSet<Arc<str>>,
    ends: BTreeMap<End, Arc<str>>,
    writes: u64,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) value: Bytes,
    /// Which write of the shard it is: two entries of a key never have the same.
    pub(crate) version: u64,
    end: Option<End>,
}

/// When an entry expires; the number tells apart those that end at the same moment.
type End = (Instant, u64);

impl Shard {
    /// The entry under `key`, where there is one that is alive. Few need to know the time.
    pub(crate) fn read(&self, key: &str, now: impl FnOnce() -> Instant) -> Option<&Entry> {
        let entry = self.entries.get(key)?;
        match entry.end {
            Some((end, _)) if end <= now() => None,
            _ => Some(entry),
        }
    }

    /// The keys from `start` on that are alive.
    pub(crate) fn range(
        &self,
        start: Bound<&str>,
        now: Instant,
    ) -> impl Iterator<Item = &Arc<str>> {
        let keys = self.keys.range::<str, _>((start, Bound::Unbounded));
        keys.filter(move |key| {
            let end = self.entries.get(*key).and_then(|entry| entry.end);
            end.is_none_or(|(end, _)| now < end)
        })
    }

    pub(crate) fn write(
        &mut self,
        key: &str,
        value: Bytes,
        ttl: Option<Duration>,
        clock: &dyn Clock,
    ) {
        self.writes += 1;
        let version = self.writes;
        let mut end = None;
        if ttl.is_some() || !self.ends.is_empty() {
            let now = clock.now();
            self.remove_expired(now);
            // A deadline that can't be counted is as far away as never.
            end = ttl
                .and_then(|ttl| now.checked_add(ttl))
                .map(|end| (end, version));
        }
        let entry = Entry {
            value,
            version,
            end,
        };
        let (key, replaced) = match self.entries.get_mut(key) {
            Some(held) => (
                end.map(|_| Arc::from(key)),
                std::mem::replace(held, entry).end,
            ),
            None => {
                let key: Arc<str> = key.into();
                self.keys.insert(Arc::clone(&key));
                self.entries.insert(Arc::clone(&key), entry);
                (Some(key), None)
            }
        };
        if let Some(replaced) = replaced {
            self.ends.remove(&replaced);
        }
        if let Some((end, key)) = end.zip(key) {
            self.ends.insert(end, key);
        }
    }

    pub(crate) fn remove(&mut self, key: &str) {
        let Some(removed) = self.entries.remove(key) else {
            return;
        };
        self.keys.remove(key);
        if let Some(end) = removed.end {
            self.ends.remove(&end);
        }
    }

    pub(crate) fn held(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn deadlines(&self) -> usize {
        self.ends.len()
    }

    fn remove_expired(&mut self, now: Instant) {
        for _ in 0..REMOVED_PER_WRITE {
            match self.ends.first_entry() {
                Some(first) if first.key().0 <= now => {
                    let key = first.remove();
                    self.keys.remove(&key);
                    self.entries.remove(&key);
                }
                _ => return,
            }
        }
    }
}
