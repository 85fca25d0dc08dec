//! The provider under test, as the checks see it.

use std::{
    cell::Cell,
    collections::hash_map::RandomState,
    hash::BuildHasher,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use tck_api::{Cache, Error, ErrorKind, KeyValueStore, Result};

use crate::{
    Profile,
    answer::Answer,
    check::{Check, Stop},
    factory::{Factory, Setup, Shared},
    lease::{DAY, Lease},
    recorder::Recorder,
    timeline::Timeline,
    trace::Trace,
};

/// How often a check begins anew with a longer time to live, before it gives up. The
/// last attempt holds its entries 512 times as long as the first.
const ATTEMPTS: u32 = 10;

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

/// What all handles of one check share.
struct Scene {
    factory: Arc<dyn Factory>,
    profile: Profile,
    timeline: Timeline,
    trace: Trace,
    shared: Shared,
    /// Part of all keys and namespaces of this check, and of no other's.
    mark: String,
    /// How many handles on the first namespace there have been.
    handles: AtomicUsize,
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
            handles: AtomicUsize::new(1),
        });
        let namespace = scene.mark.clone();
        scene
            .open(namespace, "")
            .await?
            .map_err(|refusal| scene.failed(&refusal, ""))
    }

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

    /// Where a breach names no step, it is the last one.
    pub(crate) fn at_last_step<T>(&self, check: Check<T>) -> Check<T> {
        check.map_err(|stop| match stop {
            Stop::Breach(mut breach) => {
                breach.step = breach.step.or(self.last_step());
                Stop::Breach(breach)
            }
            other => other,
        })
    }

    /// Another handle on the same data.
    pub(crate) async fn second_handle(&self) -> Check<Self> {
        let namespace = self.scene.mark.clone();
        let label = match self.scene.handles.fetch_add(1, Ordering::Relaxed) {
            1 => "second.".to_owned(),
            2 => "third.".to_owned(),
            more => format!("handle{}.", more + 1),
        };
        let opened = self.scene.open(namespace, &label).await?;
        opened.map_err(|refusal| self.scene.failed(&refusal, ""))
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

    /// The handle that makes the calls of one of many callers.
    pub(crate) fn recorded_for(&self, caller: usize) -> Arc<Recorder> {
        match &self.beside {
            Some(other) if !caller.is_multiple_of(2) => Arc::clone(other),
            _ => self.recorded(),
        }
    }

    /// A handle on another namespace, whose name is one that every provider must take:
    /// letters, digits and hyphens.
    pub(crate) async fn neighbour(&self, name: &str) -> Check<Self> {
        let suffix = format!("-{name}");
        let opened = self.namespace(&suffix).await?;
        opened.map_err(|refusal| self.scene.failed(&refusal, &suffix))
    }

    /// A handle on the namespace whose name ends in `suffix`, or the typed refusal of
    /// that name.
    async fn namespace(&self, suffix: &str) -> Check<Result<Self>> {
        let namespace = format!("{}{suffix}", self.scene.mark);
        let label = format!("[…{}] ", suffix.escape_debug());
        self.scene.open(namespace, &label).await
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
        Err(Stop::Inconclusive(
            format!(
                "{ATTEMPTS} times the answer came only when the entry might have expired, \
             at last with a time to live of {longest:?}"
            )
            .into(),
        ))
    }

    /// Stores an entry that expires.
    pub(crate) fn lease<'s>(
        &'s self,
        key: &'s str,
        value: impl Into<Bytes>,
        ttl: Duration,
    ) -> Pending<'s, Check<Lease>> {
        self.lease_by(ttl, self.set_with_ttl(key, value, ttl))
    }

    /// The lease of what a call stores.
    pub(crate) fn lease_by<'s>(
        &'s self,
        ttl: Duration,
        call: impl Future<Output = Answer<()>> + 's,
    ) -> Pending<'s, Check<Lease>> {
        let began = self.scene.timeline.now();
        Box::pin(async move {
            let answer = call.await;
            answer.is(())?;
            Ok(Lease {
                ttl,
                earliest_end: began + ttl,
                acknowledged: answer.came,
            })
        })
    }

    /// Waits until late in the life of an entry.
    pub(crate) fn wait_until_late(&self, lease: &Lease) -> Pending<'_, ()> {
        self.wait_until(lease.earliest_end - self.scene.timeline.margin(lease.ttl))
    }

    /// Waits until an entry must be gone.
    pub(crate) fn wait_until_gone(&self, lease: &Lease) -> Pending<'_, ()> {
        self.wait_until(lease.acknowledged + lease.ttl + self.resolution())
    }

    /// A handle on a namespace whose name the provider may refuse, as long as it says so.
    pub(crate) async fn odd_namespace(&self, suffix: &str) -> Check<Option<Self>> {
        match self.namespace(suffix).await? {
            Ok(store) => Ok(Some(store)),
            Err(refusal) if refusal.kind() == ErrorKind::InvalidKey => Ok(None),
            Err(failure) => Err(self.scene.failed(&failure, suffix)),
        }
    }

    pub(crate) fn wait(&self, duration: Duration) -> Pending<'_, ()> {
        Box::pin(async move {
            let real = match self.time_is_free() {
                true => Duration::ZERO,
                false => duration,
            };
            let _rest = self.scene.trace.rest(duration, real);
            self.scene.timeline.pass(duration).await;
        })
    }

    pub(crate) fn resolution(&self) -> Duration {
        self.scene.timeline.resolution()
    }

    /// The time to live that a check begins with.
    pub(crate) fn first_ttl(&self) -> Duration {
        self.scene.timeline.first_ttl()
    }

    /// A time to live that outlasts a check, where times to live are declared.
    pub(crate) fn lasting(&self) -> Option<Duration> {
        self.scene.profile.cache.then_some(DAY)
    }

    /// Lets a year go by where that costs nothing, and else as long as is said, if at all.
    pub(crate) fn wait_a_year_or(&self, shorter: Option<Duration>) -> Pending<'_, ()> {
        let year = self.time_is_free().then_some(DAY * 365);
        Box::pin(async move {
            if let Some(duration) = year.or(shorter) {
                self.wait(duration).await;
            }
        })
    }

    /// Whether letting time pass costs nothing.
    pub(crate) fn time_is_free(&self) -> bool {
        !matches!(self.scene.timeline, Timeline::Wall { .. })
    }

    fn wait_until(&self, moment: Instant) -> Pending<'_, ()> {
        Box::pin(async move {
            let remaining = moment.saturating_duration_since(self.scene.timeline.now());
            if !remaining.is_zero() {
                self.wait(remaining).await;
            }
        })
    }
}

impl Scene {
    /// A factory that did not open what every provider must take.
    fn failed(&self, refusal: &Error, suffix: &str) -> Stop {
        unopened(refusal, &format!("{}{suffix}", self.mark))
    }

    async fn open(self: &Arc<Self>, namespace: String, label: &str) -> Check<Result<Subject>> {
        let setup = Setup::new(
            namespace.clone(),
            self.timeline.clock(),
            Arc::clone(&self.shared),
        );
        let call = self.trace.begin_setup();
        let provided = self.factory.provide(setup).await;
        drop(call);
        match provided {
            Ok(provider) => Ok(Ok(Subject {
                recorder: Recorder::new(provider, label, self.trace.clone()),
                scene: Arc::clone(self),
                attempt: Cell::new(0),
                beside: None,
            })),
            Err(error) => match error.downcast::<Error>() {
                Ok(refusal) => Ok(Err(*refusal)),
                Err(failure) => Err(unopened(&*failure, &namespace)),
            },
        }
    }
}

fn unopened(failure: &(dyn std::error::Error + Send + Sync), namespace: &str) -> Stop {
    let reason = format!("the factory answered Err({failure}) for the namespace {namespace:?}");
    Stop::Unopened(reason.into())
}
