//! Exchanges with a service, byte by byte: libraries would mend what is to be seen.

mod command;
mod exchange;
mod reply;
mod request;
mod same;
mod service;
mod target;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use tck_api::{Error, KeyValueStore, Result, async_trait};

use crate::Provider;

pub(crate) use reply::Reply;
pub(crate) use request::{Framing, Request};
pub use target::{IntoTarget, Target, TargetError};

/// The way to a service, for one check.
#[derive(Debug)]
pub(crate) struct Wire {
    target: Target,
    /// The paths that the check has written to, to be tidied up.
    written: Mutex<BTreeSet<String>>,
    /// Whether the service was there.
    reached: AtomicBool,
}

impl Wire {
    fn note(&self, request: &Request) {
        if request.writes() {
            let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            written.insert(request.path.clone());
        }
    }

    fn written(&self) -> BTreeSet<String> {
        self.written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn was_reached(&self) -> bool {
        self.reached.load(Ordering::Relaxed)
    }
}

/// A provider that is a service, and no store.
pub(crate) fn provider(target: Target) -> Provider {
    let wire = Wire {
        target,
        written: Mutex::default(),
        reached: AtomicBool::new(false),
    };
    Provider {
        wire: Some(Arc::new(wire)),
        ..Provider::of(Arc::new(NoStore))
    }
}

/// What answers where a service is taken for a store.
struct NoStore;

impl NoStore {
    fn refusal<T>() -> Result<T> {
        Err(Error::backend("a service is no store: ask it on the wire"))
    }
}

#[async_trait]
impl KeyValueStore for NoStore {
    async fn get(&self, _: &str) -> Result<Option<Bytes>> {
        Self::refusal()
    }

    async fn set(&self, _: &str, _: Bytes) -> Result<()> {
        Self::refusal()
    }

    async fn delete(&self, _: &str) -> Result<()> {
        Self::refusal()
    }
}
