//! A provider whose every call is written down.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tck_api::{Cache, Error, KeyValueStore, Result, async_trait};

use crate::{
    factory::Provider,
    shown::{Glimpse, Record, Recorded},
    trace::{Operation, Trace},
};

/// Passes each call on and records it: the operation, its arguments, its answer and time.
pub(crate) struct Recorder {
    provider: Provider,
    /// Which handle it is, where a check holds several: `second.` or nothing.
    handle: Arc<str>,
    trace: Trace,
}

impl Recorder {
    pub(crate) fn new(provider: Provider, handle: &str, trace: Trace) -> Arc<Self> {
        Arc::new(Self {
            provider,
            handle: handle.into(),
            trace,
        })
    }

    async fn record<T, F>(&self, operation: Operation, call: impl FnOnce() -> F) -> Result<T>
    where
        T: Recorded,
        F: Future<Output = Result<T>>,
    {
        let begun = self.trace.begin(operation);
        let answer = call().await;
        begun.end(Record::of(&answer));
        answer
    }

    fn operation(&self, name: &'static str, key: &str) -> Operation {
        let handle = Arc::clone(&self.handle);
        Operation {
            handle,
            name,
            key: key.into(),
            value: None,
            ttl: None,
        }
    }
}

#[async_trait]
impl KeyValueStore for Recorder {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let get = self.operation("get", key);
        self.record(get, || self.provider.store.get(key)).await
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        let set = Operation {
            value: Some(Glimpse::of(&value)),
            ..self.operation("set", key)
        };
        self.record(set, || self.provider.store.set(key, value))
            .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let delete = self.operation("delete", key);
        self.record(delete, || self.provider.store.delete(key))
            .await
    }

    async fn has(&self, key: &str) -> Result<bool> {
        let has = self.operation("has", key);
        self.record(has, || self.provider.store.has(key)).await
    }
}

#[async_trait]
impl Cache for Recorder {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let Some(cache) = &self.provider.cache else {
            return Err(Error::backend("the factory of this suite makes no cache"));
        };
        let value_seen = Some(Glimpse::of(&value));
        let set = self.operation("set_with_ttl", key);
        let set = Operation {
            value: value_seen,
            ttl: Some(ttl),
            ..set
        };
        self.record(set, || cache.set_with_ttl(key, value, ttl))
            .await
    }
}
