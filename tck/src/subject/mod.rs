//! The provider under test, as the checks see it.

mod handles;
mod time;

use std::{cell::Cell, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use tck_api::{Cache, KeyValueStore, Result};

use self::handles::Scene;
#[cfg(feature = "http")]
use crate::trace::Trace;
use crate::{Profile, answer::Answer, check::Check, probe::crew::Crew, recorder::Recorder};

/// What a check waits for. Boxed, so that the futures of the checks stay small: they are
/// compiled in the tree of every provider.
type Pending<'s, T> = Pin<Box<dyn Future<Output = T> + 's>>;

/// One handle of the provider under test, and all that a check may ask.
pub(crate) struct Subject {
    recorder: Arc<Recorder>,
    scene: Arc<Scene>,
    attempt: Cell<u32>,
    /// Another handle, which makes half of the calls where many are made side by side.
    beside: Option<Arc<Recorder>>,
}

impl Subject {
    pub(crate) fn profile(&self) -> &Profile {
        &self.scene.profile
    }

    #[cfg(feature = "http")]
    pub(crate) fn trace(&self) -> &Trace {
        &self.scene.trace
    }

    /// What all namespaces of this check begin with.
    pub(crate) fn mark(&self) -> &str {
        &self.scene.mark
    }

    /// A key that this check alone uses.
    pub(crate) fn key(&self, name: &str) -> String {
        match self.attempt.get() {
            0 => format!("{}-{name}", self.scene.mark),
            attempt => format!("{}-{attempt}-{name}", self.scene.mark),
        }
    }

    pub(crate) fn get<'s>(&'s self, key: &'s str) -> Pending<'s, Answer<Option<Bytes>>> {
        Box::pin(async move { self.answer(self.recorder.get(key).await) })
    }

    pub(crate) fn has<'s>(&'s self, key: &'s str) -> Pending<'s, Answer<bool>> {
        Box::pin(async move { self.answer(self.recorder.has(key).await) })
    }

    pub(crate) fn delete<'s>(&'s self, key: &'s str) -> Pending<'s, Answer<()>> {
        Box::pin(async move { self.answer(self.recorder.delete(key).await) })
    }

    pub(crate) fn set<'s>(
        &'s self,
        key: &'s str,
        value: impl Into<Bytes>,
    ) -> Pending<'s, Answer<()>> {
        self.write(key, value, None)
    }

    pub(crate) fn set_with_ttl<'s>(
        &'s self,
        key: &'s str,
        value: impl Into<Bytes>,
        ttl: Duration,
    ) -> Pending<'s, Answer<()>> {
        self.write(key, value, Some(ttl))
    }

    /// Sets a key, with a time to live or plainly.
    pub(crate) fn write<'s>(
        &'s self,
        key: &'s str,
        value: impl Into<Bytes>,
        ttl: Option<Duration>,
    ) -> Pending<'s, Answer<()>> {
        self.write_bytes(key, value.into(), ttl)
    }

    fn write_bytes<'s>(
        &'s self,
        key: &'s str,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> Pending<'s, Answer<()>> {
        Box::pin(async move {
            self.answer(match ttl {
                Some(ttl) => self.recorder.set_with_ttl(key, value, ttl).await,
                None => self.recorder.set(key, value).await,
            })
        })
    }

    /// Expects this value on every read path.
    pub(crate) fn holds<'s>(&'s self, key: &'s str, value: impl Into<Bytes>) -> Pending<'s, Check> {
        self.holds_bytes(key, value.into())
    }

    fn holds_bytes<'s>(&'s self, key: &'s str, value: Bytes) -> Pending<'s, Check> {
        Box::pin(async move {
            self.get(key).await.is_value(value)?;
            self.has(key).await.is(true)
        })
    }

    /// Expects nothing on every read path.
    pub(crate) fn lacks<'s>(&'s self, key: &'s str) -> Pending<'s, Check> {
        Box::pin(async move {
            self.get(key).await.is_missing()?;
            self.has(key).await.is(false)
        })
    }

    /// The provider itself, recorded, for layers on top of it and for calls side by side.
    pub(crate) fn recorded(&self) -> Arc<Recorder> {
        Arc::clone(&self.recorder)
    }

    /// The answer of a layer on top of the provider.
    pub(crate) fn answer<T>(&self, result: Result<T>) -> Answer<T> {
        Answer {
            result,
            step: self.last_step(),
            came: self.scene.timeline.now(),
        }
    }

    /// The step of this thread that ended last.
    pub(crate) fn last_step(&self) -> Option<usize> {
        self.scene.trace.last_ended()
    }

    /// This handle and another on the same data, for calls side by side.
    pub(crate) fn beside(&self, other: &Self) -> Self {
        Self {
            recorder: Arc::clone(&self.recorder),
            scene: Arc::clone(&self.scene),
            attempt: self.attempt.clone(),
            beside: Some(other.recorded()),
        }
    }

    /// The threads that make many calls side by side.
    pub(crate) fn crew(&self) -> &Crew {
        &self.scene.crew
    }

    /// The handle that makes the calls of one of many callers.
    pub(crate) fn recorded_for(&self, caller: usize) -> Arc<Recorder> {
        match &self.beside {
            Some(other) if !caller.is_multiple_of(2) => Arc::clone(other),
            _ => self.recorded(),
        }
    }
}
