//! Stores that are correct in a manner of their own: slow, particular about keys, busy on
//! other threads.

use std::{
    collections::hash_map::RandomState, hash::BuildHasher, num::NonZeroUsize, sync::Arc, thread,
    time::Duration,
};

use tck::{
    Atomic, Bytes, Cache, Error, KeyValueStore, Listing, Page, Result, Transaction, Transactional,
    async_trait,
};
use tokio::{
    sync::Mutex,
    task::{spawn_blocking, yield_now},
    time::sleep,
};

/// What a store does ahead of every call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Manner {
    /// It takes a while, at random.
    Dawdles,
    /// It sleeps so long in the time of the runtime.
    Sleeps(Duration),
    /// It sleeps so long, one call after the other.
    SleepsInTurn(Duration, Arc<Mutex<()>>),
    /// It waits for a thread that may block.
    Blocks,
    /// It refuses keys that are not like this.
    Takes(fn(&str) -> bool),
}

impl Manner {
    async fn before(&self, key: &str) -> Result<()> {
        match self {
            Self::Takes(is_taken) if !is_taken(key) => Err(Error::invalid_key("not taken")),
            _ => self.at_ease().await,
        }
    }

    async fn at_ease(&self) -> Result<()> {
        match self {
            Self::Dawdles => dawdle().await,
            Self::Sleeps(duration) => sleep(*duration).await,
            Self::SleepsInTurn(duration, turn) => {
                let _turn = turn.lock().await;
                sleep(*duration).await;
            }
            Self::Blocks => spawn_blocking(|| ()).await.map_err(Error::backend)?,
            Self::Takes(_) => {}
        }
        Ok(())
    }
}

async fn dawdle() {
    let random = RandomState::new().hash_one(());
    for _ in 0..random % 3 {
        yield_now().await;
    }
    if random.is_multiple_of(16) {
        thread::sleep(Duration::from_micros(random >> 8 & 0x7f));
    }
}

/// A store with a manner.
#[derive(Debug)]
pub struct Mannered<S>(pub Manner, pub S);

#[async_trait]
impl<S: KeyValueStore> KeyValueStore for Mannered<S> {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.0.before(key).await?;
        self.1.get(key).await
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.0.before(key).await?;
        self.1.set(key, value).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.0.before(key).await?;
        self.1.delete(key).await
    }

    async fn has(&self, key: &str) -> Result<bool> {
        self.0.before(key).await?;
        self.1.has(key).await
    }
}

#[async_trait]
impl<S: Cache> Cache for Mannered<S> {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        self.0.before(key).await?;
        self.1.set_with_ttl(key, value, ttl).await
    }
}

#[async_trait]
impl<S: Listing> Listing for Mannered<S> {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        self.0.at_ease().await?;
        self.1.list(prefix, after, limit).await
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        self.0.at_ease().await?;
        self.1.list_with_values(prefix, after, limit).await
    }
}

#[async_trait]
impl<S: Atomic> Atomic for Mannered<S> {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        self.0.before(key).await?;
        self.1.set_if_absent(key, value).await
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        self.0.before(key).await?;
        self.1.compare_and_set(key, expected, value).await
    }
}

#[async_trait]
impl<S: Transactional> Transactional for Mannered<S> {
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        self.0.at_ease().await?;
        let (manner, begun) = (self.0.clone(), self.1.begin().await?);
        Ok(Box::new(MannerlyTransaction(manner, begun)))
    }
}

struct MannerlyTransaction(Manner, Box<dyn Transaction>);

#[async_trait]
impl Transaction for MannerlyTransaction {
    async fn get(&mut self, key: &str) -> Result<Option<Bytes>> {
        self.0.before(key).await?;
        self.1.get(key).await
    }

    async fn set(&mut self, key: &str, value: Bytes) -> Result<()> {
        self.0.before(key).await?;
        self.1.set(key, value).await
    }

    async fn set_with_ttl(&mut self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        self.0.before(key).await?;
        self.1.set_with_ttl(key, value, ttl).await
    }

    async fn delete(&mut self, key: &str) -> Result<()> {
        self.0.before(key).await?;
        self.1.delete(key).await
    }

    async fn list(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        self.0.at_ease().await?;
        self.1.list(prefix, after, limit).await
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        self.0.at_ease().await?;
        self.1.commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        self.0.at_ease().await?;
        self.1.rollback().await
    }
}
