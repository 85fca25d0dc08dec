//! Several operations, all or none.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::value_within;
use tck_api::{Error, Page, Result, Transaction, Transactional};

use crate::{
    EtcdStore, LARGEST_VALUE,
    listing::KEYS,
    snapshot::{Snapshot, conflicting},
    span::Wanted,
    write::Write,
};

#[async_trait]
impl Transactional for EtcdStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        Ok(Box::new(EtcdTransaction {
            store: self.clone(),
            snapshot: Snapshot::new(),
            writes: BTreeMap::new(),
        }))
    }
}

/// Reads from the revision of its first read, and keeps its writes until they are committed in
/// one transaction of etcd, on the condition that all that was read is still so.
struct EtcdTransaction {
    store: EtcdStore,
    snapshot: Snapshot,
    writes: BTreeMap<String, Write>,
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
        let range = self.snapshot.range(name.clone());
        let found = self.store.connection.ask(&range).await;
        self.snapshot.read(name, found.map_err(conflicting)?)
    }

    async fn set(&mut self, key: &str, value: Bytes) -> Result<()> {
        self.store.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        self.writes.insert(key.to_owned(), Write::of(value, None));
        Ok(())
    }

    async fn set_with_ttl(&mut self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        self.store.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let write = Write::of(value, Some(ttl));
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
            revision: self.snapshot.revision(),
            keys_only: true,
        };
        let connection = &self.store.connection;
        let part = connection
            .part(self.store.span(prefix, after), wanted)
            .await;
        let part = part.map_err(conflicting)?;
        self.snapshot.is_of(part.revision);
        let living = connection
            .living(part.entries, part.revision, self.snapshot.begun())
            .await;
        let mut keys = BTreeSet::new();
        for living in living.map_err(conflicting)? {
            keys.insert(self.store.key(&living.name)?);
            // That one which has expired is removed is no change.
            self.snapshot.rely_on(living);
        }
        self.snapshot.rely_on_all(part.span);
        self.snapshot.is_of_one_moment()?;
        let next_part = part.next.map(|next| self.store.key(&next)).transpose()?;
        let in_part = |key: &str| {
            key.starts_with(prefix)
                && after.is_none_or(|after| after < key)
                && next_part.as_deref().is_none_or(|next| key <= next)
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
            next_part
        };
        Ok(Page { items, next })
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        if self.writes.is_empty() {
            return Ok(());
        }
        let Self {
            store,
            snapshot,
            writes,
        } = *self;
        let writes = writes
            .into_iter()
            .map(|(key, write)| Ok((store.name(&key)?, write)));
        let writes = writes.collect::<Result<Vec<_>>>()?;
        let connection = &store.connection;
        let commit = connection.write(snapshot.conditions(), &writes, Vec::new());
        if connection.bounded(commit).await?.succeeded {
            Ok(())
        } else {
            Err(Error::conflict("what was read has changed"))
        }
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
