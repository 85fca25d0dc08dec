//! A store to test.

use std::sync::Arc;

use omni_kv_embedded::{KvStore, Options, RunId};
use tck::{Clock, SystemClock};

pub(crate) fn setup() -> (KvStore, RunId) {
    setup_with(Arc::new(SystemClock))
}

pub(crate) fn setup_with(clock: Arc<dyn Clock>) -> (KvStore, RunId) {
    let database = Options::default().clock(clock).in_memory().unwrap();
    let (kv, run) = (KvStore::new(database.into()), RunId::new());
    kv.database().begin_run(&run).unwrap();
    (kv, run)
}
