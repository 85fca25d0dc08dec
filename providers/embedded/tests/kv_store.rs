//! What the key-value primitive promises, in the order in which it is used.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod setup;

use std::{sync::Arc, time::Duration};

use omni_kv_embedded::{Database, Error, KvStore, LARGEST_VALUE, LONGEST_KEY, Value};
use tck::{Clock, ManualClock};

use setup::{setup, setup_with};

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
fn put_with_ttl() {
    let clock = Arc::new(ManualClock::new());
    let (kv, run) = setup_with(Arc::clone(&clock) as Arc<dyn Clock>);
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
    let (kv, run) = setup_with(Arc::clone(&clock) as Arc<dyn Clock>);
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
