//! A store with transactions.
#![expect(clippy::unwrap_used, reason = "an example for tests")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tck::{Bytes, Error, KeyValueStore, Result, Transaction, Transactional, async_trait};

type Entries = BTreeMap<String, Bytes>;

#[derive(Default)]
struct Ledger(Arc<Mutex<Entries>>);

#[async_trait]
impl KeyValueStore for Ledger {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.0.lock().unwrap().get(key).cloned())
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.0.lock().unwrap().insert(key.to_owned(), value);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.0.lock().unwrap().remove(key);
        Ok(())
    }
}

#[async_trait]
impl Transactional for Ledger {
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        Ok(Box::new(Entry {
            seen: self.0.lock().unwrap().clone(),
            entries: Arc::clone(&self.0),
            read: Vec::new(),
            writes: BTreeMap::new(),
        }))
    }
}

/// Reads from a snapshot, keeps its writes, and commits where what it has read is still so.
struct Entry {
    entries: Arc<Mutex<Entries>>,
    seen: Entries,
    read: Vec<String>,
    writes: BTreeMap<String, Option<Bytes>>,
}

#[async_trait]
impl Transaction for Entry {
    async fn get(&mut self, key: &str) -> Result<Option<Bytes>> {
        if let Some(written) = self.writes.get(key) {
            return Ok(written.clone());
        }
        self.read.push(key.to_owned());
        Ok(self.seen.get(key).cloned())
    }

    async fn set(&mut self, key: &str, value: Bytes) -> Result<()> {
        self.writes.insert(key.to_owned(), Some(value));
        Ok(())
    }

    async fn delete(&mut self, key: &str) -> Result<()> {
        self.writes.insert(key.to_owned(), None);
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        let mut entries = self.entries.lock().unwrap();
        let has_changed = |key: &String| self.seen.get(key) != entries.get(key);
        if self.read.iter().any(has_changed) {
            return Err(Error::conflict("what was read has changed"));
        }
        for (key, written) in self.writes {
            match written {
                Some(value) => entries.insert(key, value),
                None => entries.remove(&key),
            };
        }
        Ok(())
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

tck::transaction_contract!(ledger, || async { Ledger::default() });
