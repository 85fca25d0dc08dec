//! The store that a [`Mutant`](crate::Mutant) describes.

use std::{
    fmt,
    num::NonZeroUsize,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use tck::{
    Atomic, Bytes, Cache, KeyValueStore, Listing, Page, Result, Setup, Transaction, Transactional,
    async_trait,
};
use tokio::task::yield_now;

use crate::{
    clay::{Hand, Rules, Server, locked},
    deal::Deal,
    parts::Parts,
};

/// The store itself.
#[derive(Clone)]
pub struct MutantStore {
    hand: Arc<Hand>,
    parts: Parts,
    _closing: Arc<Closing>,
}

struct Closing {
    hand: Arc<Hand>,
    namespace: String,
    parts: Parts,
}

impl Drop for Closing {
    fn drop(&mut self) {
        (self.parts.close)(&self.hand);
        let open = &mut locked(&self.hand.server.open);
        let handles = open.entry(self.namespace.clone()).or_default();
        *handles -= 1;
        if *handles == 0 {
            (self.parts.shut)(&self.hand);
        }
    }
}

impl MutantStore {
    pub(crate) async fn open(setup: Setup, rules: Rules, parts: Parts) -> Self {
        let server = setup.shared(Server::default);
        let number = server.handles.fetch_add(1, Ordering::SeqCst);
        let mut hand = Hand {
            server,
            namespace: setup.namespace().to_owned(),
            number,
            memo: Mutex::default(),
            clock: setup.clock(),
            rules,
            locate: parts.locate,
        };
        let namespace = setup.namespace().to_owned();
        let is_first = {
            let open = &mut locked(&hand.server.open);
            let handles = open.entry(namespace.clone()).or_default();
            *handles += 1;
            *handles == 1
        };
        if is_first {
            (parts.reopen)(&mut hand);
        }
        (parts.open)(&mut hand);
        if let Some(opened) = parts.opened {
            yield_now().await;
            opened(&mut hand);
        }
        let hand = Arc::new(hand);
        Self {
            _closing: Arc::new(Closing {
                hand: Arc::clone(&hand),
                namespace,
                parts,
            }),
            hand,
            parts,
        }
    }
}

impl fmt::Debug for MutantStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hand.fmt(f)
    }
}

#[async_trait]
impl KeyValueStore for MutantStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        match self.parts.slow_get {
            Some(get) => get(Arc::clone(&self.hand), key.to_owned()).await,
            None => (self.parts.get)(&self.hand, key),
        }
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        match self.parts.slow_set {
            Some(set) => set(Arc::clone(&self.hand), key.to_owned(), value).await,
            None => (self.parts.set)(&self.hand, key, value, None),
        }
    }

    async fn delete(&self, key: &str) -> Result<()> {
        match self.parts.slow_delete {
            Some(delete) => delete(Arc::clone(&self.hand), key.to_owned()).await,
            None => (self.parts.delete)(&self.hand, key),
        }
    }

    async fn has(&self, key: &str) -> Result<bool> {
        (self.parts.has)(&self.hand, key)
    }
}

#[async_trait]
impl Cache for MutantStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        match self.parts.slow_set_with_ttl {
            Some(set) => set(Arc::clone(&self.hand), key.to_owned(), value, ttl).await,
            None => (self.parts.set_with_ttl)(&self.hand, key, value, Some(ttl)),
        }
    }
}

#[async_trait]
impl Listing for MutantStore {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        match self.parts.slow_list {
            Some(list) => {
                let after = after.map(str::to_owned);
                list(Arc::clone(&self.hand), prefix.to_owned(), after, limit).await
            }
            None => (self.parts.list)(&self.hand, prefix, after, limit),
        }
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        if let Some(list) = self.parts.list_with_values {
            return list(&self.hand, prefix, after, limit);
        }
        let Page { items: keys, next } = self.list(prefix, after, limit).await?;
        let mut items = Vec::new();
        for key in keys {
            if let Some(entry) = self.hand.entry(&key) {
                items.push((key, entry.value));
            }
        }
        Ok(Page { items, next })
    }
}

#[async_trait]
impl Atomic for MutantStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        match self.parts.slow_set_if_absent {
            Some(set) => set(Arc::clone(&self.hand), key.to_owned(), value).await,
            None => (self.parts.set_if_absent)(&self.hand, key, value),
        }
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        match self.parts.slow_compare_and_set {
            Some(set) => {
                let expected = Bytes::copy_from_slice(expected);
                set(Arc::clone(&self.hand), key.to_owned(), expected, value).await
            }
            None => (self.parts.compare_and_set)(&self.hand, key, expected, value),
        }
    }
}

#[async_trait]
impl Transactional for MutantStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        let deal = match self.parts.slow_begin {
            Some(begin) => begin(Arc::clone(&self.hand)).await?,
            None => (self.parts.begin)(&self.hand),
        };
        let parts = self.parts;
        Ok(Box::new(MutantTransaction { deal, parts }))
    }
}

struct MutantTransaction {
    deal: Deal,
    parts: Parts,
}

impl Drop for MutantTransaction {
    fn drop(&mut self) {
        if !self.deal.is_over {
            (self.parts.dropped)(&mut self.deal);
        }
    }
}

#[async_trait]
impl Transaction for MutantTransaction {
    async fn get(&mut self, key: &str) -> Result<Option<Bytes>> {
        if let Some(get) = self.parts.slow_deal_get {
            get(Arc::clone(&self.deal.hand), key.to_owned()).await?;
        }
        (self.parts.deal_get)(&mut self.deal, key)
    }

    async fn set(&mut self, key: &str, value: Bytes) -> Result<()> {
        (self.parts.deal_set)(&mut self.deal, key, value, None)
    }

    async fn set_with_ttl(&mut self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        (self.parts.deal_set)(&mut self.deal, key, value, Some(ttl))
    }

    async fn delete(&mut self, key: &str) -> Result<()> {
        (self.parts.deal_delete)(&mut self.deal, key)
    }

    async fn list(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        (self.parts.deal_list)(&mut self.deal, prefix, after, limit)
    }

    async fn commit(mut self: Box<Self>) -> Result<()> {
        self.deal.is_over = true;
        match self.parts.slow_commit {
            Some(commit) => commit(self.deal.clone()).await,
            None => (self.parts.commit)(&mut self.deal),
        }
    }

    async fn rollback(mut self: Box<Self>) -> Result<()> {
        self.deal.is_over = true;
        (self.parts.rollback)(&mut self.deal);
        (self.parts.rollback_answer)(&mut self.deal)
    }
}
