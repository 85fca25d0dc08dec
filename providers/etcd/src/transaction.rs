//! Several operations, all or none.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::{Deadline, Sealed, value_within};
use tck_api::{Error, Page, Result, Transaction, Transactional};

use crate::{
    EtcdStore, LARGEST_VALUE,
    error::{is_compacted, is_lost_lease},
    listing::Wanted,
    message::{Compare, DeleteRange, Operation, Put, Range, Txn},
    store::alive,
};

/// How many keys are listed at a time, at the most: each is a condition of the commit, and
/// etcd takes 128.
const KEYS: usize = 1_000;

#[async_trait]
impl Transactional for EtcdStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        Ok(Box::new(EtcdTransaction {
            store: self.clone(),
            revision: 0,
            seen: BTreeMap::new(),
            listed: Spans::default(),
            writes: BTreeMap::new(),
        }))
    }
}

/// Reads from the revision of its first read, and keeps its writes until they are committed in
/// one transaction of etcd, on the condition that all that was read is still so.
struct EtcdTransaction {
    store: EtcdStore,
    /// Zero before the first read.
    revision: i64,
    /// The revision that has written each name that was read, zero where there was none.
    seen: BTreeMap<String, i64>,
    listed: Spans,
    writes: BTreeMap<String, Write>,
}

enum Write {
    Set(Bytes, Option<Duration>),
    Delete,
}

#[async_trait]
impl Transaction for EtcdTransaction {
    async fn get(&mut self, key: &str) -> Result<Option<Bytes>> {
        let name = self.store.name(key)?;
        match self.writes.get(key) {
            Some(Write::Set(value, _)) => return Ok(Some(value.clone())),
            Some(Write::Delete) => return Ok(None),
            None => {}
        }
        let mut range = Range::of(&name);
        range.revision = self.revision;
        let found = self.store.connection.range(&range).await;
        let found = found.map_err(conflicting)?;
        if self.revision == 0 {
            self.revision = found.header.revision;
        }
        let entry = found.kvs.into_iter().next();
        let revision = entry.as_ref().map_or(0, |entry| entry.mod_revision);
        self.seen.insert(name, revision);
        Ok(entry.map(alive).transpose()?.flatten())
    }

    async fn set(&mut self, key: &str, value: Bytes) -> Result<()> {
        self.store.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        self.writes.insert(key.to_owned(), Write::Set(value, None));
        Ok(())
    }

    async fn set_with_ttl(&mut self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        self.store.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let write = if ttl.is_zero() {
            Write::Delete
        } else {
            Write::Set(value, Some(ttl))
        };
        self.writes.insert(key.to_owned(), write);
        Ok(())
    }

    async fn delete(&mut self, key: &str) -> Result<()> {
        self.store.name(key)?;
        self.writes.insert(key.to_owned(), Write::Delete);
        Ok(())
    }

    async fn list(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let limit = limit.get();
        let wanted = Wanted {
            limit: limit.min(KEYS),
            revision: self.revision,
            keys_only: true,
        };
        let part = self.store.part(prefix, after, wanted).await;
        let part = part.map_err(conflicting)?;
        self.revision = part.revision;
        let living = self.store.living(&part.entries, part.revision).await;
        let mut keys: BTreeSet<_> = living.map_err(conflicting)?.into_iter().collect();
        for (key, entry) in part.entries {
            // That one which has expired is removed is no change.
            if keys.contains(&key) {
                let name = self.store.name(&key)?;
                self.seen.insert(name, entry.mod_revision);
            }
        }
        self.listed.add(part.bounds);
        let in_part = |key: &str| {
            key.starts_with(prefix)
                && after.is_none_or(|after| after < key)
                && part.next.as_deref().is_none_or(|next| key <= next)
        };
        for (key, write) in self.writes.iter().filter(|(key, _)| in_part(key)) {
            match write {
                Write::Set(..) => keys.insert(key.clone()),
                Write::Delete => keys.remove(key),
            };
        }
        let is_cut = keys.len() > limit;
        let items: Vec<_> = keys.into_iter().take(limit).collect();
        let next = if is_cut {
            items.last().cloned()
        } else {
            part.next
        };
        Ok(Page { items, next })
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        if self.writes.is_empty() {
            return Ok(());
        }
        let connection = &self.store.connection;
        connection.bounded(self.applied()).await
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

impl EtcdTransaction {
    async fn applied(&self) -> Result<()> {
        let connection = &self.store.connection;
        let txn = Txn {
            compare: self.conditions(),
            success: self.operations().await?,
            failure: Vec::new(),
        };
        let decided = match connection.decide(&txn).await {
            // Somebody has revoked it, and nothing was done.
            Err(error) if is_lost_lease(&error) => {
                connection.leases.forget_all().await;
                return Err(Error::conflict("a lease is gone"));
            }
            decided => decided?,
        };
        if decided.succeeded {
            Ok(())
        } else {
            Err(Error::conflict("what was read has changed"))
        }
    }

    fn conditions(&self) -> Vec<Compare> {
        let seen = self.seen.iter();
        let seen = seen.map(|(name, revision)| Compare::is(name, *revision));
        let listed =
            self.listed.0.iter().map(|(start, end)| {
                Compare::is_unchanged(start.clone(), end.clone(), self.revision)
            });
        seen.chain(listed).collect()
    }

    async fn operations(&self) -> Result<Vec<Operation>> {
        let connection = &self.store.connection;
        let mut operations = Vec::with_capacity(self.writes.len());
        for (key, write) in &self.writes {
            let key = self.store.name(key)?.into();
            operations.push(match write {
                Write::Delete => Operation::Delete(DeleteRange { key }),
                Write::Set(value, ttl) => {
                    let deadline = ttl.and_then(Deadline::after);
                    let lease = match deadline {
                        Some(deadline) => connection.leases.beyond(connection, deadline).await?,
                        None => 0,
                    };
                    let value = Sealed::new(value.clone(), deadline).to_bytes().into();
                    Operation::Put(Put { key, value, lease })
                }
            });
        }
        Ok(operations)
    }
}

/// The error of a read: what etcd has forgotten has changed since.
fn conflicting(error: Error) -> Error {
    if is_compacted(&error) {
        Error::conflict("the transaction is older than what etcd remembers")
    } else {
        error
    }
}

/// Spans of names, none of which touches another.
#[derive(Default)]
struct Spans(Vec<(Bytes, Bytes)>);

impl Spans {
    fn add(&mut self, (mut start, mut end): (Bytes, Bytes)) {
        if start >= end {
            return;
        }
        self.0.retain(|(first, last)| {
            let touches = *first <= end && start <= *last;
            if touches {
                start = start.clone().min(first.clone());
                end = end.clone().max(last.clone());
            }
            !touches
        });
        self.0.push((start, end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_touch_are_one() {
        let mut spans = Spans::default();
        for (start, end) in [("a", "c"), ("x", "z"), ("c", "d"), ("b", "c"), ("q", "q")] {
            spans.add((start.into(), end.into()));
        }
        spans.0.sort();
        assert_eq!(
            spans.0,
            [("a".into(), "d".into()), ("x".into(), "z".into())]
        );
    }
}
