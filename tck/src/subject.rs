//! The provider under test, as the checks see it.

use std::{
    cell::Cell,
    collections::hash_map::RandomState,
    hash::BuildHasher,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tck_api::{Cache, Error, KeyValueStore, Result};

use crate::{
    Profile,
    answer::Answer,
    check::{Check, Stop},
    factory::{Factory, Setup, Shared},
    lease::Lease,
    recorder::Recorder,
    timeline::Timeline,
    trace::Trace,
};

/// How often a check begins anew with a longer time to live, before it gives up. The
/// last attempt holds its entries 512 times as long as the first.
const ATTEMPTS: u32 = 10;

/// One handle of the provider under test, and all that a check may ask.
pub(crate) struct Subject {
    recorder: Arc<Recorder>,
    scene: Arc<Scene>,
    attempt: Cell<u32>,
}

/// What all handles of one check share.
struct Scene {
    factory: Arc<dyn Factory>,
    profile: Profile,
    timeline: Timeline,
    trace: Trace,
    shared: Shared,
    /// Part of all keys and namespaces of this check, and of no other's.
    mark: String,
}

impl Subject {
    /// The first handle, on a namespace that nobody has used.
    pub(crate) async fn open(
        factory: Arc<dyn Factory>,
        profile: Profile,
        trace: Trace,
    ) -> Check<Self> {
        let timeline = Timeline::new(profile.time);
        let mark = format!("tck-{:08x}", RandomState::new().hash_one(()) as u32);
        let scene = Arc::new(Scene {
            factory,
            profile,
            timeline,
            trace,
            shared: Shared::default(),
            mark,
        });
        let namespace = scene.mark.clone();
        scene
            .open(namespace, String::new())
            .await?
            .map_err(|error| Stop::Factory(error.into()))
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.scene.profile
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

    pub(crate) async fn get(&self, key: &str) -> Answer<Option<Bytes>> {
        let result = self.recorder.get(key).await;
        self.answer(result)
    }

    pub(crate) async fn has(&self, key: &str) -> Answer<bool> {
        let result = self.recorder.has(key).await;
        self.answer(result)
    }

    pub(crate) async fn set(&self, key: &str, value: impl Into<Bytes>) -> Answer<()> {
        let result = self.recorder.set(key, value.into()).await;
        self.answer(result)
    }

    pub(crate) async fn set_with_ttl(
        &self,
        key: &str,
        value: impl Into<Bytes>,
        ttl: Duration,
    ) -> Answer<()> {
        let result = self.recorder.set_with_ttl(key, value.into(), ttl).await;
        self.answer(result)
    }

    pub(crate) async fn delete(&self, key: &str) -> Answer<()> {
        let result = self.recorder.delete(key).await;
        self.answer(result)
    }

    /// Expects this value on every read path.
    pub(crate) async fn holds(&self, key: &str, value: impl Into<Bytes>) -> Check {
        self.get(key).await.is_value(value)?;
        self.has(key).await.is(true)
    }

    /// Expects nothing on every read path.
    pub(crate) async fn lacks(&self, key: &str) -> Check {
        self.get(key).await.is_missing()?;
        self.has(key).await.is(false)
    }

    /// The provider itself, recorded, for layers on top of it and for calls side by side.
    pub(crate) fn recorded(&self) -> Arc<Recorder> {
        Arc::clone(&self.recorder)
    }

    /// The answer of a layer on top of the provider.
    pub(crate) fn answer<T>(&self, result: Result<T>) -> Answer<T> {
        Answer {
            result,
            step: self.scene.trace.last_ended(),
            came: self.scene.timeline.now(),
        }
    }

    /// Another handle on the same data.
    pub(crate) async fn second_handle(&self) -> Check<Self> {
        let namespace = self.scene.mark.clone();
        let opened = self.scene.open(namespace, "second.".to_owned()).await?;
        opened.map_err(|error| Stop::Factory(error.into()))
    }

    /// A handle on the namespace whose name ends in `suffix`, or the typed refusal of
    /// that name.
    pub(crate) async fn namespace(&self, suffix: &str) -> Check<Result<Self>> {
        let namespace = format!("{}{suffix}", self.scene.mark);
        let label = format!("[…{}] ", suffix.escape_debug());
        self.scene.open(namespace, label).await
    }

    /// Runs a timed check, and again with a longer time to live where the machine was too
    /// slow for it to prove anything.
    pub(crate) async fn timed(&self, check: impl AsyncFn(Duration) -> Check) -> Check {
        let mut ttl = self.scene.timeline.first_ttl();
        for attempt in 0..ATTEMPTS {
            self.attempt.set(attempt);
            match check(ttl).await {
                Err(Stop::Late) => ttl *= 2,
                verdict => return verdict,
            }
        }
        let longest = ttl / 2;
        Err(Stop::Inconclusive(format!(
            "{ATTEMPTS} times the answer came only when the entry might have expired, \
             at last with a time to live of {longest:?}"
        )))
    }

    /// Stores an entry that expires.
    pub(crate) async fn lease(
        &self,
        key: &str,
        value: impl Into<Bytes>,
        ttl: Duration,
    ) -> Check<Lease> {
        let began = self.scene.timeline.now();
        let answer = self.set_with_ttl(key, value, ttl).await;
        let acknowledged = answer.came;
        answer.is(())?;
        Ok(Lease {
            ttl,
            earliest_end: began + ttl,
            acknowledged,
        })
    }

    /// Waits until late in the life of an entry.
    pub(crate) async fn wait_until_late(&self, lease: &Lease) {
        self.wait_until(lease.earliest_end - self.scene.timeline.margin(lease.ttl))
            .await;
    }

    /// Waits until an entry must be gone.
    pub(crate) async fn wait_until_gone(&self, lease: &Lease) {
        self.wait_until(lease.acknowledged + lease.ttl + self.resolution())
            .await;
    }

    pub(crate) async fn wait(&self, duration: Duration) {
        let _rest = self.scene.trace.rest(duration);
        self.scene.timeline.pass(duration).await;
    }

    pub(crate) fn resolution(&self) -> Duration {
        self.scene.timeline.resolution()
    }

    /// The time to live that a check begins with.
    pub(crate) fn first_ttl(&self) -> Duration {
        self.scene.timeline.first_ttl()
    }

    /// Whether letting time pass costs nothing.
    pub(crate) fn time_is_free(&self) -> bool {
        !matches!(self.scene.timeline, Timeline::Wall { .. })
    }

    async fn wait_until(&self, moment: Instant) {
        let remaining = moment.saturating_duration_since(self.scene.timeline.now());
        if !remaining.is_zero() {
            self.wait(remaining).await;
        }
    }
}

impl Scene {
    async fn open(self: &Arc<Self>, namespace: String, label: String) -> Check<Result<Subject>> {
        let setup = Setup::new(namespace, self.timeline.clock(), Arc::clone(&self.shared));
        let call = self.trace.begin_setup();
        let provided = self.factory.provide(setup).await;
        drop(call);
        match provided {
            Ok(provider) => Ok(Ok(Subject {
                recorder: Recorder::new(provider, label, self.trace.clone()),
                scene: Arc::clone(self),
                attempt: Cell::new(0),
            })),
            Err(error) => match error.downcast::<Error>() {
                Ok(refusal) => Ok(Err(*refusal)),
                Err(error) => Err(Stop::Factory(error)),
            },
        }
    }
}
