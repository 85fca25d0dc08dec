//! The time that a store goes by.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// What a store asks for the time. A store that takes its clock from outside can be
/// tested in time that is moved by hand: an hour passes in a microsecond.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present moment. It never goes back.
    fn now(&self) -> Instant;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }
}

/// A clock that stands still until it is moved. Its clones show the same time.
#[derive(Clone, Debug)]
pub struct ManualClock {
    start: Instant,
    passed: Arc<AtomicU64>,
}

impl ManualClock {
    /// A clock that shows the moment it was made.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            passed: Arc::default(),
        }
    }

    /// Lets `duration` pass. The clock holds some five centuries and then stands.
    pub fn advance(&self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let add = |passed: u64| Some(passed.saturating_add(nanos));
        // The closure always answers `Some`, so there is no failure to look at.
        let _ = self
            .passed
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, add);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.start + Duration::from_nanos(self.passed.load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_by_hand_and_for_all_its_clones() {
        let clock = ManualClock::new();
        let clone = clock.clone();
        let before = clock.now();
        assert_eq!(clone.now(), before);
        clone.advance(Duration::from_secs(3600));
        assert_eq!(clock.now() - before, Duration::from_secs(3600));
    }

    #[test]
    fn a_manual_clock_stands_at_its_end_instead_of_wrapping() {
        let clock = ManualClock::new();
        clock.advance(Duration::MAX);
        let end = clock.now();
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), end);
    }
}
