//! The entries of one namespace, spread over shards.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    thread::available_parallelism,
    time::Duration,
};

use tck_api::{Bytes, Clock};

use crate::shard::Shard;

/// Shards for each core, so that threads seldom meet at one.
const SHARDS_PER_CORE: usize = 16;

/// One namespace. The hash of a key chooses its shard, and each shard has a lock.
#[derive(Debug)]
pub(crate) struct Space {
    hasher: RandomState,
    shards: Box<[RwLock<Shard>]>,
}

impl Space {
    /// What `look` makes of the value under `key`, where there is one that is alive.
    pub(crate) fn read<T>(
        &self,
        key: &str,
        clock: &dyn Clock,
        look: impl FnOnce(&Bytes) -> T,
    ) -> Option<T> {
        let hash = self.hasher.hash_one(key);
        read_lock(self.shard(hash)).read(hash, key, clock).map(look)
    }

    pub(crate) fn write(&self, key: &str, value: Bytes, ttl: Option<Duration>, clock: &dyn Clock) {
        let hash = self.hasher.hash_one(key);
        write_lock(self.shard(hash)).write(hash, key, value, ttl, clock);
    }

    pub(crate) fn remove(&self, key: &str) {
        let hash = self.hasher.hash_one(key);
        write_lock(self.shard(hash)).remove(hash, key);
    }

    pub(crate) fn sum(&self, count: fn(&Shard) -> usize) -> usize {
        self.shards
            .iter()
            .map(|shard| count(&read_lock(shard)))
            .sum()
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "the mask is below the number of shards"
    )]
    fn shard(&self, hash: u64) -> &RwLock<Shard> {
        // The table within a shard goes by the lowest and the highest bits.
        let mask = self.shards.len() - 1;
        &self.shards[(hash >> 32) as usize & mask]
    }
}

impl Default for Space {
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        let shards = (cores * SHARDS_PER_CORE).next_power_of_two();
        Self {
            hasher: RandomState::new(),
            shards: (0..shards).map(|_| RwLock::default()).collect(),
        }
    }
}

// No code that holds a lock panics half-way, so a poisoned one is as good as another.

fn read_lock(shard: &RwLock<Shard>) -> RwLockReadGuard<'_, Shard> {
    shard.read().unwrap_or_else(PoisonError::into_inner)
}

fn write_lock(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
    shard.write().unwrap_or_else(PoisonError::into_inner)
}
