//! The provider keeps the contracts on the servers that its users run, and bears their faults.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use omni_kv_zookeeper::{LARGEST_VALUE, LONGEST_KEY, Settings, ZooKeeper, ZooKeeperStore};
use omni_tck_servers::{
    Declared, Fault, FaultProxy, Harness, PATIENCE, Server, Shared, Tested, certified, expiry,
    faults,
    faults::{until_it_works, written},
    paths,
    zookeeper::{self, ZooKeeperEnsemble, leads, nodes},
};
use tck::{Atomic, Bytes, Cache, Error, ErrorKind, KeyValueStore, Result, Suite};
use tokio::{task::JoinSet, time::sleep};

const DECLARED: Declared = Declared {
    provider: "zookeeper",
    server: "ZooKeeper 3.8, alone and as an ensemble",
    longest_key: Some(LONGEST_KEY),
    largest_value: Some(LARGEST_VALUE),
    resolution: Duration::from_millis(5),
    durability: "kept",
};

fn main() -> ExitCode {
    let single = Shared::<zookeeper::ZooKeeper>::default();
    let ensemble = Shared::<ZooKeeperEnsemble>::default();
    let harness = Harness::new()
        .declared(DECLARED)
        .certify("single", &single, suites(&single))
        .certify("ensemble", &ensemble, suites(&ensemble))
        .test(
            "single::a_ttl_is_kept_to_the_millisecond",
            &single,
            keeps_the_millisecond,
        )
        .test("single::decades_are_kept", &single, keeps_decades)
        .test(
            "single::what_has_expired_is_removed",
            &single,
            removes_what_has_expired,
        )
        .test(
            "single::what_was_written_without_an_answer_is_removed",
            &single,
            removes_what_it_is_not_told_of,
        )
        .test(
            "single::what_another_has_renewed_is_removed",
            &single,
            removes_what_was_renewed,
        )
        .test(
            "single::a_ttl_passes_during_a_restart",
            &single,
            expires_after_a_restart,
        )
        .test(
            "single::a_value_that_was_removed_and_made_again_is_another",
            &single,
            tells_generations_apart,
        )
        .test(
            "single::a_password_is_used_and_not_shown",
            &single,
            uses_a_password,
        )
        .test("single::dots_are_no_path", &single, takes_dots)
        .test(
            "single::an_endless_timeout_is_borne",
            &single,
            bears_an_endless_timeout,
        )
        .test(
            "single::a_session_that_has_expired_is_made_anew",
            &single,
            makes_a_session_anew,
        )
        .test(
            "ensemble::every_server_has_what_one_has_acknowledged",
            &ensemble,
            sees_what_is_acknowledged,
        )
        .test(
            "ensemble::a_dead_leader_is_replaced",
            &ensemble,
            outlives_its_leader,
        );
    #[cfg(feature = "tls")]
    let harness = harness
        .test(
            "sealed::a_certificate_is_checked",
            &Shared::<zookeeper::SealedZooKeeper>::default(),
            checks_the_certificate,
        )
        .test("sealed::no_address_is_plain", &single, stays_sealed);
    let harness = faults::add(harness, "single", &single, open);
    let harness = faults::add_silence(harness, "single", &single, open);
    faults::add_restart(harness, "ensemble", &ensemble, open).run()
}

fn suites<S: Server>(server: &Shared<S>) -> Vec<Suite> {
    certified(server, DECLARED.profile(), connect, ZooKeeper::namespace)
        .store()
        .cache()
        .listing()
        .atomic()
        .suites()
}

async fn connect(url: String, timeout: Duration) -> Result<ZooKeeper> {
    let mut settings = Settings::from_url(&url).map_err(Error::backend)?;
    settings.timeout = timeout;
    settings.cleanup = Duration::from_millis(100);
    ZooKeeper::open(&settings).await
}

async fn open(url: String, timeout: Duration, namespace: String) -> Result<ZooKeeperStore> {
    connect(url, timeout).await?.namespace(&namespace)
}

/// A store whose calls may take their time: no test is about it.
async fn patient(url: &str, namespace: &str) -> Result<ZooKeeperStore> {
    open(url.to_owned(), PATIENCE, namespace.to_owned()).await
}

async fn keeps_the_millisecond(server: Shared<zookeeper::ZooKeeper>) -> Tested {
    let store = patient(server.get().url(), "milliseconds").await?;
    expiry::keeps_milliseconds(&store, &[1, 50, 999, 1_001]).await
}

async fn keeps_decades(server: Shared<zookeeper::ZooKeeper>) -> Tested {
    let store = patient(server.get().url(), "decades").await?;
    expiry::keeps_long(&store, &expiry::LONG).await
}

async fn removes_what_has_expired(_: Shared<zookeeper::ZooKeeper>) -> Tested {
    let server = zookeeper::ZooKeeper::start()?;
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

async fn removes_what_it_is_not_told_of(_: Shared<zookeeper::ZooKeeper>) -> Tested {
    let server = zookeeper::ZooKeeper::start()?;
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
async fn removes_what_was_renewed(_: Shared<zookeeper::ZooKeeper>) -> Tested {
    let server = zookeeper::ZooKeeper::start()?;
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

async fn until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "nothing changes");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn expires_after_a_restart(_: Shared<zookeeper::ZooKeeper>) -> Tested {
    let server = zookeeper::ZooKeeper::start()?;
    let store = patient(server.url(), "restarted").await?;
    let (start, ttl) = (Instant::now(), Duration::from_secs(2));
    store.set_with_ttl("key", "value".into(), ttl).await?;
    store.set("other", "value".into()).await?;
    for process in server.processes() {
        process.restart()?;
    }
    let is_there = answered(&store, "key").await?;
    assert!(is_there || start.elapsed() >= ttl, "it went early");
    while answered(&store, "key").await? {}
    assert!(start.elapsed() >= ttl);
    assert!(answered(&store, "other").await?);
    Ok(())
}

/// ZooKeeper counts the versions of a node from zero whenever it is made.
async fn tells_generations_apart(server: Shared<zookeeper::ZooKeeper>) -> Tested {
    const ROUNDS: u32 = 200;
    let url = server.get().url();
    let store = patient(url, "generations").await?;
    let other = patient(url, "generations").await?;
    for _ in 0..ROUNDS {
        store.set("key", "mine".into()).await?;
        let renewed = async {
            other.delete("key").await?;
            other.set("key", "theirs".into()).await
        };
        let (changed, renewed) = tokio::join!(
            store.compare_and_set("key", b"mine", "changed".into()),
            renewed
        );
        changed?;
        renewed?;
        // Theirs came after the removal, so nothing that expected mine came after it.
        assert_eq!(store.get("key").await?, Some("theirs".into()));
    }
    Ok(())
}

async fn uses_a_password(server: Shared<zookeeper::ZooKeeper>) -> Tested {
    let url = server.get().url();
    let own = url.replacen("://", "://ada:let%20me%20in@", 1) + "/guarded";
    let store = patient(&own, "space").await?;
    store.set("key", "value".into()).await?;
    assert_eq!(store.get("key").await?, Some("value".into()));
    let wrong = own.replace("let%20me%20in", "guess");
    let guessing = patient(&wrong, "space").await?;
    let refused = guessing.get("key").await;
    let said = refused.map_err(|error| format!("{:?} {error} {error:?}", error.kind()));
    let Err(said) = said else {
        return Err("a wrong password was taken".into());
    };
    assert!(
        said.starts_with(&format!("{:?}", ErrorKind::Backend)),
        "{said}"
    );
    assert!(!format!("{said} {guessing:?}").contains("guess"), "{said}");
    Ok(())
}

/// The client library reads more out of an address than a host and a port, and gives up where a
/// certificate can't be about the host.
#[cfg(feature = "tls")]
async fn stays_sealed(server: Shared<zookeeper::ZooKeeper>) -> Tested {
    let address = server.get().address();
    let mut settings = Settings::new(address.to_string());
    let folder = std::env::temp_dir();
    let mut tls = omni_kv_parts::Tls::default();
    tls.ca = Some(folder.join("nobody-looks-at-it.pem"));
    settings.tls = Some(tls);
    for address in [
        format!("tcp://{address}"),
        format!("{address}/root"),
        format!("{address},{address}"),
        "127.1:2281".to_owned(),
    ] {
        settings.addresses = vec![address];
        let opened = ZooKeeper::open(&settings).await;
        let error = opened.err().ok_or("it is plain")?;
        assert_eq!(error.kind(), ErrorKind::Backend);
        assert!(!error.to_string().contains(".pem"), "{error}");
    }
    Ok(())
}

#[cfg(feature = "tls")]
async fn checks_the_certificate(server: Shared<zookeeper::SealedZooKeeper>) -> Tested {
    let open = |url| open(url, Duration::from_secs(30), "sealed".to_owned());
    omni_tck_servers::sealed::certificate_is_checked(server.get(), open).await
}

async fn takes_dots(server: Shared<zookeeper::ZooKeeper>) -> Tested {
    let store = patient(server.get().url(), "dots..").await?;
    paths::dots_are_kept(&store, LONGEST_KEY).await
}

async fn bears_an_endless_timeout(server: Shared<zookeeper::ZooKeeper>) -> Tested {
    let store = open(server.get().url().into(), Duration::MAX, "endless".into()).await?;
    store.set("key", "value".into()).await?;
    assert_eq!(store.get("key").await?, Some("value".into()));
    Ok(())
}

async fn makes_a_session_anew(server: Shared<zookeeper::ZooKeeper>) -> Tested {
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

/// A leader may have let others acknowledge what it has not taken in yet itself.
async fn sees_what_is_acknowledged(server: Shared<ZooKeeperEnsemble>) -> Tested {
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

async fn outlives_its_leader(_: Shared<ZooKeeperEnsemble>) -> Tested {
    let server = ZooKeeperEnsemble::start()?;
    let limit = Duration::from_secs(2);
    let opened = async || open(server.url().into(), limit, "failover".into()).await;
    let store = until_it_works(opened).await?;
    written(&store, "key", "before").await?;
    let servers = server.processes();
    let leader = servers.iter().find(|server| leads(server.address()));
    let leader = leader.ok_or("an ensemble has a leader")?;
    leader.kill()?;
    written(&store, "key", "after").await?;
    let held = until_it_works(async || store.get("key").await).await?;
    assert_eq!(held, Some("after".into()));
    // Two of three gone: nobody else would know of it.
    let other = servers
        .iter()
        .find(|server| server.address() != leader.address());
    other.ok_or("an ensemble has more servers")?.kill()?;
    let written = store.set("key", "lost".into()).await;
    assert_eq!(written.map_err(|error| error.is_retryable()), Err(true));
    Ok(())
}

/// Whether there is a value, as soon as the server says.
async fn answered(store: &ZooKeeperStore, key: &str) -> Result<bool> {
    until_it_works(async || store.has(key).await).await
}
