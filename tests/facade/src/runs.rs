//! What runs promise.

use std::{sync::Arc, time::Duration};

use omni_kv_embedded::{Error, KvStore, KvStoreExt, RunId, Value};

use crate::begun;

pub(crate) fn run_isolation(kv: &KvStore) {
    let run1 = begun(kv);
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

pub(crate) fn a_run_that_has_ended_holds_nothing_and_takes_nothing(kv: &KvStore) {
    let run = begun(kv);
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
    assert_eq!(database.runs().unwrap().len(), 2);
}
