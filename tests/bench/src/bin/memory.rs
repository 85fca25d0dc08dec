//! The memory provider beside `moka` and a plain `Mutex<HashMap>`, in one run.
//!
//! `cargo run --release -p omni-tck-bench --bin memory`

use std::{
    collections::HashMap,
    future::Future,
    pin::pin,
    sync::{Arc, Barrier, Mutex, PoisonError},
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use omni_kv_memory::MemoryStore;
use tck_api::{Bytes, KeyValueStore};

const KEYS: usize = 100_000;
const OPERATIONS: usize = 1_000_000;
const TURNS: usize = 5;

/// What is measured: reads and writes that do not wait.
trait Store: Send + Sync {
    fn get(&self, key: &str) -> Option<Bytes>;
    fn set(&self, key: &str, value: Bytes);
}

impl Store for MemoryStore {
    fn get(&self, key: &str) -> Option<Bytes> {
        ready(KeyValueStore::get(self, key)).unwrap_or_default()
    }

    fn set(&self, key: &str, value: Bytes) {
        // Without limits nothing is refused.
        let _ = ready(KeyValueStore::set(self, key, value));
    }
}

impl Store for moka::sync::Cache<String, Bytes> {
    fn get(&self, key: &str) -> Option<Bytes> {
        self.get(key)
    }

    fn set(&self, key: &str, value: Bytes) {
        self.insert(key.to_owned(), value);
    }
}

impl Store for Mutex<HashMap<String, Bytes>> {
    fn get(&self, key: &str) -> Option<Bytes> {
        self.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned()
    }

    fn set(&self, key: &str, value: Bytes) {
        self.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.to_owned(), value);
    }
}

fn main() {
    let stores: [(&str, Arc<dyn Store>); 3] = [
        ("memory", Arc::new(MemoryStore::new())),
        (
            "moka",
            Arc::new(moka::sync::Cache::<String, Bytes>::new(u64::MAX)),
        ),
        (
            "Mutex<HashMap>",
            Arc::new(Mutex::<HashMap<String, Bytes>>::default()),
        ),
    ];
    let keys: Arc<[String]> = (0..KEYS).map(|number| format!("user:{number}")).collect();
    for (_, store) in &stores {
        for key in keys.iter() {
            store.set(
                key,
                Bytes::from_static(b"a value of some thirty characters"),
            );
        }
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!(
        "million operations a second, the median of {TURNS} turns; {KEYS} keys, {cores} cores"
    );
    println!(
        "{:>7} {:>7} {:>16} {:>16} {:>16} {:>8} {:>8}",
        "threads", "reads", "memory", "moka", "Mutex<HashMap>", "/moka", "/Mutex"
    );
    for threads in (1..=cores).filter(|threads| threads.is_power_of_two() || *threads == cores) {
        for reads in [95, 50] {
            let mut speeds = [const { Vec::new() }; 3];
            // In turn, so that a machine that slows down slows all of them.
            for _ in 0..TURNS {
                for ((_, store), speeds) in stores.iter().zip(&mut speeds) {
                    speeds.push(speed(store, &keys, threads, reads));
                }
            }
            let [memory, moka, mutex] = speeds.map(median);
            println!(
                "{threads:>7} {reads:>6}% {memory:>16.2} {moka:>16.2} {mutex:>16.2} {:>8.2} {:>8.2}",
                memory / moka,
                memory / mutex
            );
        }
    }
}

/// Million operations a second.
fn speed(store: &Arc<dyn Store>, keys: &Arc<[String]>, threads: usize, reads: u64) -> f64 {
    let start = Arc::new(Barrier::new(threads));
    let workers: Vec<_> = (0..threads)
        .map(|number| {
            let (store, keys, start) = (Arc::clone(store), Arc::clone(keys), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                work(
                    &*store,
                    &keys,
                    number as u64 + 1,
                    reads,
                    OPERATIONS / threads,
                )
            })
        })
        .collect();
    let slowest = workers
        .into_iter()
        .map(|worker| worker.join().unwrap_or(Duration::MAX))
        .max();
    OPERATIONS as f64 / slowest.unwrap_or(Duration::MAX).as_secs_f64() / 1e6
}

fn work(store: &dyn Store, keys: &[String], seed: u64, reads: u64, operations: usize) -> Duration {
    let value = Bytes::from_static(b"a value of some thirty characters");
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let began = Instant::now();
    for _ in 0..operations {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let Some(key) = keys.get((state >> 20) as usize % keys.len()) else {
            continue;
        };
        if state % 100 < reads {
            std::hint::black_box(store.get(key));
        } else {
            store.set(key, value.clone());
        }
    }
    began.elapsed()
}

fn median(mut speeds: Vec<f64>) -> f64 {
    speeds.sort_by(f64::total_cmp);
    speeds.get(speeds.len() / 2).copied().unwrap_or_default()
}

/// The answer of a call that does not wait.
fn ready<T>(call: impl Future<Output = T>) -> T {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("memory answers at once"),
    }
}
