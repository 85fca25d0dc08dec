//! The entries of one namespace, spread over shards.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, RandomState},
    ops::{Bound, Deref, DerefMut},
    sync::{Arc, LazyLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    thread::available_parallelism,
    time::{Duration, Instant},
};

use tck_api::{Bytes, Clock};

use crate::shard::{Entry, Shard};

/// Shards for each core, so that threads seldom meet at one.
const SHARDS_PER_CORE: usize = 16;

/// Shards of a namespace. To count the cores takes longer than to make the shards.
static SHARDS: LazyLock<usize> = LazyLock::new(|| {
    let cores = available_parallelism().map_or(1, usize::from);
    (cores * SHARDS_PER_CORE).next_power_of_two()
});

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
        let shard = read_lock(self.shard(key));
        shard
            .read(key, || clock.now())
            .map(|entry| look(&entry.value))
    }

    pub(crate) fn write(&self, key: &str, value: Bytes, ttl: Option<Duration>, clock: &dyn Clock) {
        write_lock(self.shard(key)).write(key, value, ttl, clock);
    }

    /// Writes where the value that is there, or its absence, is as it should be.
    pub(crate) fn write_if(
        &self,
        key: &str,
        is_as_expected: impl FnOnce(Option<&Bytes>) -> bool,
        value: Bytes,
        clock: &dyn Clock,
    ) -> bool {
        let mut shard = write_lock(self.shard(key));
        let held = shard.read(key, || clock.now()).map(|entry| &entry.value);
        let writes = is_as_expected(held);
        if writes {
            shard.write(key, value, None, clock);
        }
        writes
    }

    pub(crate) fn remove(&self, key: &str) {
        write_lock(self.shard(key)).remove(key);
    }

    /// All entries as they are at this moment, for reading.
    pub(crate) fn view(&self) -> View<'_, RwLockReadGuard<'_, Shard>> {
        self.lock(read_lock)
    }

    /// All entries, and nobody else near them.
    pub(crate) fn alone(&self) -> View<'_, RwLockWriteGuard<'_, Shard>> {
        self.lock(write_lock)
    }

    pub(crate) fn sum(&self, count: fn(&Shard) -> usize) -> usize {
        let view = self.view();
        view.shards.iter().map(|shard| count(shard)).sum()
    }

    /// Takes all locks, always in the same order.
    fn lock<'s, G>(&'s self, lock: impl Fn(&'s RwLock<Shard>) -> G) -> View<'s, G> {
        View {
            space: self,
            shards: self.shards.iter().map(lock).collect(),
        }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "the number is below that of the shards"
    )]
    fn shard(&self, key: &str) -> &RwLock<Shard> {
        &self.shards[self.number(key)]
    }

    fn number(&self, key: &str) -> usize {
        let mask = self.shards.len() - 1;
        self.hasher.hash_one(key) as usize & mask
    }
}

impl Default for Space {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            shards: (0..*SHARDS).map(|_| RwLock::default()).collect(),
        }
    }
}

/// The entries of a namespace at one moment.
pub(crate) struct View<'s, G> {
    space: &'s Space,
    shards: Vec<G>,
}

#[expect(
    clippy::indexing_slicing,
    reason = "the number is below that of the shards"
)]
impl<G: Deref<Target = Shard>> View<'_, G> {
    /// The entry under `key`, where there is one that is alive.
    pub(crate) fn read(&self, key: &str, now: Instant) -> Option<&Entry> {
        self.shards[self.space.number(key)].read(key, || now)
    }

    /// The first keys that are alive, begin with `prefix` and come after `after`, in order.
    pub(crate) fn keys(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        now: Instant,
    ) -> BTreeSet<Arc<str>> {
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let mut keys = BTreeSet::new();
        for shard in &self.shards {
            for key in shard
                .range(start, now)
                .take_while(|key| key.starts_with(prefix))
            {
                if keys.len() == limit {
                    if keys.last() < Some(key) {
                        break;
                    }
                    keys.pop_last();
                }
                keys.insert(Arc::clone(key));
            }
        }
        keys
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "the number is below that of the shards"
)]
impl<G: DerefMut<Target = Shard>> View<'_, G> {
    pub(crate) fn write(
        &mut self,
        key: &str,
        value: Bytes,
        ttl: Option<Duration>,
        clock: &dyn Clock,
    ) {
        self.shards[self.space.number(key)].write(key, value, ttl, clock);
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.shards[self.space.number(key)].remove(key);
    }
}

// No code that holds a lock panics half-way, so a poisoned one is as good as another.

fn read_lock(shard: &RwLock<Shard>) -> RwLockReadGuard<'_, Shard> {
    shard.read().unwrap_or_else(PoisonError::into_inner)
}

fn write_lock(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
    shard.write().unwrap_or_else(PoisonError::into_inner)
}
