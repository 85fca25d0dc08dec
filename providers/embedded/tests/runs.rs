//! What runs promise, and what of them outlives the process.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod setup;

use std::{sync::Arc, thread, time::Duration};

use omni_kv_embedded::{Database, Durability, Error, KvStore, KvStoreExt, Options, RunId, Value};
use tck::{Clock, ManualClock};

use setup::setup;

#[test]
fn run_isolation() {
    let (kv, run1) = setup();
    let run2 = RunId::new();
    kv.database().begin_run(&run2).unwrap();
    kv.put(&run1, "shared-key", "run1-value".into()).unwrap();
    kv.put(&run2, "shared-key", "run2-value".into()).unwrap();
    assert_eq!(
        kv.get(&run1, "shared-key").unwrap(),
        Some("run1-value".into())
    );
    assert_eq!(
        kv.get(&run2, "shared-key").unwrap(),
        Some("run2-value".into())
    );
    kv.delete(&run1, "shared-key").unwrap();
    assert_eq!(kv.list(&run2, None).unwrap(), ["shared-key"]);
}

#[test]
fn a_run_that_has_ended_holds_nothing_and_takes_nothing() {
    let (kv, run) = setup();
    let (neighbour, database) = (RunId::new(), Arc::clone(kv.database()));
    database.begin_run(&neighbour).unwrap();
    let hour = Duration::from_secs(3600);
    for run in [&run, &neighbour] {
        kv.put(run, "key", Value::Null).unwrap();
        kv.put_with_ttl(run, "token", Value::Null, hour).unwrap();
    }
    let open = database.begin(&run).unwrap();
    database.end_run(&run).unwrap();

    assert_eq!(kv.get(&run, "key").unwrap(), None);
    assert!(kv.list(&run, None).unwrap().is_empty());
    let refused = [
        kv.put(&run, "key", Value::Null),
        kv.delete(&run, "key").map(drop),
        kv.transaction(&run, |_| Ok(())),
        database.end_run(&run),
    ];
    for answer in refused {
        assert!(matches!(answer, Err(Error::NoSuchRun { .. })), "{answer:?}");
    }
    let mut late = open;
    late.kv_put("key", Value::Null).unwrap();
    assert!(matches!(late.commit(), Err(Error::NoSuchRun { .. })));

    assert_eq!(kv.list(&neighbour, None).unwrap(), ["key", "token"]);
    database.begin_run(&run).unwrap();
    let mut of_this_run = database.begin(&run).unwrap();
    of_this_run.kv_put("late", Value::Null).unwrap();
    database.end_run(&run).unwrap();
    database.begin_run(&run).unwrap();
    assert!(matches!(of_this_run.commit(), Err(Error::NoSuchRun { .. })));
    assert!(kv.list(&run, None).unwrap().is_empty());
    assert_eq!(database.runs().len(), 2);
}

#[test]
fn deadlines_and_runs_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.db");
    let run = RunId::from("kept");
    {
        let kv = KvStore::new(Database::open(&path).unwrap().into());
        kv.database().begin_run(&run).unwrap();
        let hour = Duration::from_secs(3600);
        kv.put_with_ttl(&run, "long", Value::I64(1), hour).unwrap();
        kv.put_with_ttl(&run, "over", Value::I64(2), Duration::from_nanos(1))
            .unwrap();
    }
    let clock = Arc::new(ManualClock::new());
    let options = Options::default().clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let kv = KvStore::new(options.open(&path).unwrap().into());
    assert_eq!(kv.database().runs(), std::slice::from_ref(&run));
    assert_eq!(kv.list(&run, None).unwrap(), ["long"]);
    clock.advance(Duration::from_secs(3600));
    assert!(kv.list(&run, None).unwrap().is_empty());
}

#[test]
fn runs_that_begin_and_end_side_by_side_are_the_same_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..10 {
        let path = folder.path().join(format!("{round}.db"));
        let options = Options::default().durability(Durability::Deferred);
        let database = options.open(&path).unwrap();
        let run = RunId::from("run");
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..50).for_each(|_| database.begin_run(&run).unwrap()));
                // It may not have begun.
                scope.spawn(|| (0..50).for_each(|_| drop(database.end_run(&run))));
            }
        });
        let runs = database.runs();
        drop(database);
        assert_eq!(Database::open(&path).unwrap().runs(), runs);
    }
}
