//! The store behind the service, and what the service makes of it: entries with a tag and a
//! deadline, written on conditions.

use std::{fmt, num::NonZeroUsize, sync::Arc, time::Duration};

use bytes::Bytes;
use omni_kv_parts::{Deadline, Sealed};
use serde::Serialize;
use tck_api::{Atomic, Cache, KeyValueStore, Listing, Page, Result};

use super::{
    condition::{Conditions, Tag, Verdict},
    problem::Problem,
};

/// How often a write without conditions tries to know what it writes over. Where many write
/// the same key at a time and the store is slow, each try but one is in vain.
const LOOKS: usize = 3;

/// The length in bytes of the longest key that fits into the head of a request, in which each
/// byte may be three.
const LONGEST: usize = 16 << 10;

/// How many values a listing reads at a time.
const AT_A_TIME: usize = 32;

/// After how many bytes of values a page ends.
const FULL: usize = 16 << 20;

/// The store behind a service, with what it can do. What it can't do, the service refuses.
#[derive(Clone)]
pub struct Backend {
    store: Arc<dyn KeyValueStore>,
    cache: Option<Arc<dyn Cache>>,
    listing: Option<Arc<dyn Listing>>,
    atomic: Option<Arc<dyn Atomic>>,
    longest_key: Option<usize>,
    largest_value: Option<usize>,
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.capabilities()).finish()
    }
}

impl Backend {
    /// A store that only gets, sets and deletes.
    #[must_use]
    pub fn new(store: Arc<dyn KeyValueStore>) -> Self {
        Self {
            store,
            cache: None,
            listing: None,
            atomic: None,
            longest_key: None,
            largest_value: None,
        }
    }

    /// A store that can do all of it.
    pub fn all<S: Cache + Listing + Atomic + 'static>(store: S) -> Self {
        let store = Arc::new(store);
        Self::new(Arc::clone(&store) as Arc<dyn KeyValueStore>)
            .cache(Some(Arc::clone(&store) as Arc<dyn Cache>))
            .listing(Some(Arc::clone(&store) as Arc<dyn Listing>))
            .atomic(Some(store))
    }

    /// The same store as a cache, where it is one.
    #[must_use]
    pub fn cache(mut self, cache: Option<Arc<dyn Cache>>) -> Self {
        self.cache = cache;
        self
    }

    /// The same store with a listing, where it has one.
    #[must_use]
    pub fn listing(mut self, listing: Option<Arc<dyn Listing>>) -> Self {
        self.listing = listing;
        self
    }

    /// The same store with writes on conditions, where it has them.
    #[must_use]
    pub fn atomic(mut self, atomic: Option<Arc<dyn Atomic>>) -> Self {
        self.atomic = atomic;
        self
    }

    /// The length in bytes of the longest key that the store takes. The service says so to
    /// its clients; it is the store that refuses longer ones.
    #[must_use]
    pub fn longest_key(mut self, bytes: Option<usize>) -> Self {
        self.longest_key = bytes;
        self
    }

    /// The size in bytes of the largest value that the store takes, likewise.
    #[must_use]
    pub fn largest_value(mut self, bytes: Option<usize>) -> Self {
        self.largest_value = bytes;
        self
    }

    /// What it says that it takes and can do.
    pub(crate) fn declared(&self) -> Declared {
        let room_for_value = |bytes: usize| bytes.saturating_sub(Sealed::OVERHEAD);
        Declared {
            capabilities: self.capabilities().collect(),
            longest_key: self.longest_key.map_or(LONGEST, |bytes| bytes.min(LONGEST)),
            largest_value: self.largest_value.map(room_for_value),
        }
    }

    /// The names of what it can do.
    fn capabilities(&self) -> impl Iterator<Item = &'static str> {
        let named = [
            ("cache", self.cache.is_some()),
            ("listing", self.listing.is_some()),
            ("atomic", self.atomic.is_some()),
        ];
        named
            .into_iter()
            .filter(|(_, able)| *able)
            .map(|(name, _)| name)
    }

    /// What is under the key.
    pub(crate) async fn read(&self, key: &str) -> Result<Option<Entry>> {
        Ok(self.stored(key).await?.alive)
    }

    /// Writes a value, if the conditions hold.
    pub(crate) async fn write(
        &self,
        key: &str,
        value: String,
        ttl: Option<Duration>,
        conditions: &Conditions,
    ) -> Result<Written, Problem> {
        if ttl.is_some() && self.cache.is_none() {
            return Err(Problem::not_able("times to live"));
        }
        let new = Sealed::new(value, ttl.and_then(Deadline::after));
        if conditions.is_none() {
            return self.write_over(key, &new, ttl).await;
        }
        let Some(atomic) = &self.atomic else {
            return Err(Problem::not_able("writes on conditions"));
        };
        loop {
            if let Some(written) = self.replace(&**atomic, key, &new, conditions).await? {
                return Ok(written);
            }
        }
    }

    /// Writes over whatever is there.
    async fn write_over(
        &self,
        key: &str,
        new: &Sealed,
        ttl: Option<Duration>,
    ) -> Result<Written, Problem> {
        let none = Conditions::default();
        if let (Some(atomic), None) = (&self.atomic, ttl) {
            for _ in 0..LOOKS {
                if let Some(written) = self.replace(&**atomic, key, new, &none).await? {
                    return Ok(written);
                }
            }
        }
        let was_there = self.stored(key).await?.alive.is_some();
        match (&self.cache, ttl) {
            // The store removes what has expired, so that nothing piles up.
            (Some(cache), Some(ttl)) => cache.set_with_ttl(key, new.to_bytes(), ttl).await?,
            _ => self.store().set(key, new.to_bytes()).await?,
        }
        Ok(Written::over(was_there, new))
    }

    /// Removes what is under the key, if the conditions hold. Answers whether there was
    /// something.
    pub(crate) async fn remove(
        &self,
        key: &str,
        conditions: &Conditions,
    ) -> Result<Removed, Problem> {
        if conditions.is_none() {
            let was_there = self.stored(key).await?.alive.is_some();
            self.store().delete(key).await?;
            return Ok(if was_there {
                Removed::Gone
            } else {
                Removed::Absent
            });
        }
        let Some(atomic) = &self.atomic else {
            return Err(Problem::not_able("deletes on conditions"));
        };
        // What has expired counts as absent, and can be written on a condition.
        let tombstone = Sealed::new("", Some(Deadline::from_micros(0)));
        loop {
            let stored = self.stored(key).await?;
            if !stored.meets(conditions) {
                return Ok(Removed::Failed);
            }
            let (Some(bytes), Some(_)) = (stored.bytes, &stored.alive) else {
                return Ok(Removed::Absent);
            };
            if atomic
                .compare_and_set(key, &bytes, tombstone.to_bytes())
                .await?
            {
                return Ok(Removed::Gone);
            }
        }
    }

    /// A page of keys, with their values where they are wanted. It ends early where they are
    /// large.
    pub(crate) async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
        with_values: bool,
    ) -> Result<Page<(String, Option<Bytes>)>, Problem> {
        let Some(listing) = &self.listing else {
            return Err(Problem::not_able("listing"));
        };
        let (mut items, mut next) = (Vec::new(), after.map(str::to_owned));
        let (mut left, mut size) = (limit.get(), 0);
        while let Some(some) = NonZeroUsize::new(left.min(AT_A_TIME))
            && size < FULL
        {
            // The value says whether the key is there.
            let page = listing
                .list_with_values(prefix, next.as_deref(), some)
                .await?;
            for (key, bytes) in page.items {
                if let Some(entry) = Entry::of(bytes)? {
                    let value = with_values.then_some(entry.value);
                    size += value.as_ref().map_or(0, Bytes::len);
                    items.push((key, value));
                }
            }
            next = page.next;
            if next.is_none() {
                break;
            }
            left -= some.get();
        }
        Ok(Page { items, next })
    }

    /// Whether the store answers.
    pub(crate) async fn is_ready(&self) -> bool {
        self.store().has("ready").await.is_ok()
    }

    /// Writes where what was judged is still there, so that what is answered is what was done.
    /// Nothing is written, and nothing answered, where somebody else was faster.
    async fn replace(
        &self,
        atomic: &dyn Atomic,
        key: &str,
        new: &Sealed,
        conditions: &Conditions,
    ) -> Result<Option<Written>, Problem> {
        let stored = self.stored(key).await?;
        if !stored.meets(conditions) {
            return Ok(Some(Written::Failed));
        }
        let bytes = new.to_bytes();
        let done = match stored.bytes {
            Some(held) => atomic.compare_and_set(key, &held, bytes).await?,
            None => atomic.set_if_absent(key, bytes).await?,
        };
        Ok(done.then(|| Written::over(stored.alive.is_some(), new)))
    }

    /// The store itself: asked through the pointer, it would answer in a box within a box.
    fn store(&self) -> &dyn KeyValueStore {
        &*self.store
    }

    async fn stored(&self, key: &str) -> Result<Stored> {
        let bytes = self.store().get(key).await?;
        let alive = bytes.clone().map(Entry::of).transpose()?.flatten();
        Ok(Stored { bytes, alive })
    }
}

/// What a service says of its store.
#[derive(Debug, Serialize)]
pub(crate) struct Declared {
    capabilities: Vec<&'static str>,
    longest_key: usize,
    /// Of the JSON text of a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    largest_value: Option<usize>,
}

/// What the store holds under a key, and the entry that it is, unless it has expired.
struct Stored {
    bytes: Option<Bytes>,
    alive: Option<Entry>,
}

impl Stored {
    fn meets(&self, conditions: &Conditions) -> bool {
        // A tag is a digest of the whole value: where nobody asks, it is not worth it.
        if conditions.is_none() {
            return true;
        }
        let tag = self.alive.as_ref().map(Entry::tag);
        conditions.judge(tag.as_ref()) == Verdict::Met
    }
}

/// A value that is there.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) value: Bytes,
    pub(crate) deadline: Option<Deadline>,
}

impl Entry {
    fn of(bytes: Bytes) -> Result<Option<Self>> {
        let sealed = Sealed::from_bytes(bytes)?;
        let deadline = sealed.deadline;
        Ok(sealed.alive().map(|value| Self { value, deadline }))
    }

    pub(crate) fn tag(&self) -> Tag {
        Tag::of(&self.value)
    }
}

/// What became of a write.
#[derive(Debug)]
pub(crate) enum Written {
    Created(Tag),
    Replaced(Tag),
    /// The conditions do not hold.
    Failed,
}

impl Written {
    fn over(was_there: bool, new: &Sealed) -> Self {
        let tag = Tag::of(&new.value);
        if was_there {
            Self::Replaced(tag)
        } else {
            Self::Created(tag)
        }
    }
}

/// What became of a delete.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Removed {
    Gone,
    Absent,
    /// The conditions do not hold.
    Failed,
}
