//! What a handle on the key-value primitive is.

use std::sync::Arc;

use omni_kv_embedded::{Database, KvStore, RunId, Value};

#[test]
fn kvstore_creation() {
    let database = Arc::new(Database::in_memory().unwrap());
    let kv = KvStore::new(Arc::clone(&database));
    assert!(Arc::ptr_eq(kv.database(), &database));
}

#[test]
fn kvstore_is_clone() {
    let one = KvStore::new(Arc::new(Database::in_memory().unwrap()));
    let run = RunId::new();
    one.database().begin_run(&run).unwrap();
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
