//! Writes that happen together, each with the lease that its time to live needs.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    time::Duration,
};

use bytes::Bytes;
use omni_kv_parts::{Moment, Sealed};
use tck_api::Result;

use crate::{
    connection::Connection,
    error::is_lost_lease,
    leases::Lease,
    message::{Decided, DeleteRange, Operation, Put, Txn},
    snapshot::Conditions,
};

/// What becomes of an entry.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    Set(Bytes, Option<Duration>),
    Delete,
}

impl Write {
    /// A value for so long, if there is a time to live.
    pub(crate) fn of(value: Bytes, ttl: Option<Duration>) -> Self {
        if ttl.is_some_and(|ttl| ttl.is_zero()) {
            Self::Delete
        } else {
            Self::Set(value, ttl)
        }
    }
}

impl Connection {
    /// Writes all of it where the conditions hold, and otherwise does what `failure` says.
    pub(crate) async fn write(
        &self,
        conditions: impl Into<Conditions>,
        writes: &[(Bytes, Write)],
        failure: Vec<Operation>,
    ) -> Result<Decided> {
        let mut conditions = conditions.into();
        let mut txn = Txn {
            compare: mem::take(&mut conditions.compare),
            success: self.operations(writes).await?,
            failure,
        };
        // The leases may have taken long, and etcd does not see what expires.
        conditions.are_of_one_moment()?;
        match self.ask(&txn).await {
            // Somebody has revoked it, and nothing was done.
            Err(error) if is_lost_lease(&error) => {
                self.leases.forget_all().await;
                txn.success = self.operations(writes).await?;
                conditions.are_of_one_moment()?;
                self.ask(&txn).await
            }
            decided => decided,
        }
    }

    async fn operations(&self, writes: &[(Bytes, Write)]) -> Result<Vec<Operation>> {
        let leases = self.leased(writes).await?;
        // All times to live begin now, when nothing is waited for any more.
        let now = Moment::now();
        let operations = writes.iter().map(|(name, write)| match write {
            Write::Delete => DeleteRange::of(name.clone()).into(),
            Write::Set(value, ttl) => {
                let deadline = ttl.and_then(|ttl| now.after(ttl));
                let lease = ttl.and_then(|ttl| leases.get(&ttl));
                let put = Put {
                    key: name.clone(),
                    value: Sealed::new(value.clone(), deadline).to_bytes(),
                    lease: lease.map_or(0, |lease| lease.id),
                };
                put.into()
            }
        });
        Ok(operations.collect())
    }

    /// By their times to live the leases that the writes need, as far as etcd grants them.
    async fn leased(&self, writes: &[(Bytes, Write)]) -> Result<BTreeMap<Duration, Lease>> {
        let ttls = writes.iter().filter_map(|(_, write)| match write {
            Write::Set(_, ttl) => *ttl,
            Write::Delete => None,
        });
        let ttls: BTreeSet<_> = ttls.collect();
        loop {
            let mut leases = BTreeMap::new();
            for ttl in &ttls {
                let Some(deadline) = Moment::now().after(*ttl) else {
                    continue;
                };
                if let Some(lease) = self.leases.beyond(self, deadline).await? {
                    leases.insert(*ttl, lease);
                }
            }
            // The others may have taken so long that the first no longer outlives its deadline.
            if leases.iter().all(|(ttl, lease)| lease.holds(*ttl)) {
                return Ok(leases);
            }
        }
    }
}
