//! What is long, large, late or long ago.

use std::time::{Duration, Instant};

use omni_kv_embedded::{
    EmbeddedStore, Error, KvStore, KvStoreExt, LONGEST_KEY, RunId, TypeTag, Value,
};
use omni_kv_etcd::{LARGEST_VALUE, LONGEST_NAME};
use omni_tck_servers::{
    Harness, PATIENCE, Server, Shared, Tested,
    etcd::{self, Etcd},
};
use tck::{Atomic, Bytes, Cache, KeyValueStore, Transactional};

use crate::{database, fresh};

pub(crate) fn add(harness: Harness, server: &Shared<Etcd>) -> Harness {
    harness
        .test("single::long_listings_are_whole", server, lists_all)
        .test(
            "single::what_expires_is_gone_in_time_and_no_base_for_a_commit",
            server,
            expires,
        )
        .test(
            "single::a_transaction_misses_nothing_that_was_there_when_it_began",
            server,
            misses_nothing,
        )
        .test(
            "single::what_is_too_large_changes_nothing",
            server,
            refuses_what_is_too_large,
        )
        .test(
            "single::the_largest_value_fits_under_the_longest_names",
            server,
            keeps_the_largest,
        )
        .test(
            "single::what_etcd_has_forgotten_is_a_conflict",
            server,
            is_forgotten,
        )
        .test(
            "single::a_database_of_a_later_version_is_refused",
            server,
            refuses_what_is_newer,
        )
}

async fn refuses_what_is_newer(server: Shared<Etcd>) -> Tested {
    let (url, name) = (server.get().url(), RunId::new());
    let open = || database(url, PATIENCE, name.as_str());
    let database = open()?;
    database.begin_run(&RunId::new())?;
    let raw = omni_kv_etcd::Etcd::connect(url).await?;
    let raw = raw.namespace(name.as_str())?;
    assert_eq!(raw.get("format").await?, Some("1".into()));
    assert!(open().is_ok());
    raw.set("format", "2".into()).await?;
    let newer = open().err();
    assert!(
        matches!(newer, Some(Error::Newer { found: 2, known: 1 })),
        "{newer:?}"
    );
    raw.set("format", "two".into()).await?;
    assert!(matches!(open().err(), Some(Error::Backend(_))));
    Ok(())
}

async fn lists_all(server: Shared<Etcd>) -> Tested {
    let kv = KvStore::new(fresh(&server)?);
    let run = RunId::new();
    kv.database().begin_run(&run)?;
    let hour = Duration::from_secs(3_600);
    let keys: Vec<_> = (0..500).map(|key| format!("{key:04}")).collect();
    for keys in keys.chunks(100) {
        kv.transaction(&run, |txn| {
            keys.iter()
                .try_for_each(|key| txn.put_with_ttl(key, Value::Null, hour))
        })?;
    }
    assert_eq!(kv.list(&run, None)?, keys);
    assert_eq!(kv.list_with_values(&run, Some("00"))?.len(), 100);
    assert_eq!(kv.list_with_values(&run, None)?.len(), keys.len());
    let mut transaction = kv.database().begin(&run)?;
    assert_eq!(transaction.list(TypeTag::KV, "", None, usize::MAX)?, keys);
    Ok(())
}

async fn expires(server: Shared<Etcd>) -> Tested {
    let kv = KvStore::new(fresh(&server)?);
    let run = RunId::new();
    kv.database().begin_run(&run)?;
    let mut ttl = Duration::from_millis(300);
    let (start, mut transaction) = loop {
        let start = Instant::now();
        kv.put_with_ttl(&run, "key", Value::Null, ttl)?;
        let mut transaction = kv.database().begin(&run)?;
        match transaction.kv_get("key") {
            Ok(Some(_)) => break (start, transaction),
            // On a busy machine it may have gone before it was read.
            Ok(None) | Err(Error::Conflict) => ttl *= 2,
            Err(error) => return Err(error.into()),
        }
    };
    transaction.kv_put("seen", Value::Null)?;
    while kv.exists(&run, "key")? {}
    assert!(start.elapsed() >= ttl);
    assert!(matches!(transaction.kv_get("key"), Err(Error::Conflict)));
    assert!(matches!(transaction.commit(), Err(Error::Conflict)));
    assert!(!kv.delete(&run, "key")?);
    assert!(kv.list(&run, None)?.is_empty());
    Ok(())
}

async fn misses_nothing(server: Shared<Etcd>) -> Tested {
    let kv = KvStore::new(fresh(&server)?);
    let run = RunId::new();
    kv.database().begin_run(&run)?;
    let ttl = Duration::from_secs(1);
    kv.put_with_ttl(&run, "lease", Value::Null, ttl)?;
    let [mut reads, mut lists] = [kv.database().begin(&run)?, kv.database().begin(&run)?];
    // Its holder has a result as long as it has the lease.
    let is_held = kv.transaction(&run, |txn| {
        txn.put("result", Value::Null)?;
        Ok(txn.get("lease")?.is_some())
    });
    let is_held = matches!(is_held, Ok(true));
    while kv.exists(&run, "lease")? {}
    // The machine may have been too slow to see it.
    if is_held {
        assert!(matches!(reads.kv_get("lease"), Err(Error::Conflict)));
        assert!(matches!(reads.kv_get("result"), Err(Error::Conflict)));
        let listed = lists.list(TypeTag::KV, "", None, usize::MAX);
        assert!(matches!(listed, Err(Error::Conflict)), "{listed:?}");
    }
    Ok(())
}

async fn refuses_what_is_too_large(server: Shared<Etcd>) -> Tested {
    let kv = KvStore::new(fresh(&server)?);
    let run = RunId::new();
    kv.database().begin_run(&run)?;
    let megabyte = Value::Bytes(vec![7; LARGEST_VALUE]);
    for (count, value) in [(129, Value::Null), (2, megabyte.clone()), (40, megabyte)] {
        let refused = kv.transaction(&run, |txn| {
            (0..count).try_for_each(|key| txn.put(&key.to_string(), value.clone()))
        });
        let Err(Error::TransactionTooLarge { .. }) = refused else {
            return Err(format!("{count}: {refused:?}").into());
        };
        assert!(kv.list(&run, None)?.is_empty());
    }
    let long = "x".repeat(LONGEST_NAME + 1);
    let refused = database(server.get().url(), PATIENCE, &long);
    assert!(matches!(refused, Err(Error::KeyTooLong { .. })));
    Ok(())
}

async fn keeps_the_largest(server: Shared<Etcd>) -> Tested {
    // Each byte of this name is three in etcd.
    let name = "/".repeat(LONGEST_NAME);
    let database = database(server.get().url(), PATIENCE, &name)?;
    let key = "x".repeat(LONGEST_KEY);
    let run = RunId::from(key.as_str());
    let store = EmbeddedStore::open(&database, run.clone())?;
    let [one, other] = [1, 2].map(|byte| Bytes::from(vec![byte; LARGEST_VALUE]));
    store.set_with_ttl(&key, one.clone(), PATIENCE).await?;
    assert!(store.compare_and_set(&key, &one, other.clone()).await?);
    let mut transaction = store.begin().await?;
    assert_eq!(transaction.get(&key).await?, Some(other));
    transaction.set(&key, one.clone()).await?;
    transaction.commit().await?;
    assert_eq!(store.get(&key).await?, Some(one));
    database.end_run(&run)?;
    Ok(())
}

async fn is_forgotten(_: Shared<Etcd>) -> Tested {
    // Of its own, as the others read the past as well.
    let server = Etcd::start()?;
    let kv = KvStore::new(database(server.url(), PATIENCE, "forgotten")?);
    let run = RunId::new();
    kv.database().begin_run(&run)?;
    let mut transaction = kv.database().begin(&run)?;
    kv.put(&run, "key", Value::Null)?;
    assert!(etcd::compact(server.address()));
    assert!(matches!(transaction.kv_get("key"), Err(Error::Conflict)));
    assert!(kv.exists(&run, "key")?);
    Ok(())
}
