//! Faults that show when several callers are at work on one key.

use std::{
    sync::atomic::Ordering,
    thread::{self, sleep},
    time::Duration,
};

use tck::{Bytes, Error, Result, kv_store};

use super::marks::{is_marked, mark};
use crate::{
    Mutant,
    clay::{Hand, hold_for, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let one = [kv_store::concurrent_writes_to_one_key_leave_one_of_them];
    vec![
        Mutant::new(
            "large_value_written_by_halves",
            "a large value is there by half before it is whole",
            &[kv_store::concurrent_writes_to_one_key_leave_one_of_them],
        )
        .set(|hand, key, value, ttl| {
            if value.len() > 4_096 {
                let half = value.slice(..value.len() / 2);
                hand.write(key, half, ttl)?;
                pause();
            }
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "overwrite_leaves_a_gap",
            "an overwrite first deletes, then writes",
            &[kv_store::concurrent_writes_to_one_key_leave_one_of_them],
        )
        .write(|hand, key, value, ttl| {
            hand.delete(key)?;
            pause();
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "overwrite_by_halves",
            "an overwrite writes one half after the other",
            &[kv_store::concurrent_writes_to_one_key_leave_one_of_them],
        )
        .write(|hand, key, value, ttl| {
            if let Some(old) = hand.get(key)?
                && old.len() == value.len()
            {
                let half = value.len() / 2;
                let torn = [&value[..half], &old[half..]].concat();
                hand.write(key, Bytes::from(torn), ttl)?;
                pause();
            }
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "replicas_answer_in_turn",
            "a write reaches one replica after the other, and reads ask them in turn",
            &one,
        )
        .write(|hand, key, value, ttl| {
            let _alone = locked(&hand.memo);
            hand.write(key, value.clone(), ttl)?;
            long_pause();
            locked(&hand.server.memo).insert(hand.at(key), value);
            Ok(())
        })
        .get(|hand, key| {
            let held = hand.get(key)?;
            if hand.server.count.fetch_add(1, Ordering::SeqCst) % 2 == 0 {
                return Ok(held);
            }
            let second = locked(&hand.server.memo).get(&hand.at(key)).cloned();
            Ok(held.and(second))
        }),
        Mutant::new(
            "has_sees_the_gap",
            "`has` answers false while a key is overwritten",
            &one,
        )
        .write(|hand, key, value, ttl| {
            mark(hand, key);
            pause();
            hand.write(key, value, ttl)?;
            locked(&hand.server.memo).remove(&hand.at(key));
            Ok(())
        })
        .has(|hand, key| Ok(hand.has(key)? && !is_marked(hand, key))),
        Mutant::new(
            "racing_inserts_clash",
            "of two writers that create a key at a time, one gets a violated constraint",
            &one,
        )
        .write(|hand, key, value, ttl| {
            long_pause();
            if hand.entry(key).is_none() {
                long_pause();
                if hand.entry(key).is_some() {
                    return Err(Error::conflict("UNIQUE constraint failed"));
                }
            }
            hand.write(key, value, ttl)
        })
        .delete(delete_slowly),
        Mutant::new(
            "racing_deletes_clash",
            "of two callers that delete a key at a time, one gets an error",
            &one,
        )
        .write(write_slowly)
        .delete(|hand, key| {
            long_pause();
            if hand.entry(key).is_some() {
                long_pause();
                if hand.entries().remove(&hand.at(key)).is_none() {
                    return Err(Error::backend("no such file"));
                }
            }
            Ok(())
        }),
        Mutant::new(
            "read_races_delete",
            "a read of a key that is being deleted answers an error",
            &one,
        )
        .get(|hand, key| {
            if hand.get(key)?.is_none() {
                return Ok(None);
            }
            long_pause();
            hand.get(key)?
                .map(Some)
                .ok_or_else(|| Error::backend("no such file"))
        })
        .write(write_slowly)
        .delete(delete_slowly),
        Mutant::new(
            "lost_race_restores_the_old_value",
            "of two that write a key at a time, one puts back what it has found",
            &one,
        )
        .write(|hand, key, value, ttl| {
            let found = hand.get(key)?;
            long_pause();
            let current = hand.get(key)?;
            hand.write(key, value, ttl)?;
            if let Some(found) = found.filter(|found| current.as_ref() != Some(found)) {
                long_pause();
                hand.write(key, found, ttl)?;
            }
            Ok(())
        }),
        Mutant::new(
            "copy_outlives_the_write",
            "a read keeps a copy for the next one, also if a write has come in between",
            &[kv_store::reading_leaves_no_old_value_behind],
        )
        .get(|hand, key| {
            let place = hand.at(key);
            if let Some(copy) = locked(&hand.server.memo).get(&place) {
                return Ok(Some(copy.clone()));
            }
            let value = hand.get(key)?;
            pause();
            if let Some(value) = &value {
                locked(&hand.server.memo).insert(place, value.clone());
            }
            Ok(value)
        })
        .write(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            locked(&hand.server.memo).remove(&hand.at(key));
            Ok(())
        })
        .delete(|hand, key| {
            hand.delete(key)?;
            locked(&hand.server.memo).remove(&hand.at(key));
            Ok(())
        }),
    ]
}

/// Writes, without a fault, so that there is something to race with.
fn write_slowly(hand: &Hand, key: &str, value: Bytes, ttl: Option<Duration>) -> Result<()> {
    long_pause();
    hand.write(key, value, ttl)
}

/// Deletes, without a fault, so that there is something to race with.
fn delete_slowly(hand: &Hand, key: &str) -> Result<()> {
    long_pause();
    hand.delete(key)
}

/// Long enough for other threads to come in between.
pub(super) fn pause() {
    thread::yield_now();
    sleep(Duration::from_micros(50));
}

/// Long enough for that on a busy machine as well.
pub(super) fn long_pause() {
    sleep(Duration::from_millis(5));
}

/// Long enough for another to do this, or for nobody to.
pub(super) fn pause_until(has_happened: impl Fn() -> bool) {
    hold_for(Duration::from_millis(100), has_happened);
}
