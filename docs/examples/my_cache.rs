//! A cache that takes its clock from outside.
#![expect(clippy::unwrap_used, reason = "an example for tests")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tck::{Bytes, Cache, Clock, KeyValueStore, Result, SystemClock, async_trait};

struct MyCache {
    clock: Arc<dyn Clock>,
    entries: Mutex<HashMap<String, (Bytes, Option<Instant>)>>,
}

impl MyCache {
    fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            entries: Mutex::default(),
        }
    }
}

#[async_trait]
impl KeyValueStore for MyCache {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let now = self.clock.now();
        Ok(match self.entries.lock().unwrap().get(key) {
            Some((value, end)) if end.is_none_or(|end| now < end) => Some(value.clone()),
            _ => None,
        })
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.entries
            .lock()
            .unwrap()
            .insert(key.to_owned(), (value, None));
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.entries.lock().unwrap().remove(key);
        Ok(())
    }
}

#[async_trait]
impl Cache for MyCache {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        // An end that can't be counted is as good as none.
        let end = self.clock.now().checked_add(ttl);
        self.entries
            .lock()
            .unwrap()
            .insert(key.to_owned(), (value, end));
        Ok(())
    }
}

// In time that the kit moves: hours pass in microseconds.
tck::cache_contract!(my_cache, |setup| async move { MyCache::with_clock(setup.clock()) }, {
    time: Manual,
});

// And on the clock on the wall, as it runs in production.
tck::cache_contract!(on_the_wall, || async { MyCache::new() }, {
    time: Wall { resolution: Duration::from_millis(1) },
});
