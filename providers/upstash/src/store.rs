//! A namespace in a database.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use bytes::{BufMut, Bytes, BytesMut};
use omni_kv_parts::{Room, value_within};
use serde_json::Value;
use tck_api::{Atomic, Cache, Error, KeyValueStore, Result};

use crate::{
    Settings,
    connection::{Connection, number, odd, some_bytes},
};

/// Names stand in the paths of requests, whose length is limited.
pub(crate) const KEYS: Room = Room::of(1_368);
const SPACES: Room = Room::of(342);

/// The length in bytes of the longest key.
pub const LONGEST_KEY: usize = KEYS.longest();

/// The length in bytes of the longest name of a namespace.
pub const LONGEST_NAMESPACE: usize = SPACES.longest();

/// The size in bytes of the largest value: two of them, which a comparison sends, are within
/// the ten megabytes that Upstash takes as a request.
pub const LARGEST_VALUE: usize = 4 << 20;

/// Times to live from here on, in milliseconds, count as endless: Redis adds them to the
/// time since 1970 in a signed number.
const ENDLESS: u128 = 1 << 62;

/// Its last argument begins with the value to compare, which is as long as the first says.
const COMPARE_AND_SET: &str = "local size = tonumber(ARGV[1]) \
    if redis.call('GET', KEYS[1]) ~= string.sub(ARGV[2], 1, size) then return 0 end \
    redis.call('SET', KEYS[1], string.sub(ARGV[2], size + 1)) return 1";

/// A database.
#[derive(Clone)]
pub struct Upstash {
    connection: Connection,
}

impl Upstash {
    /// Connects to what a URL stands for. [`Settings`] says what it may look like.
    pub async fn connect(url: &str) -> Result<Self> {
        let settings = Settings::from_url(url).map_err(Error::backend)?;
        Self::open(&settings).await
    }

    /// Connects as these settings say.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let connection = Connection::open(settings)?;
        // There is nothing to connect; this tells whether the token is right.
        connection.ask(&["PING"]).await?;
        Ok(Self { connection })
    }

    /// The store of this namespace. Its keys lie under the name of the namespace and a
    /// tilde, `sessions~ada`; what is no letter or digit is quoted.
    pub fn namespace(&self, name: &str) -> Result<UpstashStore> {
        Ok(UpstashStore {
            connection: self.connection.clone(),
            space: format!("{}~", SPACES.name(name)?),
        })
    }
}

impl fmt::Debug for Upstash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstash").finish_non_exhaustive()
    }
}

/// The keys of one namespace.
#[derive(Clone)]
pub struct UpstashStore {
    pub(crate) connection: Connection,
    pub(crate) space: String,
}

impl UpstashStore {
    pub(crate) fn name(&self, key: &str) -> Result<String> {
        Ok(format!("{}{}", self.space, KEYS.name(key)?))
    }

    async fn put(&self, name: &str, value: Bytes, options: &[(&str, &str)]) -> Result<()> {
        let command = ["SET", name];
        let result = self.connection.ask_with(&command, value, options).await?;
        if result == "OK" { Ok(()) } else { Err(odd()) }
    }
}

impl fmt::Debug for UpstashStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstashStore")
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl KeyValueStore for UpstashStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let result = self.connection.ask(&["GET", &self.name(key)?]).await?;
        some_bytes(&result)
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        self.put(&name, value, &[]).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let result = self.connection.ask(&["DEL", &self.name(key)?]).await?;
        number(&result).map(drop)
    }

    async fn has(&self, key: &str) -> Result<bool> {
        let result = self.connection.ask(&["EXISTS", &self.name(key)?]).await?;
        is_one(&result)
    }
}

#[async_trait]
impl Cache for UpstashStore {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        // Rounded up, so that no entry goes early.
        match ttl.as_nanos().div_ceil(1_000_000) {
            0 => self.delete(key).await,
            ENDLESS.. => self.put(&name, value, &[]).await,
            millis => {
                let millis = millis.to_string();
                self.put(&name, value, &[("PX", &millis)]).await
            }
        }
    }
}

#[async_trait]
impl Atomic for UpstashStore {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let command = ["SETNX", &name];
        let result = self.connection.ask_with(&command, value, &[]).await?;
        is_one(&result)
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        let name = self.name(key)?;
        value_within(&value, LARGEST_VALUE)?;
        let size = expected.len().to_string();
        let command = ["EVAL", COMPARE_AND_SET, "1", &name, &size];
        let mut both = BytesMut::with_capacity(expected.len() + value.len());
        both.put_slice(expected);
        both.put_slice(&value);
        let result = self
            .connection
            .ask_with(&command, both.freeze(), &[])
            .await?;
        is_one(&result)
    }
}

fn is_one(result: &Value) -> Result<bool> {
    number(result).map(|number| number == 1)
}
