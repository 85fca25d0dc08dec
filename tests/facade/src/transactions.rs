//! What transactions promise.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Barrier, mpsc},
    thread,
};

use crate::begun;
use omni_kv_embedded::{Error, KvStore, KvStoreExt, Result, TypeTag, Value};

pub(crate) fn multi_key_atomic(kv: &KvStore) {
    let run = begun(kv);
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

pub(crate) fn transaction_read_your_writes(kv: &KvStore) {
    let run = begun(kv);
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

pub(crate) fn kvstore_ext_in_transaction(kv: &KvStore) {
    let run = begun(kv);
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

pub(crate) fn an_error_or_a_panic_in_the_closure_leaves_nothing_behind(kv: &KvStore) {
    let run = begun(kv);
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

pub(crate) fn of_two_transactions_that_read_the_same_one_meets_a_conflict(kv: &KvStore) {
    let run = begun(kv);
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

pub(crate) fn a_transaction_is_tried_again_so_many_times(kv: &KvStore) {
    let run = begun(kv);
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

pub(crate) fn a_transaction_that_is_open_holds_up_nobody(kv: &KvStore) {
    let run = begun(kv);
    let (open, opened) = mpsc::channel();
    let (close, closed) = mpsc::channel::<()>();
    let run = &run;
    thread::scope(|scope| {
        // Dropped where something fails below, so that the other does not wait for ever.
        let close = close;
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

pub(crate) fn many_threads_count_without_losing_one(kv: &KvStore) {
    let run = begun(kv);
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

pub(crate) fn a_listing_in_a_transaction_goes_on_after_any_text(kv: &KvStore) {
    let run = begun(kv);
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

pub(crate) fn what_was_listed_up_to_a_limit_is_relied_on_so_far(kv: &KvStore) {
    let run = begun(kv);
    for key in ["a", "c", "e"] {
        kv.put(&run, key, Value::Null).unwrap();
    }
    let listing = |meanwhile: &str| {
        let mut transaction = kv.database().begin(&run).unwrap();
        transaction.kv_put("b", Value::Null).unwrap();
        let listed = transaction.list(TypeTag::KV, "", None, 2).unwrap();
        assert_eq!(listed, ["a", "b"]);
        kv.put(&run, meanwhile, Value::Null).unwrap();
        transaction.commit()
    };
    // Behind the page nobody has looked.
    listing("c").unwrap();
    listing("d").unwrap();
    kv.delete(&run, "b").unwrap();
    assert!(matches!(listing("aa"), Err(Error::Conflict)));
    kv.delete(&run, "aa").unwrap();
    assert_eq!(kv.list(&run, None).unwrap(), ["a", "c", "d", "e"]);
}
