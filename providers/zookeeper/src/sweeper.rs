//! Removes what has expired.

use std::{
    sync::{Arc, PoisonError, Weak},
    time::Duration,
};

use omni_kv_parts::Sealed;
use tck_api::Result;
use tokio::time::sleep;
use zookeeper_client::{Client, Error as Said};

use crate::{
    connection::Connection,
    store::{epoch, remove},
};

/// Sweeps again and again, until nobody has the connection any more.
pub(crate) fn start(connection: &Arc<Connection>, interval: Duration) {
    let connection = Arc::downgrade(connection);
    tokio::spawn(sweep(connection, interval.max(Duration::from_millis(10))));
}

async fn sweep(connection: Weak<Connection>, interval: Duration) {
    loop {
        sleep(interval).await;
        let Some(connection) = connection.upgrade() else {
            return;
        };
        for path in expired(&connection) {
            // Who is not removed now is so the next time.
            if clean(&connection, &path).await.is_ok() {
                let mut expiring = expiring(&connection);
                let is_past = expiring
                    .get(&path)
                    .is_some_and(|deadline| deadline.is_past());
                if is_past {
                    expiring.remove(&path);
                }
            }
        }
    }
}

fn expired(connection: &Connection) -> Vec<String> {
    let expiring = expiring(connection);
    let expired = expiring.iter().filter(|(_, deadline)| deadline.is_past());
    expired.map(|(path, _)| path.clone()).collect()
}

type Expiring<'c> =
    std::sync::MutexGuard<'c, std::collections::BTreeMap<String, omni_kv_parts::Deadline>>;

fn expiring(connection: &Connection) -> Expiring<'_> {
    connection
        .expiring
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// Removes a node if it has expired, whoever has written it, and nobody comes in between.
pub(crate) async fn clean(connection: &Connection, path: &str) -> Result<()> {
    let Some((space, _)) = path.rsplit_once('/') else {
        return Ok(());
    };
    let clean = async |client: &Client| {
        let Some(epoch) = epoch(client, space).await? else {
            return Ok(());
        };
        let (data, stat) = match client.get_data(path).await {
            Err(Said::NoNode) => return Ok(()),
            answer => answer?,
        };
        let is_alive = |sealed: Sealed| sealed.is_alive();
        if Sealed::from_bytes(data.into()).map_or(true, is_alive) {
            return Ok(());
        }
        match remove(client, (space, Some(epoch)), (path, Some(stat.version))).await {
            Err(Said::BadVersion) => Ok(()),
            answer => answer,
        }
    };
    connection.run(clean).await
}
