//! Writes that happen together, each with the lease that its time to live needs.

use std::{mem, time::Duration};

use bytes::Bytes;
use omni_kv_parts::{Deadline, Sealed};
use tck_api::Result;

use crate::{
    connection::Connection,
    error::is_lost_lease,
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
        let mut operations = Vec::with_capacity(writes.len());
        for (name, write) in writes {
            operations.push(match write {
                Write::Delete => DeleteRange::of(name.clone()).into(),
                Write::Set(value, ttl) => {
                    let deadline = ttl.and_then(Deadline::after);
                    let lease = match deadline {
                        Some(deadline) => self.leases.beyond(self, deadline).await?,
                        None => None,
                    };
                    let put = Put {
                        key: name.clone(),
                        value: Sealed::new(value.clone(), deadline).to_bytes(),
                        lease: lease.map_or(0, |lease| lease.id),
                    };
                    put.into()
                }
            });
        }
        Ok(operations)
    }
}
