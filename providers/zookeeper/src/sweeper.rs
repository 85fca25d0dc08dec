//! Removes what has expired.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use omni_kv_parts::{Deadline, Sealed};
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
        for (path, deadline) in connection.take_expired() {
            // Who is not removed now is so the next time.
            let next = clean(&connection, &path).await.unwrap_or(Some(deadline));
            if let Some(deadline) = next {
                connection.remember(path, deadline);
            }
        }
    }
}

/// Removes a node if it has expired, whoever has written it, and nobody comes in between. Says
/// when to look at it again, if it may have to go then.
async fn clean(connection: &Connection, path: &str) -> Result<Option<Deadline>> {
    let Some((space, _)) = path.rsplit_once('/') else {
        return Ok(None);
    };
    let clean = async |client: &Client| -> Result<_, Said> {
        let Some(epoch) = epoch(client, space).await? else {
            return Ok(None);
        };
        let (data, stat) = match client.get_data(path).await {
            Err(Said::NoNode) => return Ok(None),
            answer => answer?,
        };
        let sealed = Sealed::from_bytes(data.into());
        let Some(deadline) = sealed.ok().and_then(|sealed| sealed.deadline) else {
            return Ok(None);
        };
        if !deadline.is_past() {
            return Ok(Some(deadline));
        }
        match remove(client, (space, Some(epoch)), (path, Some(stat.version))).await {
            // Somebody has written it anew, or removed another one.
            Err(Said::BadVersion) => Ok(Some(deadline)),
            answer => answer.map(|()| None),
        }
    };
    connection.run(clean).await
}
