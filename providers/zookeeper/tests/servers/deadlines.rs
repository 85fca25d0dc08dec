//! What has a time to live goes in time, also from the server.

use std::time::{Duration, Instant};

use omni_tck_servers::{
    Fault, FaultProxy, PATIENCE, Server, Shared, Tested, expiry,
    faults::{until_it_works, written},
    zookeeper::{ZooKeeper, nodes},
};
use tck::{Cache, KeyValueStore};
use tokio::time::sleep;

use super::{open, patient};

pub(super) async fn keeps_the_millisecond(server: Shared<ZooKeeper>) -> Tested {
    let store = patient(server.get().url(), "milliseconds").await?;
    expiry::keeps_milliseconds(&store, &[1, 50, 999, 1_001]).await
}

pub(super) async fn keeps_decades(server: Shared<ZooKeeper>) -> Tested {
    let store = patient(server.get().url(), "decades").await?;
    expiry::keeps_long(&store, &expiry::LONG).await
}

pub(super) async fn removes_what_has_expired(_: Shared<ZooKeeper>) -> Tested {
    let server = ZooKeeper::start()?;
    let store = patient(server.url(), "removed").await?;
    store.set("stays", "value".into()).await?;
    let before = nodes(server.address());
    let ttl = Duration::from_millis(300);
    for key in ["one", "two"] {
        store.set_with_ttl(key, "value".into(), ttl).await?;
    }
    // What is set plainly stays.
    store.set_with_ttl("stays", "value".into(), ttl).await?;
    store.set("stays", "value".into()).await?;
    while store.has("one").await? {}
    until(|| nodes(server.address()) == before).await;
    assert!(store.has("stays").await?);
    Ok(())
}

pub(super) async fn removes_what_it_is_not_told_of(_: Shared<ZooKeeper>) -> Tested {
    let server = ZooKeeper::start()?;
    let proxy = FaultProxy::to(server.address())?;
    let url = server.url_through(proxy.address());
    let limit = Duration::from_secs(2);
    let store = until_it_works(async || open(url.clone(), limit, "untold".into()).await).await?;
    written(&store, "key", "stays").await?;
    let before = nodes(server.address());
    let (start, ttl) = (Instant::now(), Duration::from_millis(300));
    loop {
        proxy.set(Fault::LoseAnswers);
        let lost = store.set_with_ttl("key", "goes".into(), ttl).await;
        assert!(lost.is_err_and(|error| error.is_retryable()));
        proxy.set(Fault::None);
        // On a busy machine it may not have arrived.
        let held = until_it_works(async || store.get("key").await).await?;
        if held.as_deref() != Some(b"stays") {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "nothing arrives");
    }
    until(|| nodes(server.address()) < before).await;
    Ok(())
}

/// Who writes a later deadline may not live to see it.
pub(super) async fn removes_what_was_renewed(_: Shared<ZooKeeper>) -> Tested {
    let server = ZooKeeper::start()?;
    let store = patient(server.url(), "renewed").await?;
    store.set("stays", "value".into()).await?;
    let before = nodes(server.address());
    let mut short = Duration::from_millis(300);
    loop {
        let other = patient(server.url(), "renewed").await?;
        let start = Instant::now();
        store.set_with_ttl("key", "value".into(), short).await?;
        other.set_with_ttl("key", "value".into(), 2 * short).await?;
        // On a busy machine it may have gone before it was renewed.
        if start.elapsed() < short {
            break;
        }
        short *= 2;
    }
    until(|| nodes(server.address()) == before).await;
    Ok(())
}

pub(super) async fn expires_after_a_restart(_: Shared<ZooKeeper>) -> Tested {
    let server = ZooKeeper::start()?;
    let store = patient(server.url(), "restarted").await?;
    expiry::outlives_a_restart(&server, &store, Duration::from_secs(2)).await?;
    Ok(())
}

async fn until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "nothing changes");
        sleep(Duration::from_millis(20)).await;
    }
}
