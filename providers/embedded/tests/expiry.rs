//! When entries expire, and what becomes of them.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{collections::BTreeMap, sync::Arc, thread, time::Duration};

use omni_kv_embedded::{Error, KvStore, KvStoreExt, Options, RunId, Value};
use tck::{Clock, ManualClock};

fn setup() -> (Arc<ManualClock>, KvStore, RunId) {
    let clock = Arc::new(ManualClock::new());
    let options = Options::default().clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let database = options.in_memory().unwrap();
    let (kv, run) = (KvStore::new(database.into()), RunId::new());
    kv.database().begin_run(&run).unwrap();
    (clock, kv, run)
}

#[test]
fn put_with_ttl() {
    let (clock, kv, run) = setup();
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
fn what_has_expired_is_removed_in_the_background() {
    let (clock, kv, run) = setup();
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
fn nothing_else_goes_with_what_expires_while_others_write() {
    const WRITERS: i64 = 4;
    const WRITES: i64 = 300;
    let (clock, kv, run) = setup();
    let second = Duration::from_secs(1);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (kv, run, clock) = (&kv, &run, &clock);
            scope.spawn(move || {
                for number in 0..WRITES {
                    let name = |kind: &str| format!("{kind} {writer} {number}");
                    kv.put_with_ttl(run, &name("short"), Value::Null, second)
                        .unwrap();
                    kv.put_with_ttl(run, &name("renewed"), Value::Null, second)
                        .unwrap();
                    clock.advance(second / 10);
                    kv.put(run, &name("renewed"), Value::I64(number)).unwrap();
                }
            });
        }
        scope.spawn(|| kv.database().remove_expired().unwrap());
    });
    clock.advance(second);
    kv.database().remove_expired().unwrap();
    let renewed: BTreeMap<_, _> = (0..WRITERS)
        .flat_map(|writer| {
            (0..WRITES).map(move |number| (format!("renewed {writer} {number}"), number.into()))
        })
        .collect();
    let listed = kv.list_with_values(&run, None).unwrap();
    assert_eq!(listed, renewed.into_iter().collect::<Vec<_>>());
}

#[test]
fn a_transaction_that_sees_a_key_expire_meets_a_conflict() {
    let (clock, kv, run) = setup();
    let second = Duration::from_secs(1);
    kv.put_with_ttl(&run, "key", Value::Null, second).unwrap();
    let mut transaction = kv.database().begin(&run).unwrap();
    assert!(transaction.kv_get("key").unwrap().is_some());
    clock.advance(second);
    assert!(matches!(transaction.kv_get("key"), Err(Error::Conflict)));
    // Who goes on all the same does not write by what is over.
    transaction.kv_put("seen", Value::Bool(true)).unwrap();
    assert!(matches!(transaction.commit(), Err(Error::Conflict)));
}
