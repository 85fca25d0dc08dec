//! A provider whose every call is written down.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tck_api::{Cache, Error, KeyValueStore, Result, async_trait};

use crate::{
    factory::Provider,
    shown::{self, Shown},
    trace::{About, Trace},
};

/// Passes each call on and records it: the operation, its arguments, its answer and time.
pub(crate) struct Recorder {
    provider: Provider,
    /// Which handle it is, where a check holds several: `second.` or nothing.
    label: String,
    trace: Trace,
}

impl Recorder {
    pub(crate) fn new(provider: Provider, label: String, trace: Trace) -> Arc<Self> {
        Arc::new(Self {
            provider,
            label,
            trace,
        })
    }

    async fn record<T>(
        &self,
        call: String,
        about: About,
        answer: impl Future<Output = Result<T>> + Send,
    ) -> Result<T>
    where
        Result<T>: Shown,
    {
        let call = self.trace.begin(format!("{}{call}", self.label), about);
        let answer = answer.await;
        call.end(answer.shown());
        answer
    }
}

fn about(key: &str, written: Option<&Bytes>) -> About {
    let written = written.map(|value| Some(value.clone()).shown());
    About {
        key: Some(key.to_owned()),
        written,
    }
}

#[async_trait]
impl KeyValueStore for Recorder {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let call = format!("get({})", shown::key(key));
        self.record(call, about(key, None), self.provider.store.get(key))
            .await
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        let call = format!("set({}, {})", shown::key(key), value.shown());
        self.record(
            call,
            about(key, Some(&value)),
            self.provider.store.set(key, value),
        )
        .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let call = format!("delete({})", shown::key(key));
        self.record(call, about(key, None), self.provider.store.delete(key))
            .await
    }

    async fn has(&self, key: &str) -> Result<bool> {
        let call = format!("has({})", shown::key(key));
        self.record(call, about(key, None), self.provider.store.has(key))
            .await
    }
}

#[async_trait]
impl Cache for Recorder {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let call = format!(
            "set_with_ttl({}, {}, {ttl:?})",
            shown::key(key),
            value.shown()
        );
        let Some(cache) = &self.provider.cache else {
            return Err(Error::backend("the factory of this suite makes no cache"));
        };
        self.record(
            call,
            about(key, Some(&value)),
            cache.set_with_ttl(key, value, ttl),
        )
        .await
    }
}
