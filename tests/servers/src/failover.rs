//! Servers that stand in for each other.

use std::{net::SocketAddr, time::Duration};

use tck::{KeyValueStore, Result};

use crate::{
    Running, Server, Tested,
    faults::{is_read, until_it_works, written},
};

/// How long a provider is told to wait, while others may still serve.
const LIMIT: Duration = Duration::from_secs(2);

/// Two of three go on when their leader is gone. Then one more ends: answers with the one that is
/// left, and a store on it.
pub async fn leader_is_replaced<S, R, K>(
    leads: impl Fn(SocketAddr) -> bool,
    open: impl Fn(String, Duration, String) -> R,
) -> Tested<(Running, K)>
where
    S: Server,
    R: Future<Output = Result<K>>,
    K: KeyValueStore,
{
    let server = S::start()?;
    let opened = async || open(server.url().to_owned(), LIMIT, "failover".to_owned()).await;
    let store = until_it_works(opened).await?;
    written(&store, "key", "before").await?;
    let mut nodes: Vec<_> = server.processes().iter().collect();
    let leader = nodes.iter().position(|node| leads(node.address()));
    nodes.swap_remove(leader.ok_or("nobody leads")?).kill()?;
    written(&store, "key", "after").await?;
    is_read(&store, "key", "after").await?;
    nodes.pop().ok_or("nobody else was there")?.kill()?;
    Ok((server, store))
}
