//! A namespace on a server.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::{Deadline, Room, Sealed, value_within};
use tck_api::{Cache, Error, KeyValueStore, Result};

use crate::{Settings, connection::When, pool::Pool};

/// How the 250 bytes that Memcached has for a key are shared out, the slash aside.
const SPACES: Room = Room::of(63);
const KEYS: Room = Room::of(186);

/// The length in bytes of the longest key.
pub const LONGEST_KEY: usize = KEYS.longest();

/// The length in bytes of the longest name of a namespace.
pub const LONGEST_NAMESPACE: usize = SPACES.longest();

/// The size in bytes of the largest value: with the longest key and a deadline it fits into
/// the mebibyte that Memcached has for an item.
pub const LARGEST_VALUE: usize = (1 << 20) - 512;

/// A server.
#[derive(Clone)]
pub struct Memcached {
    pool: Pool,
}

impl Memcached {
    /// Connects to what a URL stands for. [`Settings`] says what it may look like.
    pub async fn connect(url: &str) -> Result<Self> {
        let settings = Settings::from_url(url).map_err(Error::backend)?;
        Self::open(&settings).await
    }

    /// Connects as these settings say.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let pool = Pool::new(settings)?;
        pool.within(async {
            let mut turn = pool.turn().await?;
            let checked = turn.check().await;
            turn.end(checked)
        })
        .await?;
        Ok(Self { pool })
    }

    /// The store of this namespace. Its keys lie under the name of the namespace and a
    /// slash, `sessions/ada`; what is no letter or digit is quoted.
    pub fn namespace(&self, name: &str) -> Result<MemcachedStore> {
        Ok(MemcachedStore {
            pool: self.pool.clone(),
            space: format!("{}/", SPACES.name(name)?),
        })
    }
}

impl fmt::Debug for Memcached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memcached").finish_non_exhaustive()
    }
}

/// The keys of one namespace.
#[derive(Clone)]
pub struct MemcachedStore {
    pub(crate) pool: Pool,
    space: String,
}

impl MemcachedStore {
    pub(crate) fn name(&self, key: &str) -> Result<String> {
        Ok([self.space.as_str(), &KEYS.name(key)?].concat())
    }

    async fn put(&self, key: &str, value: Bytes, deadline: Option<Deadline>) -> Result<()> {
        let (name, sealed) = (self.name(key)?, sealed(value, deadline)?);
        self.pool
            .within(async {
                let mut turn = self.pool.turn().await?;
                let expiry = deadline.and_then(expiry);
                let stored = turn.store(&name, &sealed, expiry, When::Always).await;
                turn.end(stored).map(drop)
            })
            .await
    }
}

impl fmt::Debug for MemcachedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemcachedStore")
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl KeyValueStore for MemcachedStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let name = self.name(key)?;
        let found = self.pool.within(async {
            let mut turn = self.pool.turn().await?;
            let found = turn.get(&name).await;
            turn.end(found)
        });
        let Some(item) = found.await? else {
            return Ok(None);
        };
        Ok(Sealed::from_bytes(item.data)?.alive())
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.put(key, value, None).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let name = self.name(key)?;
        self.pool
            .within(async {
                let mut turn = self.pool.turn().await?;
                let deleted = turn.delete(&name).await;
                turn.end(deleted)
            })
            .await
    }
}

#[async_trait]
impl Cache for MemcachedStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        if ttl.is_zero() {
            value_within(&value, LARGEST_VALUE)?;
            return self.delete(key).await;
        }
        self.put(key, value, Deadline::after(ttl)).await
    }
}

/// What to store, where it fits.
pub(crate) fn sealed(value: Bytes, deadline: Option<Deadline>) -> Result<Bytes> {
    value_within(&value, LARGEST_VALUE)?;
    Ok(Sealed::new(value, deadline).to_bytes())
}

/// Longer times count as moments since 1970.
const LONGEST_EXPIRY: i64 = 30 * 86_400;

/// When Memcached may remove an item, in its own terms. None where it can't say so: it reads
/// a signed number of 32 bits.
fn expiry(deadline: Deadline) -> Option<i64> {
    // An item goes up to a second early by the clock of the server, which ticks in seconds.
    // One more covers that the server gets to know of it later.
    let slack = Duration::from_secs(2);
    let seconds = |time: Duration| {
        let seconds = time
            .saturating_add(slack)
            .as_nanos()
            .div_ceil(1_000_000_000);
        i32::try_from(seconds).ok().map(i64::from)
    };
    let left = seconds(deadline.left());
    left.filter(|left| *left <= LONGEST_EXPIRY).or_else(|| {
        let since_epoch = Duration::from_micros(deadline.micros());
        seconds(since_epoch)
    })
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    #[test]
    fn an_item_goes_after_its_deadline_and_never_before() {
        let expiry_of = |seconds| expiry(Deadline::after(Duration::from_secs(seconds))?);
        let month = 30 * 86_400;
        for seconds in [1, 60, month - 10] {
            let relative = expiry_of(seconds).expect("before 2038");
            let expected = seconds as i64 + 2;
            assert!(
                (expected - 1..=expected + 1).contains(&relative),
                "{seconds} s"
            );
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs() as i64;
        for seconds in [month - 1, month, month + 1, 365 * 86_400] {
            let moment = expiry_of(seconds).expect("before 2038");
            let expected = now + seconds as i64;
            assert!((expected..=expected + 4).contains(&moment), "{seconds} s");
        }
        assert_eq!(expiry_of(100 * 365 * 86_400), None);
    }
}
