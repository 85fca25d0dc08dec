//! A provider whose every call is written down.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tck_api::{
    Atomic, Cache, Error, KeyValueStore, Listing, Page, Result, Transaction, Transactional,
    async_trait,
};

use crate::{
    factory::Provider,
    shown::{Glimpse, Record, Recorded},
    trace::{Arguments, Operation, Trace},
};

/// Passes each call on and records it: the operation, its arguments, its answer and time.
pub(crate) struct Recorder {
    provider: Provider,
    pen: Pen,
    /// How many transactions were begun.
    begun: AtomicUsize,
}

/// Writes down the calls to one handle or one transaction.
struct Pen {
    /// Which one it is, where a check holds several: `second.`, `t1.` or nothing.
    handle: Arc<str>,
    is_of_transaction: bool,
    trace: Trace,
}

impl Recorder {
    pub(crate) fn new(provider: Provider, handle: &str, trace: Trace) -> Arc<Self> {
        Arc::new(Self {
            provider,
            pen: Pen {
                handle: handle.into(),
                is_of_transaction: false,
                trace,
            },
            begun: AtomicUsize::new(0),
        })
    }

    /// The step of this thread that ended last.
    pub(crate) fn last_step(&self) -> Option<usize> {
        self.pen.trace.last_ended()
    }
}

#[cfg(feature = "http")]
impl Recorder {
    /// The way to the service, where the provider is one.
    pub(crate) fn wire(&self) -> Option<&Arc<crate::wire::Wire>> {
        self.provider.wire.as_ref()
    }
}

impl Pen {
    async fn record<T, F>(
        &self,
        name: &'static str,
        arguments: Arguments,
        call: impl FnOnce() -> F,
    ) -> Result<T>
    where
        T: Recorded,
        F: Future<Output = Result<T>>,
    {
        let begun = self.trace.begin(Operation {
            handle: Arc::clone(&self.handle),
            is_of_transaction: self.is_of_transaction,
            name,
            arguments,
        });
        let answer = call().await;
        begun.end(Record::of(&answer));
        answer
    }
}

#[async_trait]
impl KeyValueStore for Recorder {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let store = &self.provider.store;
        self.pen.record("get", about(key), || store.get(key)).await
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        let store = &self.provider.store;
        let arguments = write(key, &value, None);
        self.pen
            .record("set", arguments, || store.set(key, value))
            .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let store = &self.provider.store;
        self.pen
            .record("delete", about(key), || store.delete(key))
            .await
    }

    async fn has(&self, key: &str) -> Result<bool> {
        let store = &self.provider.store;
        self.pen.record("has", about(key), || store.has(key)).await
    }
}

#[async_trait]
impl Cache for Recorder {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let cache = able(&self.provider.cache, "cache")?;
        let arguments = write(key, &value, Some(ttl));
        self.pen
            .record("set_with_ttl", arguments, || {
                cache.set_with_ttl(key, value, ttl)
            })
            .await
    }
}

#[async_trait]
impl Listing for Recorder {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let listing = able(&self.provider.listing, "listing")?;
        self.pen
            .record("list", page(prefix, after, limit), || {
                listing.list(prefix, after, limit)
            })
            .await
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        let listing = able(&self.provider.listing, "listing")?;
        self.pen
            .record("list_with_values", page(prefix, after, limit), || {
                listing.list_with_values(prefix, after, limit)
            })
            .await
    }
}

#[async_trait]
impl Atomic for Recorder {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        let atomic = able(&self.provider.atomic, "atomic store")?;
        let arguments = write(key, &value, None);
        self.pen
            .record("set_if_absent", arguments, || {
                atomic.set_if_absent(key, value)
            })
            .await
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        let atomic = able(&self.provider.atomic, "atomic store")?;
        let arguments = Arguments::Compare {
            key: key.into(),
            expected: Glimpse::of(expected),
            value: Glimpse::of(&value),
        };
        self.pen
            .record("compare_and_set", arguments, || {
                atomic.compare_and_set(key, expected, value)
            })
            .await
    }
}

#[async_trait]
impl Transactional for Recorder {
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        let transactional = able(&self.provider.transactional, "store with transactions")?;
        let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        let pen = Pen {
            handle: format!("{}t{number}.", self.pen.handle).into(),
            is_of_transaction: true,
            trace: self.pen.trace.clone(),
        };
        let inner = pen
            .record("begin", Arguments::None, || transactional.begin())
            .await?;
        Ok(Box::new(RecordedTransaction { inner, pen }))
    }
}

/// Passes the calls of a transaction on and records them.
struct RecordedTransaction {
    inner: Box<dyn Transaction>,
    pen: Pen,
}

#[async_trait]
impl Transaction for RecordedTransaction {
    async fn get(&mut self, key: &str) -> Result<Option<Bytes>> {
        self.pen
            .record("get", about(key), || self.inner.get(key))
            .await
    }

    async fn set(&mut self, key: &str, value: Bytes) -> Result<()> {
        let arguments = write(key, &value, None);
        self.pen
            .record("set", arguments, || self.inner.set(key, value))
            .await
    }

    async fn set_with_ttl(&mut self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        let arguments = write(key, &value, Some(ttl));
        self.pen
            .record("set_with_ttl", arguments, || {
                self.inner.set_with_ttl(key, value, ttl)
            })
            .await
    }

    async fn delete(&mut self, key: &str) -> Result<()> {
        self.pen
            .record("delete", about(key), || self.inner.delete(key))
            .await
    }

    async fn list(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        self.pen
            .record("list", page(prefix, after, limit), || {
                self.inner.list(prefix, after, limit)
            })
            .await
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        let Self { inner, pen } = *self;
        pen.record("commit", Arguments::None, || inner.commit())
            .await
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        let Self { inner, pen } = *self;
        pen.record("rollback", Arguments::None, || inner.rollback())
            .await
    }
}

fn able<'p, T: ?Sized>(capability: &'p Option<Arc<T>>, name: &str) -> Result<&'p T> {
    capability
        .as_deref()
        .ok_or_else(|| Error::backend(format!("the factory of this suite makes no {name}")))
}

fn about(key: &str) -> Arguments {
    Arguments::Key(key.into())
}

fn write(key: &str, value: &Bytes, ttl: Option<Duration>) -> Arguments {
    Arguments::Write {
        key: key.into(),
        value: Glimpse::of(value),
        ttl,
    }
}

fn page(prefix: &str, after: Option<&str>, limit: NonZeroUsize) -> Arguments {
    Arguments::Page {
        prefix: prefix.into(),
        after: after.map(Into::into),
        limit,
    }
}
