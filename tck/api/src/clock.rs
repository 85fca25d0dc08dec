//! The time that a store goes by.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

/// What a store asks for the time. A store that takes its clock from outside can be
/// tested in time that is moved by hand: an hour passes in a microsecond.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present moment. It never goes back.
    fn now(&self) -> Instant;

    /// The present moment on the clock on the wall, for deadlines that outlive the process. It
    /// is as far from the machine's as [`now`](Self::now) is.
    fn wall(&self) -> SystemTime {
        let (now, machine) = (self.now(), Instant::now());
        let machine_wall = SystemTime::now();
        let shifted = match now.checked_duration_since(machine) {
            Some(ahead) => machine_wall.checked_add(ahead),
            None => machine_wall.checked_sub(machine - now),
        };
        shifted.unwrap_or(machine_wall)
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A clock that stands still until it is moved. Its clones show the same time.
#[derive(Clone, Debug)]
pub struct ManualClock {
    start: (Instant, SystemTime),
    passed: Arc<AtomicU64>,
}

impl ManualClock {
    /// A clock that shows the moment it was made.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: (Instant::now(), SystemTime::now()),
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

    fn passed(&self) -> Duration {
        Duration::from_nanos(self.passed.load(Ordering::Acquire))
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.start.0 + self.passed()
    }

    fn wall(&self) -> SystemTime {
        self.start.1 + self.passed()
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
        let wall = clock.wall();
        clone.advance(Duration::from_secs(3600));
        assert_eq!(clock.now() - before, Duration::from_secs(3600));
        assert_eq!(clone.wall() - Duration::from_secs(3600), wall);
    }

    #[test]
    fn a_clock_that_says_nothing_of_the_wall_shows_it_as_far_off_as_it_is() {
        #[derive(Debug)]
        struct Shifted(bool);

        const HOUR: Duration = Duration::from_secs(3600);

        impl Clock for Shifted {
            fn now(&self) -> Instant {
                match self.0 {
                    true => Instant::now() + HOUR,
                    false => Instant::now() - HOUR,
                }
            }
        }

        let machine = SystemTime::now();
        let half = HOUR / 2;
        let ahead = Shifted(true).wall();
        assert!(ahead > machine + half && ahead < machine + HOUR + half);
        let behind = Shifted(false).wall();
        assert!(behind > machine - HOUR - half && behind < machine - half);
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
