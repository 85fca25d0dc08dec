//! What becomes of a database whose holder or server is gone.

use std::time::{Duration, Instant};

use omni_kv_embedded::{KvStore, KvStoreExt, Result, RunId, Value};
use omni_tck_servers::{
    Fault, FaultProxy, Harness, PATIENCE, Server, Shared, Tested, etcd::Etcd,
    faults::until_it_works,
};
use tck::{Atomic, ErrorKind};

use crate::{database, fresh, open};

pub(crate) fn add(harness: Harness, server: &Shared<Etcd>) -> Harness {
    harness
        .test(
            "single::a_database_may_be_dropped_anywhere",
            server,
            is_dropped,
        )
        .test(
            "single::a_condition_is_decided_in_time",
            server,
            ends_in_time,
        )
        .test(
            "single::a_server_that_is_killed_is_an_error_in_time",
            server,
            outlives_the_server,
        )
}

async fn is_dropped(server: Shared<Etcd>) -> Tested {
    // On a thread of a runtime, also with a transaction that outlives it.
    let database = fresh(&server)?;
    let run = RunId::new();
    database.begin_run(&run)?;
    let mut transaction = database.begin(&run)?;
    drop(database);
    transaction.kv_put("key", Value::Null)?;
    transaction.commit()?;
    Ok(())
}

async fn ends_in_time(server: Shared<Etcd>) -> Tested {
    let proxy = FaultProxy::to(server.get().address())?;
    let url = format!("etcd://{}", proxy.address());
    let limit = Duration::from_secs(2);
    let name = RunId::new();
    let opened = async || open(url.clone(), limit, name.as_str().into()).await;
    let store = until_it_works(opened).await?;
    // It reads before it writes.
    proxy.set(Fault::Delay(limit * 2 / 3));
    let set = store.set_if_absent("key", "value".into()).await;
    let set = set.map_err(|error| error.kind());
    assert_eq!(set, Err(ErrorKind::TimedOut));
    Ok(())
}

async fn outlives_the_server(_: Shared<Etcd>) -> Tested {
    let server = Etcd::start()?;
    let limit = Duration::from_secs(1);
    let run = RunId::new();
    let patient = KvStore::new(database(server.url(), PATIENCE, "killed")?);
    patient.database().begin_run(&run)?;
    patient.put(&run, "key", Value::I64(1))?;
    let kv = KvStore::new(in_time(|| database(server.url(), limit, "killed"))?);
    let transaction = in_time(|| {
        let mut transaction = kv.database().begin(&run)?;
        transaction.kv_get("key")?;
        transaction.kv_put("key", Value::I64(2))?;
        Ok(transaction)
    })?;
    for process in server.processes() {
        process.kill()?;
    }
    let start = Instant::now();
    for answer in [
        kv.get(&run, "key").map(drop),
        kv.put(&run, "key", Value::Null),
        kv.list(&run, None).map(drop),
        kv.database().begin(&run).map(drop),
        kv.database().runs().map(drop),
        transaction.commit(),
    ] {
        let Err(error) = answer else {
            return Err("nobody can have answered".into());
        };
        assert!(tck::Error::from(error).is_retryable());
    }
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    for process in server.processes() {
        process.restart()?;
    }
    let value = in_time(|| kv.get(&run, "key"))?;
    assert_eq!(value, Some(Value::I64(1)));
    in_time(|| kv.put(&run, "key", Value::I64(3)))?;
    Ok(())
}

/// Calls until it is done: its limit may be shorter than a busy machine takes.
fn in_time<T>(call: impl Fn() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    loop {
        match call() {
            Err(_) if start.elapsed() < PATIENCE => {}
            answer => return answer,
        }
    }
}
