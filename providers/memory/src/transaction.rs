//! Transactions: they look at what is there, keep their writes, and commit where all that
//! they have read is still so.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    ops::Deref,
    sync::Arc,
    time::{Duration, Instant},
};

use tck_api::{Bytes, Error, Page, Result, Transaction, Transactional, async_trait};

use crate::{MemoryStore, shard::Shard, space::View};

#[async_trait]
impl Transactional for MemoryStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        Ok(Box::new(MemoryTransaction {
            store: self.clone(),
            reads: BTreeMap::new(),
            ranges: Vec::new(),
            writes: BTreeMap::new(),
        }))
    }
}

struct MemoryTransaction {
    store: MemoryStore,
    /// The version of each entry that was read, or that there was none.
    reads: BTreeMap<String, Option<u64>>,
    ranges: Vec<Range>,
    /// What becomes of each key: a value with its time to live, or nothing.
    writes: BTreeMap<String, Option<(Bytes, Option<Duration>)>>,
}

/// A listing, and the keys that were stored there.
struct Range {
    prefix: String,
    after: Option<String>,
    /// Where the page ended, unless it was the last.
    end: Option<String>,
    keys: BTreeSet<Arc<str>>,
}

impl MemoryTransaction {
    /// Whether all that was read is still so. Where that holds at each read and at the
    /// commit, all of it is of one moment.
    fn check<G: Deref<Target = Shard>>(&self, view: &View<'_, G>, now: Instant) -> Result<()> {
        let same_entries = self.reads.iter().all(|(key, version)| {
            let entry = view.read(key, now);
            entry.map(|entry| entry.version) == *version
        });
        let same_ranges = self.ranges.iter().all(|range| {
            let mut keys = view.keys(&range.prefix, range.after.as_deref(), usize::MAX, now);
            if let Some(end) = &range.end {
                keys.retain(|key| **key <= **end);
            }
            keys == range.keys
        });
        if same_entries && same_ranges {
            Ok(())
        } else {
            Err(Error::conflict("what was read has changed"))
        }
    }

    /// The keys of that range as this transaction sees them.
    fn merged(
        &self,
        stored: &BTreeSet<Arc<str>>,
        prefix: &str,
        after: Option<&str>,
    ) -> BTreeSet<String> {
        let stored = stored
            .iter()
            .map(ToString::to_string)
            .filter(|key| !self.writes.contains_key(key));
        let own = self.writes.iter().filter(|(key, written)| {
            written.is_some()
                && key.starts_with(prefix)
                && after.is_none_or(|after| after < key.as_str())
        });
        stored.chain(own.map(|(key, _)| key.clone())).collect()
    }

    fn write(&mut self, key: &str, value: Bytes, ttl: Option<Duration>) -> Result<()> {
        self.store.config().check(key, &value)?;
        self.writes.insert(key.to_owned(), Some((value, ttl)));
        Ok(())
    }
}

#[async_trait]
impl Transaction for MemoryTransaction {
    async fn get(&mut self, key: &str) -> Result<Option<Bytes>> {
        self.store.config().check_key(key)?;
        if let Some(written) = self.writes.get(key) {
            return Ok(written.as_ref().map(|(value, _)| value.clone()));
        }
        let view = self.store.space().view();
        let now = self.store.clock().now();
        self.check(&view, now)?;
        let entry = view.read(key, now);
        let (value, version) = entry
            .map(|entry| (entry.value.clone(), entry.version))
            .unzip();
        drop(view);
        self.reads.insert(key.to_owned(), version);
        Ok(value)
    }

    async fn set(&mut self, key: &str, value: Bytes) -> Result<()> {
        self.write(key, value, None)
    }

    async fn set_with_ttl(&mut self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        self.write(key, value, Some(ttl))
    }

    async fn delete(&mut self, key: &str) -> Result<()> {
        self.store.config().check_key(key)?;
        self.writes.insert(key.to_owned(), None);
        Ok(())
    }

    async fn list(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let view = self.store.space().view();
        let now = self.store.clock().now();
        self.check(&view, now)?;
        // Each of its own writes may take one of the stored keys away.
        let enough = limit
            .get()
            .saturating_add(1)
            .saturating_add(self.writes.len());
        let stored = view.keys(prefix, after, enough, now);
        drop(view);
        let keys = self.merged(&stored, prefix, after);
        let page = Page::of(keys, limit, String::as_str);
        let end = page.next.clone();
        let keys = match &end {
            Some(end) => stored.into_iter().filter(|key| **key <= **end).collect(),
            None => stored,
        };
        self.ranges.push(Range {
            prefix: prefix.to_owned(),
            after: after.map(str::to_owned),
            end,
            keys,
        });
        Ok(page)
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        let mut alone = self.store.space().alone();
        let clock = self.store.clock();
        self.check(&alone, clock.now())?;
        for (key, written) in &self.writes {
            match written {
                Some((value, ttl)) => alone.write(key, value.clone(), *ttl, clock),
                None => alone.remove(key),
            }
        }
        Ok(())
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
