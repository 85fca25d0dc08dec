//! A busy machine and a slow store, for tests that must hold there too.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    hint,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tck::{Bytes, Cache, KeyValueStore, Result, async_trait};

/// Threads that compute until they are dropped.
#[derive(Debug)]
pub struct Noise {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Noise {
    /// Keeps so many threads busy.
    #[must_use]
    pub fn of(threads: usize) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let busy = |_| {
            let over = Arc::clone(&over);
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    hint::spin_loop();
                }
            })
        };
        let threads = (0..threads).map(busy).collect();
        Self { over, threads }
    }
}

impl Drop for Noise {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A thread that only spins can't have panicked.
            let _ = thread.join();
        }
    }
}

/// A store whose every call is delayed at random, before and after.
#[derive(Debug)]
pub struct Delayed<S>(pub S);

impl<S> Delayed<S> {
    async fn delay() {
        let random = RandomState::new().hash_one(());
        for _ in 0..random % 3 {
            tokio::task::yield_now().await;
        }
        if random.is_multiple_of(16) {
            thread::sleep(Duration::from_micros(random >> 8 & 0x7f));
        }
    }

    async fn delayed<T>(call: impl Future<Output = T>) -> T {
        Self::delay().await;
        let answer = call.await;
        Self::delay().await;
        answer
    }
}

#[async_trait]
impl<S: KeyValueStore> KeyValueStore for Delayed<S> {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Self::delayed(self.0.get(key)).await
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        Self::delayed(self.0.set(key, value)).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        Self::delayed(self.0.delete(key)).await
    }

    async fn has(&self, key: &str) -> Result<bool> {
        Self::delayed(self.0.has(key)).await
    }
}

#[async_trait]
impl<S: Cache> Cache for Delayed<S> {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        Self::delayed(self.0.set_with_ttl(key, value, ttl)).await
    }
}
