//! What of a run outlives the process.

use std::{sync::Arc, thread, time::Duration};

use omni_kv_embedded::{Database, Durability, KvStore, Options, RunId, Value};
use tck::{Clock, ManualClock};

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
    assert_eq!(kv.database().runs().unwrap(), std::slice::from_ref(&run));
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
        let runs = database.runs().unwrap();
        drop(database);
        assert_eq!(Database::open(&path).unwrap().runs().unwrap(), runs);
    }
}
