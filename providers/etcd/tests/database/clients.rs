//! Several clients of one database.

use std::{slice, thread};

use omni_kv_embedded::{Error, KvStore, KvStoreExt, RunId, Value};
use omni_tck_servers::{Harness, PATIENCE, Server, Shared, Tested, etcd::Etcd};

use crate::{database, fresh};

pub(crate) fn add(harness: Harness, server: &Shared<Etcd>) -> Harness {
    harness
        .test("single::two_clients_see_the_same", server, is_shared)
        .test(
            "single::two_clients_count_without_losing_one",
            server,
            counts,
        )
        .test("single::a_run_ends_as_a_whole", server, ends_a_run)
        .test(
            "single::a_transaction_does_not_outlive_its_run_elsewhere",
            server,
            notices_another_run,
        )
}

async fn is_shared(server: Shared<Etcd>) -> Tested {
    let [one, other] = both(&server)?;
    let run = RunId::from("nightly");
    one.database().begin_run(&run)?;
    assert_eq!(other.database().runs()?, slice::from_ref(&run));
    one.put(&run, "key", Value::I64(1))?;
    assert_eq!(other.get(&run, "key")?, Some(Value::I64(1)));
    let mut transaction = one.database().begin(&run)?;
    transaction.kv_get("key")?;
    transaction.kv_put("key", Value::I64(3))?;
    other.put(&run, "key", Value::I64(2))?;
    // It reads from the moment at which it began.
    assert_eq!(one.get(&run, "key")?, Some(Value::I64(2)));
    assert!(matches!(transaction.commit(), Err(Error::Conflict)));
    assert_eq!(one.get(&run, "key")?, Some(Value::I64(2)));
    // A database of another name is another, also where one name begins with the other.
    let neighbour = fresh(&server)?;
    assert!(neighbour.runs()?.is_empty());
    Ok(())
}

async fn counts(server: Shared<Etcd>) -> Tested {
    let clients = both(&server)?;
    let run = RunId::new();
    for kv in &clients {
        kv.database().begin_run(&run)?;
    }
    let count = |value| match value {
        Some(Value::I64(count)) => count,
        _ => 0,
    };
    // What succeeds is counted, and nothing else is.
    let succeeded: i64 = thread::scope(|scope| {
        let counting = clients.each_ref().map(|kv| {
            let run = &run;
            scope.spawn(move || {
                let tries = (0..100).map(|_| {
                    kv.transaction(run, |txn| {
                        let next = count(txn.get("count")?) + 1;
                        txn.put("count", Value::I64(next))
                    })
                });
                tries.filter(Result::is_ok).count() as i64
            })
        });
        counting
            .map(|thread| thread.join().unwrap_or(-1))
            .iter()
            .sum()
    });
    let [kv, _] = &clients;
    assert_eq!(count(kv.get(&run, "count")?), succeeded);
    assert!(succeeded > 0);
    Ok(())
}

async fn ends_a_run(server: Shared<Etcd>) -> Tested {
    let [one, other] = both(&server)?;
    let (run, neighbour) = (RunId::from("run"), RunId::from("run2"));
    for run in [&run, &neighbour] {
        one.database().begin_run(run)?;
        for key in 0..300 {
            one.put(run, &key.to_string(), Value::Null)?;
        }
    }
    other.database().end_run(&run)?;
    assert!(one.list(&run, None)?.is_empty());
    assert_eq!(one.list(&neighbour, None)?.len(), 300);
    let refused = one.put(&run, "late", Value::Null);
    assert!(matches!(refused, Err(Error::NoSuchRun { .. })));
    one.database().end_run(&neighbour)?;
    assert!(other.database().runs()?.is_empty());
    Ok(())
}

async fn notices_another_run(server: Shared<Etcd>) -> Tested {
    let [one, other] = both(&server)?;
    let run = RunId::new();
    one.database().begin_run(&run)?;
    let mut transaction = one.database().begin(&run)?;
    transaction.kv_put("key", Value::Null)?;
    other.database().end_run(&run)?;
    other.database().begin_run(&run)?;
    let refused = transaction.commit();
    assert!(matches!(refused, Err(Error::NoSuchRun { .. })));
    assert!(!other.exists(&run, "key")?);
    Ok(())
}

/// The keys of two databases that are one, by clients of their own.
fn both<S: Server>(server: &Shared<S>) -> omni_kv_embedded::Result<[KvStore; 2]> {
    let (url, name) = (server.get().url(), RunId::new());
    let one = database(url, PATIENCE, name.as_str())?;
    let other = database(url, PATIENCE, name.as_str())?;
    Ok([one, other].map(KvStore::new))
}
