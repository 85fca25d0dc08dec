//! Servers that stand in for each other.

use omni_tck_servers::{
    Shared, Tested, failover,
    zookeeper::{ZooKeeperEnsemble, leads},
};
use tck::{Bytes, KeyValueStore, Result};
use tokio::task::JoinSet;

use super::{open, patient};

/// A leader may have let others acknowledge what it has not taken in yet itself.
pub(super) async fn sees_what_is_acknowledged(server: Shared<ZooKeeperEnsemble>) -> Tested {
    const CALLERS: usize = 16;
    const ROUNDS: usize = 50;
    let mut stores = Vec::new();
    for process in server.get().processes() {
        let url = format!("zookeeper://{}", process.address());
        stores.push(patient(&url, "acknowledged").await?);
    }
    let mut callers = JoinSet::<Result<()>>::new();
    for caller in 0..CALLERS {
        let stores = stores.clone();
        callers.spawn(async move {
            let key = format!("key-{caller}");
            for round in 0..ROUNDS {
                for (writer, store) in stores.iter().enumerate() {
                    let value = Bytes::from(format!("{writer} {round}"));
                    store.set(&key, value.clone()).await?;
                    for other in &stores {
                        assert_eq!(other.get(&key).await?.as_ref(), Some(&value));
                    }
                }
            }
            Ok(())
        });
    }
    for seen in callers.join_all().await {
        seen?;
    }
    Ok(())
}

pub(super) async fn outlives_its_leader(_: Shared<ZooKeeperEnsemble>) -> Tested {
    let replaced = failover::leader_is_replaced::<ZooKeeperEnsemble, _, _>(leads, open);
    let (_server, store) = replaced.await?;
    // Nobody else would know of it.
    let written = store.set("key", "lost".into()).await;
    assert_eq!(written.map_err(|error| error.is_retryable()), Err(true));
    Ok(())
}
