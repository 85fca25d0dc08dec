//! A moment by the clock that deadlines are set by.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{Deadline, Sealed};

/// A moment, as the time since 1970, for several entries that are looked at or written at once.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Moment(Duration);

impl Moment {
    /// The present one. A clock before 1970 counts as one in 1970.
    #[must_use]
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self(since.unwrap_or_default())
    }

    /// The end of a time to live that begins at this moment. None where it is further than the
    /// clock counts: such an entry never expires.
    #[must_use]
    pub fn after(self, ttl: Duration) -> Option<Deadline> {
        // Rounded up, so that no entry goes early.
        let micros = self.0.checked_add(ttl)?.as_nanos().div_ceil(1_000);
        // Backends keep signed numbers.
        let micros = i64::try_from(micros).ok()?;
        Some(Deadline::from_micros(micros.unsigned_abs()))
    }

    /// How long it is from this moment to a deadline.
    #[must_use]
    pub fn until(self, deadline: Deadline) -> Duration {
        Duration::from_micros(deadline.micros()).saturating_sub(self.0)
    }

    /// Whether an entry has not expired at this moment.
    #[must_use]
    pub fn sees(self, sealed: &Sealed) -> bool {
        sealed
            .deadline
            .is_none_or(|deadline| !self.until(deadline).is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_expires_is_absent_from_then_on() {
        let (now, ttl) = (Moment(Duration::from_secs(7)), Duration::from_micros(3));
        let sealed = Sealed::new("value", now.after(ttl));
        assert!(now.sees(&sealed));
        assert!(Moment(now.0 + ttl - Duration::from_nanos(1)).sees(&sealed));
        assert!(!Moment(now.0 + ttl).sees(&sealed));
    }

    #[test]
    fn what_is_further_than_the_clock_counts_never_ends() {
        assert_eq!(Moment::now().after(Duration::MAX), None);
        let centuries = Duration::from_secs(u64::MAX / 2);
        assert_eq!(Moment::now().after(centuries), None);
    }
}
