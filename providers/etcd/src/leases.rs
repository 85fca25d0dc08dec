//! Leases, with which etcd removes what has expired.

use std::{collections::BTreeMap, time::Duration};

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
    granted: Mutex<BTreeMap<Deadline, i64>>,
}

impl Leases {
    pub(crate) fn of(stretch: Duration) -> Self {
        Self {
            stretch: stretch.max(Duration::from_millis(1)),
            granted: Mutex::default(),
        }
    }

    /// A lease that outlives this deadline, or zero where etcd grants none that long.
    pub(crate) async fn beyond(&self, connection: &Connection, deadline: Deadline) -> Result<i64> {
        let stretch = u64::try_from(self.stretch.as_micros()).unwrap_or(u64::MAX);
        let end = deadline.micros().div_ceil(stretch).saturating_mul(stretch);
        let end = Deadline::from_micros(end);
        // Behind the end as well, where clocks differ a little or somebody is slow.
        let time = end.left().saturating_add(self.stretch);
        let seconds = time.as_secs().saturating_add(1);
        if seconds > LONGEST {
            return Ok(0);
        }
        let mut granted = self.granted.lock().await;
        granted.retain(|end, _| !end.is_past());
        if let Some(lease) = granted.get(&end) {
            return Ok(*lease);
        }
        let ttl = i64::try_from(seconds).unwrap_or(i64::MAX);
        let lease = connection.ask(&Grant { ttl }).await?;
        granted.insert(end, lease.id);
        Ok(lease.id)
    }

    /// Forgets all of them, one of which etcd does not know.
    pub(crate) async fn forget_all(&self) {
        self.granted.lock().await.clear();
    }
}
