//! What the key-value primitive promises, in the order in which it is used.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Barrier, mpsc},
    thread,
    time::Duration,
};

use omni_kv_embedded::{
    Database, Durability, Error, KvStore, KvStoreExt, LARGEST_VALUE, LONGEST_KEY, Options, Result,
    RunId, TypeTag, Value,
};
use tck::{Clock, ManualClock};

fn setup() -> (KvStore, RunId) {
    let kv = KvStore::new(Database::in_memory().unwrap().into());
    let run = RunId::new();
    kv.database().begin_run(&run).unwrap();
    (kv, run)
}

#[test]
fn kvstore_creation() {
    let database = Arc::new(Database::in_memory().unwrap());
    let kv = KvStore::new(Arc::clone(&database));
    assert!(Arc::ptr_eq(kv.database(), &database));
}

#[test]
fn kvstore_is_clone() {
    let (one, run) = setup();
    let other = one.clone();
    assert!(Arc::ptr_eq(one.database(), other.database()));
    one.put(&run, "key", Value::I64(1)).unwrap();
    assert_eq!(other.get(&run, "key").unwrap(), Some(Value::I64(1)));
}

#[test]
fn kvstore_is_send_sync() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<KvStore>();
    is_send_and_sync::<Database>();
}

#[test]
fn put_and_get() {
    let (kv, run) = setup();
    kv.put(&run, "key1", Value::String("value1".into()))
        .unwrap();
    assert_eq!(kv.get(&run, "key1").unwrap(), Some("value1".into()));
    kv.put(&run, "key1", Value::I64(2)).unwrap();
    assert_eq!(kv.get(&run, "key1").unwrap(), Some(Value::I64(2)));
}

#[test]
fn get_nonexistent() {
    let (kv, run) = setup();
    assert_eq!(kv.get(&run, "nonexistent").unwrap(), None);
    assert!(!kv.exists(&run, "nonexistent").unwrap());
}

#[test]
fn delete() {
    let (kv, run) = setup();
    kv.put(&run, "key1", Value::Null).unwrap();
    assert!(kv.exists(&run, "key1").unwrap());
    assert!(kv.delete(&run, "key1").unwrap());
    assert!(!kv.exists(&run, "key1").unwrap());
    assert!(!kv.delete(&run, "key1").unwrap());
}

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
fn put_with_ttl() {
    let clock = Arc::new(ManualClock::new());
    let database = Options::default().clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let kv = KvStore::new(database.in_memory().unwrap().into());
    let run = RunId::new();
    kv.database().begin_run(&run).unwrap();
    let hour = Duration::from_secs(3600);
    kv.put_with_ttl(&run, "expiring-key", "temp".into(), hour)
        .unwrap();
    clock.advance(hour - Duration::from_nanos(1));
    assert_eq!(kv.get(&run, "expiring-key").unwrap(), Some("temp".into()));
    clock.advance(Duration::from_nanos(1));
    assert_eq!(kv.get(&run, "expiring-key").unwrap(), None);
    assert!(!kv.exists(&run, "expiring-key").unwrap());
    assert!(kv.list(&run, None).unwrap().is_empty());
    assert!(!kv.delete(&run, "expiring-key").unwrap());
}

#[test]
fn multi_key_atomic() {
    let (kv, run) = setup();
    kv.transaction(&run, |txn| {
        txn.put("key1", "val1".into())?;
        txn.put("key2", "val2".into())?;
        txn.put("key3", "val3".into())
    })
    .unwrap();
    for (key, value) in [("key1", "val1"), ("key2", "val2"), ("key3", "val3")] {
        assert_eq!(kv.get(&run, key).unwrap(), Some(value.into()));
    }
}

#[test]
fn transaction_read_your_writes() {
    let (kv, run) = setup();
    kv.put(&run, "stored", Value::I64(0)).unwrap();
    kv.transaction(&run, |txn| {
        txn.put("key", Value::I64(1))?;
        assert_eq!(txn.get("key")?, Some(Value::I64(1)));
        assert_eq!(txn.list(None)?, ["key", "stored"]);
        assert!(txn.delete("key")?);
        assert!(!txn.exists("key")?);
        assert_eq!(txn.list(None)?, ["stored"]);
        Ok(())
    })
    .unwrap();
}

#[test]
fn list_all() {
    let (kv, run) = setup();
    for key in ["c", "a", "b"] {
        kv.put(&run, key, Value::Null).unwrap();
    }
    assert_eq!(kv.list(&run, None).unwrap(), ["a", "b", "c"]);
}

#[test]
fn list_with_prefix() {
    let (kv, run) = setup();
    for key in ["user:1", "user:2", "task:1", "user", "users"] {
        kv.put(&run, key, Value::Null).unwrap();
    }
    assert_eq!(kv.list(&run, Some("user:")).unwrap(), ["user:1", "user:2"]);
    assert_eq!(kv.list(&run, Some("task:")).unwrap(), ["task:1"]);
    assert!(kv.list(&run, Some("none")).unwrap().is_empty());
}

#[test]
fn list_with_values() {
    let (kv, run) = setup();
    kv.put(&run, "key1", Value::I64(1)).unwrap();
    kv.put(&run, "key2", Value::I64(2)).unwrap();
    assert_eq!(
        kv.list_with_values(&run, None).unwrap(),
        [
            ("key1".to_owned(), Value::I64(1)),
            ("key2".to_owned(), Value::I64(2))
        ]
    );
}

#[test]
fn kvstore_ext_in_transaction() {
    let (kv, run) = setup();
    let other = TypeTag(7);
    kv.database()
        .transaction(&run, |txn| {
            txn.kv_put("ext-key", "ext-value".into())?;
            assert_eq!(txn.kv_get("ext-key")?, Some("ext-value".into()));
            // Another primitive has the same key for itself.
            assert_eq!(txn.get(other, "ext-key")?, None);
            txn.put(other, "ext-key", &Value::I64(1), None)
        })
        .unwrap();
    assert_eq!(kv.get(&run, "ext-key").unwrap(), Some("ext-value".into()));
    assert_eq!(kv.list(&run, None).unwrap(), ["ext-key"]);
}

#[test]
fn an_error_or_a_panic_in_the_closure_leaves_nothing_behind() {
    let (kv, run) = setup();
    let failed: Result<()> = kv.transaction(&run, |txn| {
        txn.put("key", Value::Null)?;
        Err(Error::Conflict)
    });
    assert!(matches!(failed, Err(Error::Conflict)));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        kv.transaction(&run, |txn| {
            txn.put("key", Value::Null)?;
            resume_unwind(Box::new("in the caller's code"))
        })
    }));
    let _: Box<_> = panicked.map(|done: Result<()>| done).unwrap_err();
    assert!(!kv.exists(&run, "key").unwrap());
    kv.put(&run, "key", Value::Null).unwrap();
}

#[test]
fn of_two_transactions_that_read_the_same_one_meets_a_conflict() {
    let (kv, run) = setup();
    kv.put(&run, "count", Value::I64(0)).unwrap();
    let stale = kv.transaction(&run, |txn| {
        txn.get("count")?;
        kv.transaction(&run, |txn| {
            txn.get("count")?;
            txn.put("count", Value::I64(1))
        })?;
        txn.put("count", Value::I64(10))
    });
    assert!(matches!(stale, Err(Error::Conflict)));
    assert_eq!(kv.get(&run, "count").unwrap(), Some(Value::I64(1)));
}

#[test]
fn a_transaction_is_tried_again_so_many_times() {
    let (kv, run) = setup();
    let mut tries = 0;
    let mut disturbed = |times: usize| {
        tries = 0;
        kv.transaction_with_retries(&run, 3, |txn| {
            txn.get("key")?;
            tries += 1;
            if tries <= times {
                kv.put(&run, "key", Value::I64(tries as i64))?;
            }
            txn.put("key", Value::Bool(true))?;
            Ok(tries)
        })
    };
    assert_eq!(disturbed(2).unwrap(), 3);
    assert!(matches!(disturbed(3), Err(Error::Conflict)));
}

#[test]
fn a_transaction_that_is_open_holds_up_nobody() {
    let (kv, run) = setup();
    let (open, opened) = mpsc::channel();
    let (close, closed) = mpsc::channel::<()>();
    let kv = &kv;
    let run = &run;
    thread::scope(|scope| {
        scope.spawn(move || {
            kv.transaction(run, |txn| {
                txn.get("a")?;
                txn.put("a", Value::I64(1))?;
                open.send(()).unwrap();
                closed.recv().unwrap();
                Ok(())
            })
            .unwrap();
        });
        opened.recv().unwrap();
        // The other is open until all of this is done.
        kv.put(run, "b", Value::I64(1)).unwrap();
        kv.transaction(run, |txn| txn.put("c", Value::I64(1)))
            .unwrap();
        assert_eq!(kv.list(run, None).unwrap(), ["b", "c"]);
        close.send(()).unwrap();
    });
    assert_eq!(kv.list(run, None).unwrap(), ["a", "b", "c"]);
}

#[test]
fn many_threads_count_without_losing_one() {
    let (kv, run) = setup();
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                for _ in 0..50 {
                    kv.transaction_with_retries(&run, 1_000, |txn| {
                        let count = match txn.get("count")? {
                            Some(Value::I64(count)) => count,
                            _ => 0,
                        };
                        txn.put("count", Value::I64(count + 1))
                    })
                    .unwrap();
                }
            });
        }
    });
    assert_eq!(kv.get(&run, "count").unwrap(), Some(Value::I64(200)));
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
fn what_is_too_long_or_too_large_is_refused() {
    let (kv, run) = setup();
    let long = "x".repeat(LONGEST_KEY + 1);
    assert!(matches!(kv.get(&run, &long), Err(Error::KeyTooLong { .. })));
    assert!(matches!(
        kv.put(&run, &long, Value::Null),
        Err(Error::KeyTooLong { .. })
    ));
    assert!(matches!(
        kv.database().begin_run(&long.as_str().into()),
        Err(Error::KeyTooLong { .. })
    ));
    let large = Value::Bytes(vec![0; LARGEST_VALUE + 1]);
    kv.put(&run, "key", Value::I64(1)).unwrap();
    assert!(matches!(
        kv.put(&run, "key", large),
        Err(Error::TooLarge { .. })
    ));
    assert_eq!(kv.get(&run, "key").unwrap(), Some(Value::I64(1)));
}

#[test]
fn what_has_expired_is_removed_in_the_background() {
    let clock = Arc::new(ManualClock::new());
    let database = Options::default().clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let kv = KvStore::new(database.in_memory().unwrap().into());
    let run = RunId::new();
    kv.database().begin_run(&run).unwrap();
    for number in 0..100 {
        let second = Duration::from_secs(1);
        kv.put_with_ttl(&run, &number.to_string(), Value::Null, second)
            .unwrap();
    }
    // What was overwritten plainly stays, and so does what lives longer.
    kv.put(&run, "1", Value::I64(1)).unwrap();
    kv.put_with_ttl(&run, "2", Value::I64(2), Duration::from_secs(9))
        .unwrap();
    assert_eq!(kv.database().remove_expired().unwrap(), 0);
    clock.advance(Duration::from_secs(1));
    // By whom does not matter: the thread may have begun.
    kv.database().remove_expired().unwrap();
    assert_eq!(kv.database().remove_expired().unwrap(), 0);
    assert_eq!(kv.list(&run, None).unwrap(), ["1", "2"]);
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
fn a_listing_in_a_transaction_goes_on_after_any_text() {
    let (kv, run) = setup();
    let mut transaction = kv.database().begin(&run).unwrap();
    transaction.kv_put("a", Value::Null).unwrap();
    for after in ["a", "b", "z"] {
        let listed = transaction.list(TypeTag::KV, "a", Some(after), usize::MAX);
        assert!(listed.unwrap().is_empty());
    }
    assert!(
        transaction
            .list(TypeTag::KV, "", None, 0)
            .unwrap()
            .is_empty()
    );
    kv.put(&run, "b", Value::Null).unwrap();
    transaction.commit().unwrap();
}

#[test]
fn a_transaction_that_sees_a_key_expire_meets_a_conflict() {
    let clock = Arc::new(ManualClock::new());
    let database = Options::default().clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let kv = KvStore::new(database.in_memory().unwrap().into());
    let run = RunId::new();
    kv.database().begin_run(&run).unwrap();
    let second = Duration::from_secs(1);
    kv.put_with_ttl(&run, "key", Value::Null, second).unwrap();
    let mut transaction = kv.database().begin(&run).unwrap();
    assert!(transaction.kv_get("key").unwrap().is_some());
    clock.advance(second);
    assert!(matches!(transaction.kv_get("key"), Err(Error::Conflict)));
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
