//! The provider keeps the contracts on the server that its users run, and bears its faults.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use omni_kv_memcached::{
    LARGEST_VALUE, LONGEST_KEY, LONGEST_NAMESPACE, Memcached, MemcachedStore, Settings,
};
use omni_tck_servers::{
    Declared, Fault, FaultProxy, Harness, PATIENCE, Shared, Tested, certified, faults, memcached,
    reply_to, strangers,
};
use tck::{Atomic, Cache, Error, ErrorKind, KeyValueStore, Result, Suite};
use tokio::{task::JoinSet, time::sleep};

type Server = Shared<memcached::Memcached>;

const DECLARED: Declared = Declared {
    provider: "memcached",
    server: "Memcached 1.6",
    longest_key: Some(LONGEST_KEY),
    largest_value: Some(LARGEST_VALUE),
    resolution: Duration::from_millis(5),
    durability: "none: it is a cache",
};

fn main() -> ExitCode {
    let single = Server::default();
    let harness = Harness::new()
        .declared(DECLARED)
        .certify("single", &single, suites(&single))
        .test("single::a_key_is_no_command", &single, takes_keys_literally)
        .test("single::a_tick_takes_nothing_early", &single, bears_ticks)
        .test("single::decades_are_kept", &single, keeps_decades)
        .test("single::the_server_cleans_up", &single, cleans_up)
        .test("single::the_largest_fits", &single, holds_the_largest)
        .test("single::too_much_is_not_sent", &single, sends_nothing)
        .test("single::no_login_is_stored", &single, stores_no_login)
        .test(
            "guarded::strangers_are_refused",
            &Shared::<memcached::GuardedMemcached>::default(),
            refuses_strangers,
        )
        .test(
            "unnumbered::conditions_are_refused",
            &Shared::<memcached::UnnumberedMemcached>::default(),
            refuses_conditions,
        );
    #[cfg(feature = "tls")]
    let harness = harness.test(
        "sealed::a_certificate_is_checked",
        &Shared::<memcached::SealedMemcached>::default(),
        checks_the_certificate,
    );
    let harness = faults::add(harness, "single", &single, open);
    faults::add_silence(harness, "single", &single, open).run()
}

fn suites(server: &Server) -> Vec<Suite> {
    certified(server, DECLARED.profile(), connect, Memcached::namespace)
        .store()
        .cache()
        .atomic_unlisted()
        .suites()
}

async fn connect(url: String, timeout: Duration) -> Result<Memcached> {
    let mut settings = Settings::from_url(&url).map_err(Error::backend)?;
    settings.timeout = timeout;
    Memcached::open(&settings).await
}

async fn open(url: String, timeout: Duration, namespace: String) -> Result<MemcachedStore> {
    connect(url, timeout).await?.namespace(&namespace)
}

/// A store whose calls may take their time: no test is about it.
async fn patient(url: &str, namespace: &str) -> Result<MemcachedStore> {
    open(url.to_owned(), PATIENCE, namespace.to_owned()).await
}

async fn takes_keys_literally(server: Server) -> Tested {
    let memcached = connect(server.get().url().into(), PATIENCE).await?;
    let witness = memcached.namespace("witness")?;
    witness.set("key", "value".into()).await?;
    for text in [
        "x\r\nflush_all\r\n",
        "x\r\ndelete witness/key\r\n",
        "x 0 0 1\r\ny\r\nset witness/key 0 0 1\r\nz\r\n",
        "\r\n",
        " ",
        "witness/key",
        "../witness/key",
    ] {
        let stores = [memcached.namespace("odd keys"), memcached.namespace(text)];
        for store in stores {
            let store = store?;
            for key in [text, "key"] {
                store.set(key, "other".into()).await?;
                assert_eq!(store.get(key).await?.as_deref(), Some(&b"other"[..]));
                store.delete(key).await?;
                assert_eq!(store.get(key).await?, None);
            }
        }
    }
    assert_eq!(witness.get("key").await?.as_deref(), Some(&b"value"[..]));
    Ok(())
}

/// The server's own second ends up to a second early, so that some begin at any point of it.
async fn bears_ticks(server: Server) -> Tested {
    let store = patient(server.get().url(), "ticks").await?;
    let mut waiting = JoinSet::new();
    for start in 0..8 {
        let store = store.clone();
        waiting.spawn(async move {
            sleep(Duration::from_millis(125 * start)).await;
            let (ttl, key) = (Duration::from_millis(1_010), start.to_string());
            let start = Instant::now();
            store.set_with_ttl(&key, "value".into(), ttl).await?;
            while store.has(&key).await? {
                sleep(Duration::from_millis(1)).await;
            }
            Ok::<_, Error>((ttl, start.elapsed()))
        });
    }
    for held in waiting.join_all().await {
        let (ttl, held) = held?;
        assert!(held >= ttl, "{ttl:?} were over after {held:?}");
    }
    Ok(())
}

async fn keeps_decades(server: Server) -> Tested {
    let store = patient(server.get().url(), "decades").await?;
    let day = Duration::from_secs(86_400);
    for (key, ttl) in [
        ("a month less a second", day * 30 - Duration::from_secs(1)),
        ("a month", day * 30),
        ("a month and a second", day * 30 + Duration::from_secs(1)),
        ("10 years", day * 3_650),
        ("30 years", day * 10_950),
        ("3 million years", day * 1_095_000_000),
        ("ever", Duration::MAX),
    ] {
        store.set_with_ttl(key, "value".into(), ttl).await?;
        assert!(store.has(key).await?, "{key}");
    }
    Ok(())
}

async fn cleans_up(server: Server) -> Tested {
    let store = patient(server.get().url(), "cleaned").await?;
    let seconds_left = |key| {
        let reply = reply_to(server.get().address(), &format!("mg cleaned/{key} t\r\n"));
        let reply = reply.unwrap_or_default();
        let left = reply.trim_end().strip_prefix("HD t");
        left.and_then(|left| left.parse::<i64>().ok())
    };
    let day = 86_400;
    for (key, seconds) in [("soon", 60), ("later", 40 * day), ("next-year", 365 * day)] {
        let (start, ttl) = (Instant::now(), Duration::from_secs(seconds as u64));
        store.set_with_ttl(key, "value".into(), ttl).await?;
        let left = seconds_left(key).ok_or("the server says nothing of it")?;
        let passed = start.elapsed().as_secs() as i64 + 1;
        // No sooner than its time, and not much later.
        let expected = seconds - passed..=seconds + 4;
        assert!(expected.contains(&left), "{key}: {left} s");
    }
    store.set("soon", "value".into()).await?;
    assert_eq!(seconds_left("soon"), Some(-1));
    Ok(())
}

async fn holds_the_largest(server: Server) -> Tested {
    let memcached = connect(server.get().url().into(), PATIENCE).await?;
    let ends = [("x", "y"), ("é", "x")];
    for (filling, end) in ends {
        let of = |length: usize| filling.repeat(length / filling.len()) + &end.repeat(length % 2);
        let store = memcached.namespace(&of(LONGEST_NAMESPACE - LONGEST_NAMESPACE % 2))?;
        let key = of(LONGEST_KEY - LONGEST_KEY % 2);
        let value = vec![0xff; LARGEST_VALUE];
        let ttl = Duration::from_secs(600);
        store.set_with_ttl(&key, value.clone().into(), ttl).await?;
        assert_eq!(store.get(&key).await?.as_deref(), Some(&*value));
        store.delete(&key).await?;
    }
    Ok(())
}

/// A server that asks for no login would take one for an item, and show it to everybody.
async fn stores_no_login(server: Server) -> Tested {
    let mut settings = Settings::from_url(server.get().url())?;
    settings.user = Some("ada".to_owned());
    let alone = Memcached::open(&settings)
        .await
        .map_err(|error| error.kind());
    assert_eq!(alone.err(), Some(ErrorKind::Backend));
    settings.password = Some("let-me-in".into());
    let refused = Memcached::open(&settings)
        .await
        .map_err(|error| error.kind());
    assert_eq!(refused.err(), Some(ErrorKind::Backend));
    let held = reply_to(server.get().address(), "mg login v\r\n");
    assert_eq!(held.as_deref(), Some("EN\r\n"));
    Ok(())
}

async fn refuses_strangers(server: Shared<memcached::GuardedMemcached>) -> Tested {
    let url = server.get().url();
    let store = patient(url, "guarded").await?;
    store.set("key", "value".into()).await?;
    assert_eq!(store.get("key").await?, Some("value".into()));
    let mut settings = Settings::from_url(url)?;
    settings.password = Some("let-me-pass".into());
    let wrong = Memcached::open(&settings).await;
    settings.password = Some("let-me-in junk".into());
    let more = Memcached::open(&settings).await;
    settings.user = None;
    settings.password = None;
    let stranger = Memcached::open(&settings).await;
    for refused in [wrong, more, stranger] {
        strangers::is_refused(refused, "let-me")?;
    }
    Ok(())
}

async fn refuses_conditions(server: Shared<memcached::UnnumberedMemcached>) -> Tested {
    let store = patient(server.get().url(), "unnumbered").await?;
    assert!(store.set_if_absent("key", "value".into()).await?);
    let set = store.compare_and_set("key", b"value", "other".into()).await;
    assert_eq!(set.map_err(|error| error.kind()), Err(ErrorKind::Backend));
    assert_eq!(store.get("key").await?, Some("value".into()));
    Ok(())
}

#[cfg(feature = "tls")]
async fn checks_the_certificate(server: Shared<memcached::SealedMemcached>) -> Tested {
    let open = |url| open(url, Duration::from_secs(30), "sealed".to_owned());
    omni_tck_servers::sealed::certificate_is_checked(server.get(), open).await
}

/// What can't be held is told so where nobody answers.
async fn sends_nothing(server: Server) -> Tested {
    let proxy = FaultProxy::to(server.get().address())?;
    let memcached = connect(server.get().url_through(proxy.address()), PATIENCE).await?;
    let store = memcached.namespace("too-much")?;
    proxy.set(Fault::Refuse);
    let kind = |answer: Result<()>| answer.map_err(|error| error.kind());
    let long = "x".repeat(LONGEST_KEY + 1);
    let large = vec![0; LARGEST_VALUE + 1];
    let set = store.set(&long, "value".into()).await;
    assert_eq!(kind(set), Err(ErrorKind::InvalidKey));
    let got = store.get(&long).await;
    assert_eq!(kind(got.map(drop)), Err(ErrorKind::InvalidKey));
    let set = store.set("key", large.into()).await;
    assert_eq!(kind(set), Err(ErrorKind::TooLarge));
    let name = "x".repeat(LONGEST_NAMESPACE + 1);
    let named = memcached.namespace(&name);
    assert_eq!(kind(named.map(drop)), Err(ErrorKind::InvalidKey));
    Ok(())
}
