//! A transaction sees one moment.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use omni_kv_memory::{Config, MemoryStore};
use tck::{Cache, Clock, Result, Transactional};

/// A clock that goes on by a second each time that somebody looks.
#[derive(Debug)]
struct Restless {
    start: Instant,
    looks: AtomicU32,
}

impl Clock for Restless {
    fn now(&self) -> Instant {
        self.start + Duration::from_secs(1) * self.looks.fetch_add(1, Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_read_of_a_transaction_looks_at_the_clock_once() -> Result<()> {
    for waited in 0..12 {
        let clock = Arc::new(Restless {
            start: Instant::now(),
            looks: AtomicU32::new(0),
        });
        let config = Config::default().clock(Arc::clone(&clock) as Arc<dyn Clock>);
        let store = MemoryStore::with_config(config);
        // They end together, as one is set a second later.
        for (key, seconds) in [("a", 10), ("b", 9)] {
            let ttl = Duration::from_secs(seconds);
            store.set_with_ttl(key, "1".into(), ttl).await?;
        }
        for _ in 0..waited {
            clock.now();
        }
        let mut transaction = store.begin().await?;
        if transaction.get("a").await?.is_none() {
            continue;
        }
        let other = transaction.get("b").await;
        assert!(!matches!(other, Ok(None)), "{waited}: {other:?}");
    }
    Ok(())
}
