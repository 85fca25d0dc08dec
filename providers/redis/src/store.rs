//! A namespace on a server.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::{key_within, quoted, value_within};
use redis::cmd;
use tck_api::{Atomic, Cache, Error, KeyValueStore, Result};

use crate::{Settings, connection::Connection};

/// The length in bytes of the longest key, and of the longest name of a namespace.
pub const LONGEST_KEY: usize = 65_536;

/// The size in bytes of the largest value, which is Redis's own limit.
pub const LARGEST_VALUE: usize = 512 << 20;

/// Times to live from here on, in milliseconds, count as endless: Redis adds them to the
/// time since 1970 in a signed number.
const ENDLESS: u128 = 1 << 62;

/// A server, or a cluster.
#[derive(Clone)]
pub struct Redis {
    connection: Connection,
}

impl Redis {
    /// Connects to what a URL stands for. [`Settings`] says what it may look like.
    pub async fn connect(url: &str) -> Result<Self> {
        let settings = Settings::from_url(url).map_err(Error::backend)?;
        Self::open(&settings).await
    }

    /// Connects as these settings say.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let connection = Connection::open(settings).await?;
        Ok(Self { connection })
    }

    /// The store of this namespace. Its keys lie under the name of the namespace and a
    /// slash, `sessions/ada`; what is no letter or digit in the name is quoted.
    pub fn namespace(&self, name: &str) -> Result<RedisStore> {
        Ok(RedisStore {
            connection: self.connection.clone(),
            space: format!("{}/", quoted(key_within(name, LONGEST_KEY)?)),
        })
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").finish_non_exhaustive()
    }
}

/// The keys of one namespace.
#[derive(Clone)]
pub struct RedisStore {
    pub(crate) connection: Connection,
    pub(crate) space: String,
}

impl RedisStore {
    pub(crate) fn name(&self, key: &str) -> Result<String> {
        Ok(format!("{}{}", self.space, key_within(key, LONGEST_KEY)?))
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl KeyValueStore for RedisStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.connection.ask(cmd("GET").arg(self.name(key)?)).await
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        self.connection.ask(cmd("SET").arg(name).arg(&*value)).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.connection.ask(cmd("DEL").arg(self.name(key)?)).await
    }

    async fn has(&self, key: &str) -> Result<bool> {
        self.connection
            .ask(cmd("EXISTS").arg(self.name(key)?))
            .await
    }
}

#[async_trait]
impl Cache for RedisStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        // Rounded up, so that no entry goes early.
        match ttl.as_nanos().div_ceil(1_000_000) {
            0 => self.delete(key).await,
            ENDLESS.. => self.set(key, value).await,
            millis => {
                let mut set = cmd("SET");
                set.arg(name).arg(&*value).arg("PX").arg(millis as u64);
                self.connection.ask(&set).await
            }
        }
    }
}

const COMPARE_AND_SET: &str = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end \
    redis.call('SET', KEYS[1], ARGV[2]) return 1";

#[async_trait]
impl Atomic for RedisStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let mut set = cmd("SET");
        set.arg(name).arg(&*value).arg("NX");
        let stored: Option<String> = self.connection.ask(&set).await?;
        Ok(stored.is_some())
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let mut run = cmd("EVAL");
        run.arg(COMPARE_AND_SET).arg(1).arg(name);
        run.arg(expected).arg(&*value);
        self.connection.ask(&run).await
    }
}
