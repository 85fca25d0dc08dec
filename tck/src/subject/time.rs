//! The time that a check lets pass, and the entries that expire in it.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Pending, Subject};
use crate::{
    answer::Answer,
    check::{Check, Stop},
    lease::{DAY, Lease},
    timeline::Timeline,
};

/// How often a check begins anew with a longer time to live, before it gives up. The
/// last attempt holds its entries 512 times as long as the first.
const ATTEMPTS: u32 = 10;

impl Subject {
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

    /// Expects these keys to hold these values no more once their time has passed, whose writes
    /// were given up.
    pub(crate) async fn all_end(&self, leased: Vec<(String, &str)>, ttl: Duration) -> Check {
        // Such a write may still arrive. But what is there once is gone when its time has passed
        // since, and once more, should its deadline have come after its value.
        let mut there = leased;
        for _ in 0..3 {
            let mut still = Vec::new();
            for (key, value) in there {
                if self.get(&key).await.ok()?.is_some_and(|held| held == value) {
                    still.push((key, value));
                }
            }
            there = still;
            self.wait(ttl + self.resolution()).await;
        }
        for (key, value) in &there {
            let answer = self.get(key).await;
            if matches!(&answer.result, Ok(Some(held)) if held == *value) {
                answer.is_missing()?;
            }
        }
        Ok(())
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
    #[cfg(feature = "listing")]
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
