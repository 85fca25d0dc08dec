//! A pointer to a store can do what the store can do.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Atomic, Cache, KeyValueStore, Listing, Page, Result, Transaction, Transactional};

macro_rules! forward {
    ($($pointer:ident),+) => {$(
        #[async_trait]
        impl<S: KeyValueStore + ?Sized> KeyValueStore for $pointer<S> {
            async fn get(&self, key: &str) -> Result<Option<Bytes>> {
                (**self).get(key).await
            }

            async fn set(&self, key: &str, value: Bytes) -> Result<()> {
                (**self).set(key, value).await
            }

            async fn delete(&self, key: &str) -> Result<()> {
                (**self).delete(key).await
            }

            async fn has(&self, key: &str) -> Result<bool> {
                (**self).has(key).await
            }
        }

        #[async_trait]
        impl<S: Cache + ?Sized> Cache for $pointer<S> {
            async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
                (**self).set_with_ttl(key, value, ttl).await
            }
        }

        #[async_trait]
        impl<S: Listing + ?Sized> Listing for $pointer<S> {
            async fn list(
                &self,
                prefix: &str,
                after: Option<&str>,
                limit: NonZeroUsize,
            ) -> Result<Page<String>> {
                (**self).list(prefix, after, limit).await
            }

            async fn list_with_values(
                &self,
                prefix: &str,
                after: Option<&str>,
                limit: NonZeroUsize,
            ) -> Result<Page<(String, Bytes)>> {
                (**self).list_with_values(prefix, after, limit).await
            }
        }

        #[async_trait]
        impl<S: Atomic + ?Sized> Atomic for $pointer<S> {
            async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
                (**self).set_if_absent(key, value).await
            }

            async fn compare_and_set(
                &self,
                key: &str,
                expected: &[u8],
                value: Bytes,
            ) -> Result<bool> {
                (**self).compare_and_set(key, expected, value).await
            }
        }

        #[async_trait]
        impl<S: Transactional + ?Sized> Transactional for $pointer<S> {
            async fn begin(&self) -> Result<Box<dyn Transaction>> {
                (**self).begin().await
            }
        }
    )+};
}

forward!(Arc, Box);
