//! A moment by the clock that deadlines are set by.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use omni_kv_parts::Sealed;

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

    /// Whether an entry has not expired at this moment.
    pub(crate) fn sees(self, sealed: &Sealed) -> bool {
        sealed
            .deadline
            .is_none_or(|deadline| self.0 < Duration::from_micros(deadline.micros()))
    }
}
