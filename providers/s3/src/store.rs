//! A namespace in a bucket.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use object_store::path::Path;
use omni_kv_parts::{Deadline, Sealed, value_within};
use tck_api::{Atomic, Cache, Error, KeyValueStore, Result};

use crate::{
    Settings,
    bucket::Bucket,
    path::{self, KEY, NAMESPACE},
};

/// The length in bytes of the longest key.
pub const LONGEST_KEY: usize = KEY.longest();

/// The length in bytes of the longest name of a namespace.
pub const LONGEST_NAMESPACE: usize = NAMESPACE.longest();

/// The size in bytes of the largest value. S3 itself takes more, in one request of up to 5 GB.
pub const LARGEST_VALUE: usize = 64 << 20;

/// A bucket.
#[derive(Clone)]
pub struct S3 {
    bucket: Bucket,
    folder: String,
}

impl S3 {
    /// Takes the bucket that a URL stands for. [`Settings`] says what it may look like. The
    /// first call of a store connects.
    pub async fn connect(url: &str) -> Result<Self> {
        let settings = Settings::from_url(url).map_err(Error::backend)?;
        Self::open(&settings).await
    }

    /// Takes the bucket that these settings name. The first call of a store connects.
    pub async fn open(settings: &Settings) -> Result<Self> {
        Path::parse(&settings.folder).map_err(Error::backend)?;
        Ok(Self {
            bucket: Bucket::open(settings)?,
            folder: settings.folder.clone(),
        })
    }

    /// The store of this namespace. Its keys are the objects in a folder of that name,
    /// `sessions/ada`; what is no letter or digit is quoted.
    pub fn namespace(&self, name: &str) -> Result<S3Store> {
        let name = NAMESPACE.name(name)?;
        let folder = format!("{}/{name}", self.folder);
        Ok(S3Store {
            bucket: self.bucket.clone(),
            folder: folder.trim_start_matches('/').to_owned(),
        })
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// The keys of one namespace.
#[derive(Clone)]
pub struct S3Store {
    pub(crate) bucket: Bucket,
    pub(crate) folder: String,
}

impl fmt::Debug for S3Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Store")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl KeyValueStore for S3Store {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let object = self.bucket.read(&self.path(key)?).await?;
        Ok(object.and_then(|(sealed, _)| sealed.alive()))
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        let path = self.path(key)?;
        self.bucket.write(&path, sealed(value, None)?).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.bucket.delete(&self.path(key)?).await
    }

    async fn has(&self, key: &str) -> Result<bool> {
        let sealed = self.bucket.peek(&self.path(key)?).await?;
        Ok(sealed.is_some_and(|sealed| sealed.is_alive()))
    }
}

#[async_trait]
impl Cache for S3Store {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let path = self.path(key)?;
        let bytes = sealed(value, Deadline::after(ttl))?;
        if ttl.is_zero() {
            return self.bucket.delete(&path).await;
        }
        self.bucket.write(&path, bytes).await
    }
}

#[async_trait]
impl Atomic for S3Store {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let path = self.path(key)?;
        let bytes = sealed(value, None)?;
        loop {
            // One request where there was never anything.
            if self.bucket.write_where(&path, bytes.clone(), None).await? {
                return Ok(true);
            }
            match self.bucket.read(&path).await? {
                Some((held, _)) if held.is_alive() => return Ok(false),
                Some((_, tag)) => {
                    let written = self.bucket.write_where(&path, bytes.clone(), Some(tag));
                    if written.await? {
                        return Ok(true);
                    }
                }
                None => {}
            }
        }
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        let path = self.path(key)?;
        let bytes = sealed(value, None)?;
        loop {
            let Some((held, tag)) = self.bucket.read(&path).await? else {
                return Ok(false);
            };
            if held.alive().is_none_or(|held| held != expected) {
                return Ok(false);
            }
            // Somebody was faster, perhaps with the same value and another time to live.
            let written = self.bucket.write_where(&path, bytes.clone(), Some(tag));
            if written.await? {
                return Ok(true);
            }
        }
    }
}

impl S3Store {
    fn path(&self, key: &str) -> Result<Path> {
        path::path(&self.folder, &KEY.name(key)?)
    }
}

/// What to store, where it fits.
fn sealed(value: Bytes, deadline: Option<Deadline>) -> Result<Bytes> {
    value_within(&value, LARGEST_VALUE)?;
    Ok(Sealed::new(value, deadline).to_bytes())
}
