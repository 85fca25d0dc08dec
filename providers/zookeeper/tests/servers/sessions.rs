//! What the provider agrees with the server on before it calls.

use std::time::{Duration, Instant};

use omni_tck_servers::{
    Fault, FaultProxy, PATIENCE, Shared, Tested,
    faults::{until_it_works, written},
    strangers,
    zookeeper::ZooKeeper,
};
use tck::{Error, ErrorKind, KeyValueStore};

use super::{open, patient};

pub(super) async fn uses_a_password(server: Shared<ZooKeeper>) -> Tested {
    let url = server.get().url();
    let own = url.replacen("://", "://ada:let%20me%20in@", 1) + "/guarded";
    let store = patient(&own, "space").await?;
    store.set("key", "value".into()).await?;
    assert_eq!(store.get("key").await?, Some("value".into()));
    let wrong = own.replace("let%20me%20in", "guess");
    let guessing = patient(&wrong, "space").await?;
    strangers::is_refused(guessing.get("key").await, "guess")?;
    assert!(!format!("{guessing:?}").contains("guess"), "{guessing:?}");
    Ok(())
}

pub(super) async fn bears_an_endless_timeout(server: Shared<ZooKeeper>) -> Tested {
    let store = open(server.get().url().into(), Duration::MAX, "endless".into()).await?;
    store.set("key", "value".into()).await?;
    assert_eq!(store.get("key").await?, Some("value".into()));
    Ok(())
}

pub(super) async fn makes_a_session_anew(server: Shared<ZooKeeper>) -> Tested {
    let server = server.get();
    let proxy = FaultProxy::to(server.address())?;
    let limit = Duration::from_secs(1);
    let url = server.url_through(proxy.address());
    let store = until_it_works(async || open(url.clone(), limit, "session".into()).await).await?;
    written(&store, "key", "value").await?;
    proxy.set(Fault::Refuse);
    let start = Instant::now();
    // While the session lasts, calls wait for it; then they look for another.
    let is_over = |error: Error| {
        let said = error.to_string();
        said.contains("session expired") || said.contains("no available hosts")
    };
    while !store.get("key").await.is_err_and(is_over) {
        assert!(start.elapsed() < PATIENCE, "the session does not end");
    }
    let gone = store.get("key").await.map_err(|error| error.kind());
    assert_eq!(gone, Err(ErrorKind::Unavailable));
    proxy.set(Fault::None);
    let held = until_it_works(async || store.get("key").await).await?;
    assert_eq!(held, Some("value".into()));
    Ok(())
}
