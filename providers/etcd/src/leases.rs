//! Leases, with which etcd removes what has expired.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use omni_kv_parts::Deadline;
use tck_api::Result;
use tokio::sync::Mutex;

use crate::{connection::Connection, message::Grant};

/// The longest lease that etcd grants, in seconds.
const LONGEST: u64 = 9_000_000_000;

/// Leases by the moment up to which they hold. All entries whose deadlines lie in the same
/// stretch of time share one, as a lease costs etcd as much as a write.
pub(crate) struct Leases {
    stretch: Duration,
    granted: Mutex<BTreeMap<Deadline, Lease>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease {
    pub(crate) id: i64,
    /// Before this etcd does not end it. Deadlines go by a clock that may be set, and this by
    /// one that may not.
    until: Instant,
}

impl Lease {
    /// Whether it holds for so long from now on.
    pub(crate) fn holds(&self, time: Duration) -> bool {
        let end = Instant::now().checked_add(time);
        end.is_some_and(|end| end <= self.until)
    }
}

impl Leases {
    pub(crate) fn of(stretch: Duration) -> Self {
        Self {
            stretch: stretch.max(Duration::from_millis(1)),
            granted: Mutex::default(),
        }
    }

    /// A lease that outlives this deadline, or none where etcd grants none that long.
    pub(crate) async fn beyond(
        &self,
        connection: &Connection,
        deadline: Deadline,
    ) -> Result<Option<Lease>> {
        let stretch = u64::try_from(self.stretch.as_micros()).unwrap_or(u64::MAX);
        let end = deadline.micros().div_ceil(stretch).saturating_mul(stretch);
        let end = Deadline::from_micros(end);
        let mut granted = self.granted.lock().await;
        granted.retain(|_, lease| lease.holds(Duration::ZERO));
        let left = end.left();
        if let Some(lease) = granted.get(&end).filter(|lease| lease.holds(left)) {
            return Ok(Some(*lease));
        }
        // Behind the end as well, where clocks differ a little or somebody is slow.
        let time = left.saturating_add(self.stretch);
        let seconds = time.as_secs().saturating_add(1);
        let until = Instant::now().checked_add(Duration::from_secs(seconds));
        let Some(until) = until.filter(|_| seconds <= LONGEST) else {
            return Ok(None);
        };
        let ttl = i64::try_from(seconds).unwrap_or(i64::MAX);
        let id = connection.ask(&Grant { ttl }).await?.id;
        let lease = Lease { id, until };
        granted.insert(end, lease);
        Ok(Some(lease))
    }

    /// Forgets all of them, one of which etcd does not know.
    pub(crate) async fn forget_all(&self) {
        self.granted.lock().await.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_holds_until_its_end() {
        let minute = Duration::from_secs(60);
        let until = Instant::now() + minute;
        let lease = Lease { id: 1, until };
        assert!(lease.holds(Duration::ZERO) && lease.holds(minute / 2));
        // What is left until a deadline grows where the clock is set back.
        assert!(!lease.holds(minute * 2) && !lease.holds(Duration::MAX));
    }
}
