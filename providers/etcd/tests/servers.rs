//! The provider keeps the contracts on the servers that its users run, and bears their faults.

use std::{
    num::NonZeroUsize,
    process::ExitCode,
    time::{Duration, Instant},
};

use omni_kv_etcd::{Etcd, EtcdStore, LARGEST_VALUE, LONGEST_KEY, Settings};
use omni_tck_servers::{
    Declared, Fault, FaultProxy, Harness, PATIENCE, Server, Shared, Tested, certified,
    etcd::{self, EtcdCluster, GuardedEtcd, leads},
    expiry, failover, faults,
    faults::until_it_works,
    strangers,
};
use tck::{
    Atomic, Cache, Error, ErrorKind, Isolation, KeyValueStore, Result, Suite, Transactional,
};
use tokio::{
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};

const DECLARED: Declared = Declared {
    provider: "etcd",
    server: "etcd 3.4, alone and as a cluster",
    longest_key: Some(LONGEST_KEY),
    largest_value: Some(LARGEST_VALUE),
    resolution: Duration::from_millis(5),
    durability: "kept",
};

fn main() -> ExitCode {
    let single = Shared::<etcd::Etcd>::default();
    let cluster = Shared::<EtcdCluster>::default();
    let guarded = Shared::<GuardedEtcd>::default();
    let harness = Harness::new()
        .declared(DECLARED)
        .certify("single", &single, suites(&single))
        .certify("cluster", &cluster, suites(&cluster))
        .test("single::decades_are_kept", &single, keeps_decades)
        .test(
            "single::a_ttl_below_the_shortest_lease_is_exact",
            &single,
            keeps_the_millisecond,
        )
        .test(
            "single::a_ttl_begins_when_its_lease_is_there",
            &single,
            begins_with_the_lease,
        )
        .test(
            "single::what_has_expired_is_removed",
            &single,
            removes_what_has_expired,
        )
        .test(
            "single::a_restart_prolongs_a_lease_but_no_ttl",
            &single,
            expires_after_a_restart,
        )
        .test(
            "single::a_plain_set_lets_go_of_the_lease",
            &single,
            lets_go_of_the_lease,
        )
        .test(
            "single::a_transaction_misses_nothing_that_was_there_when_it_began",
            &single,
            misses_nothing,
        )
        .test(
            "single::what_expires_while_a_commit_waits_is_no_base_for_it",
            &single,
            commits_too_late,
        )
        .test(
            "single::a_transaction_that_is_too_large_changes_nothing",
            &single,
            refuses_a_large_transaction,
        )
        .test(
            "single::two_requests_of_a_call_end_in_time_together",
            &single,
            ends_in_time,
        )
        .test(
            "single::all_callers_leave_a_silent_node_together",
            &single,
            leaves_a_silent_node,
        )
        .test(
            "cluster::a_dead_leader_is_replaced",
            &cluster,
            outlives_its_leader,
        )
        .test(
            "guarded::a_password_is_used_and_not_shown",
            &guarded,
            uses_a_password,
        )
        .test(
            "guarded::a_login_is_renewed_after_a_restart",
            &guarded,
            logs_in_again,
        );
    #[cfg(feature = "tls")]
    let harness = harness.test(
        "sealed::a_certificate_is_checked",
        &Shared::<etcd::SealedEtcd>::default(),
        checks_the_certificate,
    );
    let harness = faults::add(harness, "single", &single, open);
    let harness = faults::add_silence(harness, "single", &single, open);
    faults::add_restart(harness, "cluster", &cluster, open).run()
}

fn suites<S: Server>(server: &Shared<S>) -> Vec<Suite> {
    let profile = DECLARED.profile().isolation(Isolation::Serializable);
    certified(server, profile, connect, Etcd::namespace)
        .store()
        .cache()
        .listing()
        .atomic()
        .transactions()
        .suites()
}

async fn connect(url: String, timeout: Duration) -> Result<Etcd> {
    let mut settings = Settings::from_url(&url).map_err(Error::backend)?;
    settings.timeout = timeout;
    settings.cleanup = Duration::from_secs(1);
    Etcd::open(&settings).await
}

async fn open(url: String, timeout: Duration, namespace: String) -> Result<EtcdStore> {
    connect(url, timeout).await?.namespace(&namespace)
}

/// A store whose calls may take their time: no test is about it.
async fn patient(url: &str, namespace: &str) -> Result<EtcdStore> {
    open(url.to_owned(), PATIENCE, namespace.to_owned()).await
}

async fn keeps_the_millisecond(server: Shared<etcd::Etcd>) -> Tested {
    let store = patient(server.get().url(), "milliseconds").await?;
    expiry::keeps_milliseconds(&store, &[1, 50, 999, 1_001]).await
}

async fn begins_with_the_lease(server: Shared<etcd::Etcd>) -> Tested {
    let proxy = FaultProxy::to(server.get().address())?;
    let url = format!("etcd://{}", proxy.address());
    let slow = patient(&url, "slow").await?;
    let store = patient(server.get().url(), "slow").await?;
    let (delay, ttl) = (Duration::from_millis(500), Duration::from_millis(800));
    proxy.set(Fault::Delay(delay));
    let start = Instant::now();
    slow.set_with_ttl("key", "value".into(), ttl).await?;
    let is_there = store.has("key").await?;
    // The machine may have been too slow to see it.
    assert!(is_there || start.elapsed() >= delay + ttl, "it went early");
    Ok(())
}

async fn keeps_decades(server: Shared<etcd::Etcd>) -> Tested {
    let store = patient(server.get().url(), "decades").await?;
    expiry::keeps_long(&store, &expiry::LONG).await?;
    // Longer than any lease.
    let centuries = Duration::from_secs(300 * 365 * 86_400);
    expiry::keeps_long(&store, &[("300 years", centuries)]).await
}

async fn removes_what_has_expired(server: Shared<etcd::Etcd>) -> Tested {
    let store = patient(server.get().url(), "removed").await?;
    let ttl = Duration::from_millis(200);
    for key in ["one", "two"] {
        store.set_with_ttl(key, "value".into(), ttl).await?;
    }
    let start = Instant::now();
    while stored(&server, "removed/")? > 0 {
        assert!(start.elapsed() < PATIENCE, "nothing removes it");
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn expires_after_a_restart(_: Shared<etcd::Etcd>) -> Tested {
    let server = etcd::Etcd::start()?;
    let patient = format!("{}?timeout=60s", server.url());
    let store = Etcd::connect(&patient).await?.namespace("restarted")?;
    let ttl = Duration::from_secs(3);
    let restarted = expiry::outlives_a_restart(&server, &store, ttl).await?;
    // Its lease lasts longer, and has begun anew. The machine may have been too slow to see it.
    let left = etcd::count(server.address(), "restarted/");
    assert!(left == Some(2) || restarted.elapsed() >= ttl, "{left:?}");
    Ok(())
}

async fn lets_go_of_the_lease(server: Shared<etcd::Etcd>) -> Tested {
    let store = patient(server.get().url(), "detached").await?;
    let ttl = Duration::from_millis(10);
    for key in ["leased", "plain"] {
        store.set_with_ttl(key, "value".into(), ttl).await?;
    }
    store.set("plain", "value".into()).await?;
    while stored(&server, "detached/leased")? > 0 {
        sleep(Duration::from_millis(50)).await;
    }
    assert!(store.has("plain").await?);
    Ok(())
}

async fn misses_nothing(server: Shared<etcd::Etcd>) -> Tested {
    let store = patient(server.get().url(), "began").await?;
    let (start, ttl) = (Instant::now(), Duration::from_secs(1));
    store.set_with_ttl("lease", "value".into(), ttl).await?;
    let [mut reads, mut lists] = [store.begin().await?, store.begin().await?];
    for transaction in [&mut reads, &mut lists] {
        transaction.get("first").await?;
    }
    // The machine may have been too slow for it to be there still.
    let was_there = start.elapsed() < ttl;
    while store.has("lease").await? {}
    if was_there {
        let read = reads.get("lease").await.map_err(|error| error.kind());
        assert_eq!(read, Err(ErrorKind::Conflict));
        let read = reads.get("first").await.map_err(|error| error.kind());
        assert_eq!(read, Err(ErrorKind::Conflict));
        let page = lists.list("", None, NonZeroUsize::MAX).await;
        let page = page.map_err(|error| error.kind());
        assert_eq!(page, Err(ErrorKind::Conflict));
    }
    Ok(())
}

async fn commits_too_late(server: Shared<etcd::Etcd>) -> Tested {
    let proxy = FaultProxy::to(server.get().address())?;
    let url = format!("etcd://{}", proxy.address());
    let store = patient(&url, "late").await?;
    let (ttl, hour) = (Duration::from_millis(500), Duration::from_secs(3_600));
    store.set_with_ttl("lease", "value".into(), ttl).await?;
    let mut transaction = store.begin().await?;
    let was_there = transaction.get("lease").await;
    let value = "value".into();
    transaction.set_with_ttl("result", value, hour).await?;
    // The lease of the result comes when that which was read has expired.
    proxy.set(Fault::Delay(ttl));
    let committed = transaction.commit().await.map_err(|error| error.kind());
    proxy.set(Fault::None);
    // The machine may have been too slow to see it.
    if was_there.is_ok_and(|lease| lease.is_some()) {
        assert_eq!(committed, Err(ErrorKind::Conflict));
        assert!(!store.has("result").await?);
    }
    Ok(())
}

async fn refuses_a_large_transaction(server: Shared<etcd::Etcd>) -> Tested {
    let store = patient(server.get().url(), "large").await?;
    let mut transaction = store.begin().await?;
    for key in 0..129 {
        transaction.set(&key.to_string(), "value".into()).await?;
    }
    let refused = transaction.commit().await.map_err(|error| error.kind());
    assert_eq!(refused, Err(ErrorKind::Backend));
    assert_eq!(stored(&server, "large/")?, 0);
    Ok(())
}

async fn ends_in_time(server: Shared<etcd::Etcd>) -> Tested {
    let proxy = FaultProxy::to(server.get().address())?;
    let url = format!("etcd://{}", proxy.address());
    let limit = Duration::from_secs(2);
    let store = until_it_works(async || open(url.clone(), limit, "in time".into()).await).await?;
    // Of what may expire the value is asked for, too.
    let hour = Duration::from_secs(3_600);
    until_it_works(async || store.set_with_ttl("key", "value".into(), hour).await).await?;
    proxy.set(Fault::Delay(limit * 2 / 3));
    let has = store.has("key").await.map_err(|error| error.kind());
    assert_eq!(has, Err(ErrorKind::TimedOut));
    Ok(())
}

async fn leaves_a_silent_node(server: Shared<etcd::Etcd>) -> Tested {
    // Where nobody accepts and there is no room left to wait, nobody gets a connection.
    let silent = TcpSocket::new_v4()?;
    silent.bind("127.0.0.1:0".parse()?)?;
    let silent = silent.listen(1)?;
    let address = silent.local_addr()?;
    let mut waiting = Vec::new();
    let brief = Duration::from_millis(200);
    while let Ok(made) = timeout(brief, TcpStream::connect(address)).await {
        waiting.push(made?);
    }
    let proxy = FaultProxy::to(server.get().address())?;
    let url = format!(
        "etcd://{}?nodes={address},{}",
        proxy.address(),
        server.get().address()
    );
    let store = open(url, Duration::from_secs(10), "silent".into()).await?;
    store.set("key", "value".into()).await?;
    proxy.set(Fault::Refuse);
    let mut reads = JoinSet::new();
    for _ in 0..8 {
        let store = store.clone();
        reads.spawn(async move { store.get("key").await });
    }
    while let Some(read) = reads.join_next().await {
        assert_eq!(read??, Some("value".into()));
    }
    Ok(())
}

async fn outlives_its_leader(_: Shared<EtcdCluster>) -> Tested {
    let (_server, store) = failover::leader_is_replaced::<EtcdCluster, _, _>(leads, open).await?;
    // Nobody can say what is true.
    let read = store.get("key").await.map_err(|error| error.is_retryable());
    assert_eq!(read, Err(true));
    Ok(())
}

async fn uses_a_password(server: Shared<GuardedEtcd>) -> Tested {
    let url = server.get().url();
    let store = patient(url, "guarded").await?;
    store.set("key", "value".into()).await?;
    let wrong = url.replace("let%20me%20in", "guess");
    strangers::is_refused(Etcd::connect(&wrong).await, "guess")?;
    assert!(!format!("{store:?}").contains("let me in"));
    Ok(())
}

async fn logs_in_again(_: Shared<GuardedEtcd>) -> Tested {
    let server = GuardedEtcd::start()?;
    let store = patient(server.url(), "again").await?;
    store.set("key", "value".into()).await?;
    for process in server.processes() {
        process.restart()?;
    }
    assert!(until_it_works(async || store.has("key").await).await?);
    assert!(store.compare_and_set("key", b"value", "new".into()).await?);
    Ok(())
}

/// How many keys with this prefix the server itself holds, expired or not.
fn stored<S: Server>(server: &Shared<S>, prefix: &str) -> Result<usize> {
    let count = etcd::count(server.get().address(), prefix);
    count.ok_or_else(|| Error::backend("the server does not count"))
}

#[cfg(feature = "tls")]
async fn checks_the_certificate(server: Shared<etcd::SealedEtcd>) -> Tested {
    let open = |url| open(url, Duration::from_secs(30), "sealed".to_owned());
    omni_tck_servers::sealed::certificate_is_checked(server.get(), open).await
}
