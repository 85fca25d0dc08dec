//! Moments that a file can hold.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use tck_api::Clock;

/// Nanoseconds since 1970, up to the year 2554. What lies beyond is as far away as never.
pub(super) type Moment = u64;

/// The present in moments: that on the wall when the database was opened, and from then on
/// by a clock that nobody sets.
#[derive(Clone, Debug)]
pub(super) struct Timepiece {
    clock: Arc<dyn Clock>,
    opened: Instant,
    opened_at: Moment,
}

impl Timepiece {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let opened = clock.now();
        let since = clock.wall().duration_since(SystemTime::UNIX_EPOCH);
        Self {
            clock,
            opened,
            opened_at: nanos(since.unwrap_or_default()).unwrap_or(Moment::MAX),
        }
    }

    pub(super) fn now(&self) -> Moment {
        let passed = self.clock.now().saturating_duration_since(self.opened);
        self.opened_at
            .saturating_add(nanos(passed).unwrap_or(Moment::MAX))
    }

    /// The first moment at which `ttl` has passed, if it can be counted.
    pub(super) fn deadline(&self, ttl: Duration) -> Option<Moment> {
        self.now().checked_add(nanos(ttl)?)
    }
}

fn nanos(duration: Duration) -> Option<Moment> {
    u64::try_from(duration.as_nanos()).ok()
}
