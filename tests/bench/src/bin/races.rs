//! How often a check catches a race that nothing slows down, run after run.
//!
//! `cargo run --release -p omni-tck-bench --bin races`
//!
//! The mutants of the kit pause where they are wrong, so that each run of a test catches them.
//! These faults do not: their windows are as short as they would be in a real store.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use omni_kv_memory::MemoryStore;
use tck::{
    Atomic, Bytes, Cache, Clause, KeyValueStore, Profile, Result, Status, Suite, Time, atomic,
    cache, capability, factory, kv_store,
};
use tck_api::async_trait;

const RUNS: usize = 40;

#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    OverwriteLeavesAGap,
    OverwriteByHalves,
    DeadlineFollowsTheValue,
    ReadRemovesWhatItFindsExpired,
    AbsenceIsLookedAtBefore,
    ValueIsComparedBefore,
}

use Fault::{
    AbsenceIsLookedAtBefore, DeadlineFollowsTheValue, OverwriteByHalves, OverwriteLeavesAGap,
    ReadRemovesWhatItFindsExpired, ValueIsComparedBefore,
};

fn main() {
    println!("caught in so many of {RUNS} runs");
    for (fault, clauses) in [
        (
            OverwriteLeavesAGap,
            &[kv_store::concurrent_writes_to_one_key_leave_one_of_them] as &[&'static Clause],
        ),
        (
            OverwriteByHalves,
            &[kv_store::concurrent_writes_to_one_key_leave_one_of_them],
        ),
        (
            DeadlineFollowsTheValue,
            &[cache::racing_writes_keep_value_and_deadline_together],
        ),
        (
            ReadRemovesWhatItFindsExpired,
            &[cache::reading_an_expired_key_spares_the_next_value],
        ),
        (
            AbsenceIsLookedAtBefore,
            &[
                atomic::one_of_many_sets_an_absent_key,
                atomic::plain_write_is_not_lost_to_a_condition,
            ],
        ),
        (
            ValueIsComparedBefore,
            &[
                atomic::one_of_many_replaces_a_value,
                atomic::no_update_is_lost,
                atomic::deleted_key_is_not_brought_back,
                atomic::plain_write_is_not_lost_to_a_condition,
            ],
        ),
    ] {
        println!("{fault:?}");
        for clause in clauses {
            let (caught, alarms) = (runs(fault, clause), runs(Fault::None, clause));
            println!("  {:<60} {caught:>2}", clause.id);
            assert_eq!(alarms, 0, "runs of a store without the fault are caught");
        }
    }
}

/// How many runs of the clause end with a violation.
fn runs(fault: Fault, clause: &'static Clause) -> usize {
    let open = move || async move { Racer::new(fault) };
    let time = Time::Wall {
        resolution: Duration::from_millis(5),
    };
    let profile = Profile::default().time(time).cache(true).atomic(true);
    let suite = match clause.contract {
        "kv_store" => Suite::new(
            &kv_store::CONTRACT,
            factory::<capability::Store, _, _, _>(open),
            profile,
        ),
        "cache" => Suite::new(
            &cache::CONTRACT,
            factory::<capability::Cache, _, _, _>(open),
            profile,
        ),
        _ => Suite::new(
            &atomic::CONTRACT,
            factory::<(capability::Atomic, capability::Cache), _, _, _>(open),
            profile,
        ),
    };
    (0..RUNS)
        .filter(|_| matches!(suite.check(clause).status, Status::Violation { .. }))
        .count()
}

/// A store with one fault.
#[derive(Clone)]
struct Racer {
    fault: Fault,
    values: MemoryStore,
    tails: MemoryStore,
    ends: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Racer {
    fn new(fault: Fault) -> Self {
        Self {
            fault,
            values: MemoryStore::new(),
            tails: MemoryStore::new(),
            ends: Arc::default(),
        }
    }

    fn ends(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl KeyValueStore for Racer {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let value = self.values.get(key).await?;
        match self.fault {
            OverwriteByHalves => {
                let tail = self.tails.get(key).await?;
                let whole = value.zip(tail);
                Ok(whole.map(|(head, tail)| [head, tail].concat().into()))
            }
            DeadlineFollowsTheValue => {
                let end = self.ends().get(key).copied();
                Ok(value.filter(|_| end.is_none_or(|end| Instant::now() < end)))
            }
            ReadRemovesWhatItFindsExpired if value.is_none() => {
                self.values.delete(key).await?;
                Ok(None)
            }
            _ => Ok(value),
        }
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        match self.fault {
            OverwriteLeavesAGap => self.values.delete(key).await?,
            OverwriteByHalves => {
                let half = value.len() / 2;
                self.values.set(key, value.slice(..half)).await?;
                return self.tails.set(key, value.slice(half..)).await;
            }
            DeadlineFollowsTheValue => {
                self.values.set(key, value).await?;
                self.ends().remove(key);
                return Ok(());
            }
            _ => {}
        }
        self.values.set(key, value).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.values.delete(key).await
    }
}

#[async_trait]
impl Cache for Racer {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        if let DeadlineFollowsTheValue = self.fault {
            self.values.set(key, value).await?;
            self.ends().insert(key.to_owned(), Instant::now() + ttl);
            return Ok(());
        }
        self.values.set_with_ttl(key, value, ttl).await
    }
}

#[async_trait]
impl Atomic for Racer {
    async fn set_if_absent(&self, key: &str, value: Bytes) -> Result<bool> {
        if let AbsenceIsLookedAtBefore = self.fault {
            let is_absent = !self.values.has(key).await?;
            if is_absent {
                self.values.set(key, value).await?;
            }
            return Ok(is_absent);
        }
        self.values.set_if_absent(key, value).await
    }

    async fn compare_and_set(&self, key: &str, expected: &[u8], value: Bytes) -> Result<bool> {
        if let ValueIsComparedBefore = self.fault {
            let is_expected = self
                .values
                .get(key)
                .await?
                .is_some_and(|held| held == expected);
            if is_expected {
                self.values.set(key, value).await?;
            }
            return Ok(is_expected);
        }
        self.values.compare_and_set(key, expected, value).await
    }
}
