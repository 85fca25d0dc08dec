//! The passing of time, for all three kinds of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tck_api::{Clock, ManualClock, SystemClock};

use crate::Time;

/// Shows the present moment and lets time pass, as the provider sees it.
#[derive(Clone, Debug)]
pub(crate) enum Timeline {
    Manual(ManualClock),
    Tokio,
    Wall { resolution: Duration },
}

impl Timeline {
    pub(crate) fn new(time: Time) -> Self {
        match time {
            Time::Manual => Self::Manual(ManualClock::new()),
            Time::Tokio => Self::Tokio,
            Time::Wall { resolution } => Self::Wall { resolution },
        }
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        match self {
            Self::Manual(clock) => Arc::new(clock.clone()),
            Self::Tokio => Arc::new(TokioClock),
            Self::Wall { .. } => Arc::new(SystemClock),
        }
    }

    pub(crate) fn is_paused(&self) -> bool {
        matches!(self, Self::Tokio)
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock().now()
    }

    pub(crate) async fn pass(&self, duration: Duration) {
        match self {
            Self::Manual(clock) => {
                clock.advance(duration);
                // Background tasks of the provider see the new time before the next call.
                for _ in 0..8 {
                    tokio::task::yield_now().await;
                }
            }
            Self::Tokio | Self::Wall { .. } => tokio::time::sleep(duration).await,
        }
    }

    /// How much longer than its time to live an entry may be seen. Timers of tokio round
    /// up to a millisecond, and stores that count milliseconds are exact enough.
    pub(crate) fn resolution(&self) -> Duration {
        match self {
            Self::Manual(_) | Self::Tokio => Duration::from_millis(1),
            Self::Wall { resolution } => *resolution,
        }
    }

    /// The time to live that a clause begins with. Where waiting costs nothing it is long
    /// and no whole number of seconds, so that rounding to seconds shows.
    pub(crate) fn first_ttl(&self) -> Duration {
        match self {
            Self::Manual(_) | Self::Tokio => Duration::from_millis(3_600_257),
            Self::Wall { resolution } => (*resolution * 4).max(Duration::from_millis(100)),
        }
    }

    /// How long before its end an entry must still be seen.
    pub(crate) fn margin(&self, ttl: Duration) -> Duration {
        match self {
            Self::Manual(_) => Duration::from_millis(1),
            // It grows with every attempt: calls may take time of this kind as well.
            Self::Tokio => ttl / 360_000,
            // A quarter of a long time would hide what counts in seconds and ends early.
            Self::Wall { .. } => (ttl / 4).min(ttl / 32 + Duration::from_millis(50)),
        }
    }
}

/// The clock of the runtime, which stands while it is paused.
#[derive(Debug)]
struct TokioClock;

impl Clock for TokioClock {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}
