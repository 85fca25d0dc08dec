//! The provider keeps the contracts on the servers that its users run, and bears their faults.

use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    process::ExitCode,
    time::{Duration, Instant},
};

use omni_kv_redis::{LARGEST_VALUE, LONGEST_KEY, Redis, RedisStore, Settings};
use omni_tck_servers::{
    Declared, Fault, Fronted, Harness, PATIENCE, Process, Server, Shared, Tested, certified,
    expiry, faults,
    faults::until_it_works,
    redis::{self, DurableRedis, GuardedRedis, RedisCluster},
    reply_to, strangers,
};
use tck::{Atomic, Bytes, Error, ErrorKind, KeyValueStore, Listing, Result, Suite};
use tokio::time::sleep;

const DECLARED: Declared = Declared {
    provider: "redis",
    server: "Redis 7.0, alone and as a cluster",
    longest_key: Some(LONGEST_KEY),
    largest_value: Some(LARGEST_VALUE),
    resolution: Duration::from_millis(5),
    durability: "as the server is set",
};

fn main() -> ExitCode {
    let single = Shared::<redis::Redis>::default();
    let cluster = Shared::<RedisCluster>::default();
    let guarded = Shared::<GuardedRedis>::default();
    let harness = Harness::new()
        .declared(DECLARED)
        .certify("single", &single, suites(&single))
        .certify("cluster", &cluster, suites(&cluster))
        .test(
            "single::a_ttl_is_kept_to_the_millisecond",
            &single,
            keeps_the_millisecond,
        )
        .test("single::decades_are_kept", &single, keeps_decades)
        .test(
            "single::a_listing_of_many_steps_ends_in_time",
            &single,
            lists_in_time,
        )
        .test(
            "cluster::a_key_is_found_while_it_moves",
            &cluster,
            follows_a_key,
        )
        .test(
            "cluster::a_listing_without_a_master_is_an_error",
            &cluster,
            lists_all_or_fails,
        )
        .test(
            "guarded::a_password_that_is_refused_for_a_while_is_used_again",
            &guarded,
            logs_in_again,
        )
        .test(
            "guarded::a_password_is_used_and_not_shown",
            &guarded,
            uses_a_password,
        )
        .test(
            "single::a_restart_forgets_what_was_not_written_down",
            &single,
            async |_| {
                assert_eq!(after_a_restart::<redis::Redis>().await?, None);
                let held = after_a_restart::<DurableRedis>().await?;
                assert_eq!(held.as_deref(), Some(&b"value"[..]));
                Ok(())
            },
        );
    #[cfg(feature = "tls")]
    let harness = harness.test(
        "sealed::a_certificate_is_checked",
        &Shared::<redis::SealedRedis>::default(),
        checks_the_certificate,
    );
    let harness = faults::add(harness, "single", &single, open);
    let harness = faults::add_silence(harness, "single", &single, open);
    faults::add(harness, "cluster", &cluster, open).run()
}

fn suites<S: Server>(server: &Shared<S>) -> Vec<Suite> {
    certified(server, DECLARED.profile(), connect, Redis::namespace)
        .store()
        .cache()
        .listing()
        .atomic()
        .suites()
}

async fn connect(url: String, timeout: Duration) -> Result<Redis> {
    let mut settings = Settings::from_url(&url).map_err(Error::backend)?;
    settings.timeout = timeout;
    Redis::open(&settings).await
}

async fn open(url: String, timeout: Duration, namespace: String) -> Result<RedisStore> {
    connect(url, timeout).await?.namespace(&namespace)
}

/// A store whose calls may take their time: no test is about it.
async fn patient(url: &str, namespace: &str) -> Result<RedisStore> {
    open(url.to_owned(), PATIENCE, namespace.to_owned()).await
}

async fn keeps_the_millisecond(server: Shared<redis::Redis>) -> Tested {
    let store = patient(server.get().url(), "milliseconds").await?;
    expiry::keeps_milliseconds(&store, &[1, 50, 999, 1_001]).await
}

async fn keeps_decades(server: Shared<redis::Redis>) -> Tested {
    let store = patient(server.get().url(), "decades").await?;
    expiry::keeps_long(&store, &expiry::LONG).await
}

async fn uses_a_password(server: Shared<GuardedRedis>) -> Tested {
    let url = server.get().url();
    let store = patient(url, "guarded").await?;
    store.set("key", "value".into()).await?;
    let wrong = url.replace("let%20me%20in", "guess");
    strangers::is_refused(Redis::connect(&wrong).await, "guess")
}

/// To another master, as an operator would move its slot.
async fn follows_a_key(_: Shared<RedisCluster>) -> Tested {
    let server = RedisCluster::start()?;
    let store = patient(server.url(), "moving").await?;
    let nodes = server.processes().iter().map(Process::address);
    let (from, others): (Vec<_>, Vec<_>) =
        nodes.partition(|node| !said(*node, "GET moving/key").starts_with("-MOVED"));
    let [Some(from), Some(to)] = [from.first(), others.first()] else {
        return Err("a slot has one master".into());
    };
    let slot = said(*from, "CLUSTER KEYSLOT moving/key");
    let slot = slot.trim_matches([':', '\r', '\n']);
    let [is, will_be] = [from, to].map(|node| said(*node, "CLUSTER MYID"));
    let [is, will_be] = [&is, &will_be].map(|id| id.lines().nth(1).unwrap_or_default());
    said(*to, &format!("CLUSTER SETSLOT {slot} IMPORTING {is}"));
    said(
        *from,
        &format!("CLUSTER SETSLOT {slot} MIGRATING {will_be}"),
    );

    assert!(store.set_if_absent("key", "value".into()).await?);
    assert!(said(*from, "GET moving/key").starts_with("-ASK"));
    assert!(!store.set_if_absent("key", "other".into()).await?);
    assert_eq!(store.get("key").await?, Some("value".into()));
    assert!(
        store
            .compare_and_set("key", b"value", "next".into())
            .await?
    );
    let page = store.list_with_values("", None, NonZeroUsize::MIN).await?;
    assert_eq!(page.items, [("key".to_owned(), "next".into())]);

    for node in [to, from] {
        said(*node, &format!("CLUSTER SETSLOT {slot} NODE {will_be}"));
    }
    assert!(!store.compare_and_set("key", b"value", "x".into()).await?);
    assert_eq!(store.get("key").await?, Some("next".into()));
    store.delete("key").await?;
    assert!(!store.has("key").await?);
    Ok(())
}

/// Whether or not the others have noticed that one has gone.
async fn lists_all_or_fails(_: Shared<RedisCluster>) -> Tested {
    let server = RedisCluster::start()?;
    let store = patient(server.url(), "listed").await?;
    for key in 0..64 {
        store.set(&key.to_string(), "value".into()).await?;
    }
    let list = async || {
        let page = store.list("", None, NonZeroUsize::MAX).await;
        page.map(|page| page.items.len())
            .map_err(|error| error.kind())
    };
    assert_eq!(list().await, Ok(64));
    let [serves, fails, ..] = server.processes() else {
        return Err("there are three".into());
    };
    fails.kill()?;
    let start = Instant::now();
    loop {
        let has_noticed = said(serves.address(), "CLUSTER NODES").contains("master,fail ");
        assert_eq!(list().await, Err(ErrorKind::Unavailable));
        if has_noticed {
            return Ok(());
        }
        assert!(start.elapsed() < Duration::from_secs(60), "nobody notices");
        sleep(Duration::from_millis(100)).await;
    }
}

/// Each answer comes within the limit, and not all of them do.
async fn lists_in_time(_: Shared<redis::Redis>) -> Tested {
    let server = redis::Redis::start()?;
    let fill = "for key = 1, 10000 do redis.call('SET', key, '') end";
    said(server.address(), &format!("EVAL \"{fill}\" 0"));
    let Fronted { proxy, url, .. } = redis::Redis::front(&server)?;
    let limit = Duration::from_millis(400);
    let opened = async || open(url.clone(), limit, "slow".to_owned()).await;
    let store = until_it_works(opened).await?;
    proxy.set(Fault::Delay(limit / 4));
    let page = store.list("", None, NonZeroUsize::MIN).await;
    let kind = page.map_err(|error| error.kind());
    assert!(matches!(kind, Err(ErrorKind::TimedOut)), "{kind:?}");
    proxy.set(Fault::None);
    let listed = async || store.list("", None, NonZeroUsize::MIN).await;
    assert_eq!(until_it_works(listed).await?.items, [""; 0]);
    Ok(())
}

/// A server that comes back may know its users a little later.
async fn logs_in_again(_: Shared<GuardedRedis>) -> Tested {
    let server = GuardedRedis::start()?;
    let store = patient(server.url(), "guarded").await?;
    store.set("key", "value".into()).await?;
    let (right, wrong) = ("let me in", "let nobody in");
    for (is, will_be) in [(right, wrong), (wrong, right)] {
        let orders = format!(
            "AUTH \"{is}\"\r\nCONFIG SET requirepass \"{will_be}\"\r\nCLIENT KILL TYPE normal"
        );
        said(server.address(), &orders);
        if will_be == wrong {
            for _ in 0..10 {
                assert!(store.get("key").await.is_err());
            }
        }
    }
    assert_eq!(store.get("key").await?, Some("value".into()));
    Ok(())
}

fn said(node: SocketAddr, order: &str) -> String {
    reply_to(node, &format!("{order}\r\n")).unwrap_or_default()
}

/// A miss then is the truth, whatever was there before.
async fn after_a_restart<S: Server>() -> Result<Option<Bytes>, Box<dyn std::error::Error>> {
    let server = S::start()?;
    let before = patient(server.url(), "kept").await?;
    before.set("key", "value".into()).await?;
    for process in server.processes() {
        process.restart()?;
    }
    let after = patient(server.url(), "kept").await?;
    Ok(after.get("key").await?)
}

#[cfg(feature = "tls")]
async fn checks_the_certificate(server: Shared<redis::SealedRedis>) -> Tested {
    let open = |url| open(url, Duration::from_secs(30), "sealed".to_owned());
    omni_tck_servers::sealed::certificate_is_checked(server.get(), open).await
}
