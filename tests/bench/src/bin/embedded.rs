//! The embedded store beside the bare engine, in one run.
//!
//! `cargo run --release -p omni-tck-bench --bin embedded`

#![expect(clippy::indexing_slicing, reason = "no list here is empty")]

use std::{
    env,
    error::Error,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use omni_kv_embedded::{Database, Durability, KvStore, Options, RunId, Value};
use redb::{ReadableDatabase, TableDefinition};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ENTRIES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entries");

/// How many entries both hold while single calls are measured.
const HELD: usize = 100_000;
const TURNS: usize = 7;

fn main() -> Outcome {
    let folder = tempfile::tempdir()?;
    let only = env::args().nth(1).unwrap_or_default();
    if only != "removal" {
        single_calls(folder.path())?;
        lists(folder.path())?;
    }
    removal(folder.path())
}

fn value() -> Vec<u8> {
    vec![b'v'; 100]
}

/// A key of the engine is as long as a place of the store: a run, a tag and the key.
struct Engine(redb::Database, redb::Durability);

impl Engine {
    fn open(path: &Path, durability: redb::Durability) -> Outcome<Self> {
        Ok(Self(redb::Database::create(path)?, durability))
    }

    fn key(number: usize) -> Vec<u8> {
        format!("{:32}key{number:09}", "").into_bytes()
    }

    fn put_all(&self, keys: impl Iterator<Item = usize>) -> Outcome {
        let mut transaction = self.0.begin_write()?;
        transaction.set_durability(self.1)?;
        {
            let mut entries = transaction.open_table(ENTRIES)?;
            for number in keys {
                entries.insert(Self::key(number).as_slice(), value().as_slice())?;
            }
        }
        Ok(transaction.commit()?)
    }

    fn get(&self, number: usize) -> Outcome<Option<Vec<u8>>> {
        let entries = self.0.begin_read()?.open_table(ENTRIES)?;
        let found = entries.get(Self::key(number).as_slice())?;
        Ok(found.map(|value| value.value().to_owned()))
    }

    fn list(&self, start: usize, count: usize) -> Outcome<usize> {
        let entries = self.0.begin_read()?.open_table(ENTRIES)?;
        let keys: Result<Vec<_>, redb::StorageError> = entries
            .range(Self::key(start).as_slice()..)?
            .take(count)
            .map(|entry| Ok(entry?.0.value().to_owned()))
            .collect();
        Ok(keys?.len())
    }
}

struct Store(KvStore, RunId);

impl Store {
    fn open(path: &Path, durability: Durability) -> Outcome<Self> {
        let database = Options::default().durability(durability).open(path)?;
        let run = RunId::new();
        database.begin_run(&run)?;
        Ok(Self(KvStore::new(database.into()), run))
    }

    fn key(number: usize) -> String {
        format!("key{number:09}")
    }

    fn fill(&self, count: usize) -> Outcome {
        for start in (0..count).step_by(10_000) {
            self.0.transaction(&self.1, |txn| {
                for number in start..count.min(start + 10_000) {
                    txn.put(&Self::key(number), Value::Bytes(value()))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

fn single_calls(folder: &Path) -> Outcome {
    for (name, durability, theirs, writes) in [
        (
            "immediate",
            Durability::Immediate,
            redb::Durability::Immediate,
            300,
        ),
        (
            "deferred",
            Durability::Deferred,
            redb::Durability::None,
            100_000,
        ),
    ] {
        println!("\n{name}: calls per second, and the share of the engine's own");
        let engine = Engine::open(&folder.join(format!("{name}.redb")), theirs)?;
        let store = Store::open(&folder.join(format!("{name}.db")), durability)?;
        engine.put_all(0..HELD)?;
        store.fill(HELD)?;
        let Store(kv, run) = &store;
        let hour = Duration::from_secs(3600);
        let scattered = |number: usize| number * 7_919 % HELD;

        compare(
            "get",
            100_000,
            |number| engine.get(scattered(number)).map(drop),
            |number| Ok(kv.get(run, &Store::key(scattered(number))).map(drop)?),
        )?;
        compare(
            "put",
            writes,
            |number| engine.put_all([scattered(number)].into_iter()),
            |number| {
                let key = Store::key(scattered(number));
                Ok(kv.put(run, &key, Value::Bytes(value()))?)
            },
        )?;
        compare(
            "put with a ttl",
            writes,
            |number| engine.put_all([scattered(number)].into_iter()),
            |number| {
                let key = Store::key(scattered(number));
                Ok(kv.put_with_ttl(run, &key, Value::Bytes(value()), hour)?)
            },
        )?;
        compare(
            "transaction of 10",
            writes / 3,
            |number| engine.put_all((0..10).map(|step| scattered(number * 10 + step))),
            |number| {
                Ok(kv.transaction(run, |txn| {
                    for step in 0..10 {
                        let key = Store::key(scattered(number * 10 + step));
                        txn.put(&key, Value::Bytes(value()))?;
                    }
                    Ok(())
                })?)
            },
        )?;
        compare(
            "list of 100",
            5_000,
            |number| engine.list(scattered(number) / 100 * 100, 100).map(drop),
            |number| {
                let prefix = Store::key(scattered(number) / 100);
                let prefix = format!("key{}", &prefix[5..]);
                Ok(kv.list(run, Some(&prefix)).map(drop)?)
            },
        )?;
        compare(
            "list of 100,000",
            5,
            |_| engine.list(0, HELD).map(drop),
            |_| Ok(kv.list(run, None).map(drop)?),
        )?;
    }
    Ok(())
}

/// Calls both in turns and prints the best of each, and the median of their shares.
fn compare(
    name: &str,
    calls: usize,
    mut engine: impl FnMut(usize) -> Outcome,
    mut store: impl FnMut(usize) -> Outcome,
) -> Outcome {
    let mut shares = Vec::new();
    let (mut engine_best, mut store_best) = (f64::MAX, f64::MAX);
    for _ in 0..TURNS {
        let of_engine = timed(calls, &mut engine)?;
        let of_store = timed(calls, &mut store)?;
        shares.push(of_engine / of_store);
        engine_best = engine_best.min(of_engine);
        store_best = store_best.min(of_store);
    }
    shares.sort_by(f64::total_cmp);
    println!(
        "{name:20} engine {:>12.0}   store {:>12.0}   share {:.2} ({:.2} to {:.2})",
        1.0 / engine_best,
        1.0 / store_best,
        shares[TURNS / 2],
        shares[0],
        shares[TURNS - 1],
    );
    Ok(())
}

/// Seconds per call.
fn timed(calls: usize, call: &mut impl FnMut(usize) -> Outcome) -> Outcome<f64> {
    let began = Instant::now();
    for number in 0..calls {
        call(number)?;
    }
    Ok(began.elapsed().as_secs_f64() / calls as f64)
}

/// A list costs what it returns, however much the database holds.
fn lists(folder: &Path) -> Outcome {
    println!("\nlist of 100 by what the database holds");
    for held in [1_000, 10_000, 100_000, 1_000_000] {
        let store = Store::open(&folder.join(format!("{held}.db")), Durability::Deferred)?;
        store.fill(held)?;
        let Store(kv, run) = &store;
        let mut best = f64::MAX;
        for _ in 0..TURNS {
            best = best.min(timed(2_000, &mut |number| {
                let prefix = format!("key{:07}", number * 7_919 % (held / 100));
                let listed = kv.list(run, Some(&prefix))?.len();
                assert_eq!(listed, 100);
                Ok(())
            })?);
        }
        println!("{held:>10} entries   {:6.1} µs", best * 1e6);
    }
    Ok(())
}

/// A million entries expire while others read and write.
fn removal(folder: &Path) -> Outcome {
    println!("\na million entries expire: microseconds of calls, before, meanwhile and afterwards");
    let path = folder.join("removal.db");
    let database = Arc::new(Database::open(&path)?);
    let store = Store(KvStore::new(Arc::clone(&database)), RunId::new());
    let Store(kv, run) = &store;
    database.begin_run(run)?;
    store.fill(HELD)?;
    let clock = Instant::now();
    let ttl = Duration::from_secs(60);
    for start in (0..1_000_000).step_by(10_000) {
        let left = ttl.saturating_sub(clock.elapsed());
        kv.transaction(run, |txn| {
            for number in start..start + 10_000 {
                txn.put_with_ttl(&format!("short {number:09}"), Value::Bytes(value()), left)?;
            }
            Ok(())
        })?;
    }
    println!("  {:.0} s to write them", clock.elapsed().as_secs_f64());
    let usual = latencies(kv, run, |calls| calls < 40_000)?;
    thread::sleep(ttl.saturating_sub(clock.elapsed()));

    let began = Instant::now();
    let done = Arc::new(AtomicBool::new(false));
    let watch = {
        let (database, done) = (Arc::clone(&database), Arc::clone(&done));
        // The database does it by itself. This one waits until it is over.
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(1));
            let removed = database.remove_expired();
            done.store(true, Ordering::SeqCst);
            removed.map_err(|error| error.to_string())
        })
    };
    let meanwhile = latencies(kv, run, |_| !done.load(Ordering::SeqCst))?;
    watch.join().map_err(|_| "the removal panicked")??;
    println!("  {:.1} s to remove them", began.elapsed().as_secs_f64());
    // What is seldom is seen in as many calls alone.
    let afterwards = latencies(kv, run, |calls| calls < meanwhile.0.len())?;
    for (name, usual, meanwhile, afterwards) in [
        ("read", usual.0, meanwhile.0, afterwards.0),
        ("write", usual.1, meanwhile.1, afterwards.1),
    ] {
        let limit = at(&usual, 0.99) * 10;
        for (when, all) in [
            ("before", usual),
            ("meanwhile", meanwhile),
            ("afterwards", afterwards),
        ] {
            println!(
                "{name:6} {when:10} p99 {:7.1}, longest {:8.1}, {:4} of {:7} over ten usual p99",
                micros(at(&all, 0.99)),
                micros(at(&all, 1.0)),
                all.iter().filter(|took| **took > limit).count(),
                all.len(),
            );
        }
    }
    Ok(())
}

/// How long reads and writes take, as long as it goes on.
fn latencies(
    kv: &KvStore,
    run: &RunId,
    goes_on: impl Fn(usize) -> bool,
) -> Outcome<(Vec<Duration>, Vec<Duration>)> {
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    let mut number = 0;
    while goes_on(number) {
        number += 1;
        let key = Store::key(number * 7_919 % HELD);
        let began = Instant::now();
        kv.get(run, &key)?;
        reads.push(began.elapsed());
        let began = Instant::now();
        kv.put(run, &key, Value::Bytes(value()))?;
        writes.push(began.elapsed());
    }
    reads.sort();
    writes.sort();
    Ok((reads, writes))
}

fn at(sorted: &[Duration], share: f64) -> Duration {
    let place = (sorted.len() as f64 * share) as usize;
    sorted[place.min(sorted.len() - 1)]
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
