//! Stores that are correct in a manner of their own: slow, particular about keys, busy on
//! other threads.

use std::{
    collections::hash_map::RandomState, hash::BuildHasher, sync::Arc, thread, time::Duration,
};

use tck::{Bytes, Cache, Error, KeyValueStore, Result, async_trait};
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
            Self::Dawdles => dawdle().await,
            Self::Sleeps(duration) => sleep(*duration).await,
            Self::SleepsInTurn(duration, turn) => {
                let _turn = turn.lock().await;
                sleep(*duration).await;
            }
            Self::Blocks => spawn_blocking(|| ()).await.map_err(Error::backend)?,
            Self::Takes(is_taken) if !is_taken(key) => return Err(Error::invalid_key("not taken")),
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
