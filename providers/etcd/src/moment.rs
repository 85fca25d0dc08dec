//! A moment by the clock that deadlines are set by.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use omni_kv_parts::{Deadline, Sealed};

/// A moment at which several entries are looked at, as the time since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(Duration);

impl Moment {
    pub(crate) fn now() -> Self {
        // A clock before 1970 counts as one in 1970.
        Self(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
        )
    }

    /// The end of a time to live that begins at this moment. None where it never ends.
    pub(crate) fn after(self, ttl: Duration) -> Option<Deadline> {
        // Rounded up, so that no entry goes early.
        let micros = self.0.checked_add(ttl)?.as_nanos().div_ceil(1_000);
        // As far as others count as well, who keep signed numbers.
        let micros = i64::try_from(micros).ok()?;
        u64::try_from(micros).ok().map(Deadline::from_micros)
    }

    /// Whether an entry has not expired at this moment.
    pub(crate) fn sees(self, sealed: &Sealed) -> bool {
        sealed
            .deadline
            .is_none_or(|deadline| self.0 < Duration::from_micros(deadline.micros()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_counts_as_deadlines_do() {
        for ttl in [0, 1, 86_400].map(Duration::from_secs) {
            let before = Deadline::after(ttl);
            let deadline = Moment::now().after(ttl);
            assert!(before <= deadline && deadline <= Deadline::after(ttl));
            assert!(deadline.is_some());
        }
        assert_eq!(Moment::now().after(Duration::MAX), None);
        let centuries = Duration::from_secs(u64::MAX / 2);
        assert_eq!(Moment::now().after(centuries), None);
    }

    #[test]
    fn what_expires_is_absent_from_then_on() {
        let (now, ttl) = (Moment(Duration::from_secs(7)), Duration::from_micros(3));
        let sealed = Sealed::new("value", now.after(ttl));
        assert!(now.sees(&sealed));
        assert!(Moment(now.0 + ttl - Duration::from_nanos(1)).sees(&sealed));
        assert!(!Moment(now.0 + ttl).sees(&sealed));
    }
}
