//! What the key-value primitive promises, in the order in which it is used.

use omni_kv_embedded::{Error, KvStore, LONGEST_KEY, Value};

use crate::begun;

pub(crate) fn put_and_get(kv: &KvStore) {
    let run = begun(kv);
    kv.put(&run, "key1", Value::String("value1".into()))
        .unwrap();
    assert_eq!(kv.get(&run, "key1").unwrap(), Some("value1".into()));
    kv.put(&run, "key1", Value::I64(2)).unwrap();
    assert_eq!(kv.get(&run, "key1").unwrap(), Some(Value::I64(2)));
}

pub(crate) fn get_nonexistent(kv: &KvStore) {
    let run = begun(kv);
    assert_eq!(kv.get(&run, "nonexistent").unwrap(), None);
    assert!(!kv.exists(&run, "nonexistent").unwrap());
}

pub(crate) fn delete(kv: &KvStore) {
    let run = begun(kv);
    kv.put(&run, "key1", Value::Null).unwrap();
    assert!(kv.exists(&run, "key1").unwrap());
    assert!(kv.delete(&run, "key1").unwrap());
    assert!(!kv.exists(&run, "key1").unwrap());
    assert!(!kv.delete(&run, "key1").unwrap());
}

pub(crate) fn list_all(kv: &KvStore) {
    let run = begun(kv);
    for key in ["c", "a", "b"] {
        kv.put(&run, key, Value::Null).unwrap();
    }
    assert_eq!(kv.list(&run, None).unwrap(), ["a", "b", "c"]);
}

pub(crate) fn list_with_prefix(kv: &KvStore) {
    let run = begun(kv);
    for key in ["user:1", "user:2", "task:1", "user", "users"] {
        kv.put(&run, key, Value::Null).unwrap();
    }
    assert_eq!(kv.list(&run, Some("user:")).unwrap(), ["user:1", "user:2"]);
    assert_eq!(kv.list(&run, Some("task:")).unwrap(), ["task:1"]);
    assert!(kv.list(&run, Some("none")).unwrap().is_empty());
}

pub(crate) fn list_with_values(kv: &KvStore) {
    let run = begun(kv);
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

pub(crate) fn what_is_too_long_or_too_large_is_refused(kv: &KvStore) {
    let run = begun(kv);
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
    kv.put(&run, "key", Value::I64(1)).unwrap();
    let far_too_large = Value::Bytes(vec![0; 64 << 20]);
    let refused = kv.put(&run, "key", far_too_large);
    let Err(Error::TooLarge { limit, .. }) = refused else {
        panic!("{refused:?}");
    };
    let too_large = kv.put(&run, "key", Value::Bytes(vec![0; limit + 1]));
    assert!(matches!(too_large, Err(Error::TooLarge { .. })));
    assert_eq!(kv.get(&run, "key").unwrap(), Some(Value::I64(1)));
}
