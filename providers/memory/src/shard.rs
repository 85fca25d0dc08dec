//! A part of the entries, behind one lock.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use hashbrown::{HashTable, hash_table};
use tck_api::{Bytes, Clock};

/// How many entries that have expired a write removes. More than it adds, so they can't
/// pile up; few, so that no write waits for a sweep.
const REMOVED_PER_WRITE: usize = 4;

/// Entries by key, and the ends of those that expire, in their order.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    entries: HashTable<Entry>,
    ends: BTreeMap<End, (u64, Arc<str>)>,
    ends_given: u64,
}

#[derive(Debug)]
struct Entry {
    hash: u64,
    key: Arc<str>,
    value: Bytes,
    end: Option<End>,
}

/// When an entry expires; the number tells apart those that end at the same moment.
type End = (Instant, u64);

impl Shard {
    pub(crate) fn read(&self, hash: u64, key: &str, clock: &dyn Clock) -> Option<&Bytes> {
        let entry = self.entries.find(hash, |entry| *entry.key == *key)?;
        match entry.end {
            Some((end, _)) if end <= clock.now() => None,
            _ => Some(&entry.value),
        }
    }

    pub(crate) fn write(
        &mut self,
        hash: u64,
        key: &str,
        value: Bytes,
        ttl: Option<Duration>,
        clock: &dyn Clock,
    ) {
        if ttl.is_some() || !self.ends.is_empty() {
            let now = clock.now();
            self.remove_expired(now);
            // A deadline that can't be counted is as far away as never.
            let end = ttl.and_then(|ttl| now.checked_add(ttl));
            self.replace(hash, key, value, end);
        } else {
            self.replace(hash, key, value, None);
        }
    }

    pub(crate) fn remove(&mut self, hash: u64, key: &str) {
        if let Ok(entry) = self.entries.find_entry(hash, |entry| *entry.key == *key) {
            let (entry, _) = entry.remove();
            if let Some(end) = entry.end {
                self.ends.remove(&end);
            }
        }
    }

    pub(crate) fn held(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn deadlines(&self) -> usize {
        self.ends.len()
    }

    fn replace(&mut self, hash: u64, key: &str, value: Bytes, end: Option<Instant>) {
        let end = end.map(|end| {
            self.ends_given += 1;
            (end, self.ends_given)
        });
        let same = |entry: &Entry| *entry.key == *key;
        let (key, ended) = match self.entries.entry(hash, same, |entry| entry.hash) {
            hash_table::Entry::Occupied(mut entry) => {
                let entry = entry.get_mut();
                entry.value = value;
                (
                    Arc::clone(&entry.key),
                    std::mem::replace(&mut entry.end, end),
                )
            }
            hash_table::Entry::Vacant(place) => {
                let key: Arc<str> = key.into();
                place.insert(Entry {
                    hash,
                    key: Arc::clone(&key),
                    value,
                    end,
                });
                (key, None)
            }
        };
        if let Some(ended) = ended {
            self.ends.remove(&ended);
        }
        if let Some(end) = end {
            self.ends.insert(end, (hash, key));
        }
    }

    fn remove_expired(&mut self, now: Instant) {
        for _ in 0..REMOVED_PER_WRITE {
            match self.ends.first_entry() {
                Some(first) if first.key().0 <= now => {
                    let (hash, key) = first.remove();
                    if let Ok(entry) = self.entries.find_entry(hash, |entry| entry.key == key) {
                        entry.remove();
                    }
                }
                _ => return,
            }
        }
    }
}
