//! What transactions promise.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod setup;

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Barrier, mpsc},
    thread,
    time::Duration,
};

use omni_kv_embedded::{Error, KvStoreExt, Result, TypeTag, Value};
use tck::{Clock, ManualClock};

use setup::{setup, setup_with};

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
    let (kv, run) = setup_with(Arc::clone(&clock) as Arc<dyn Clock>);
    let second = Duration::from_secs(1);
    kv.put_with_ttl(&run, "key", Value::Null, second).unwrap();
    let mut transaction = kv.database().begin(&run).unwrap();
    assert!(transaction.kv_get("key").unwrap().is_some());
    clock.advance(second);
    assert!(matches!(transaction.kv_get("key"), Err(Error::Conflict)));
}
