//! An entry that expires.

use std::time::{Duration, Instant};

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// Longer than a check takes in which others live for `ttl`.
#[cfg(feature = "listing")]
pub(crate) fn outliving(ttl: Duration) -> Duration {
    Duration::from_secs(3_600).max(ttl * 100)
}

/// When an entry may be gone, and from when on it must be.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) ttl: Duration,
    /// The moment before the write, and the time to live: until then it must be there.
    pub(crate) earliest_end: Instant,
    /// The moment at which the write was acknowledged: from here on its time runs out.
    pub(crate) acknowledged: Instant,
}
