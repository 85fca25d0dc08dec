//! Faults that show when several callers are at work.

use std::{
    sync::atomic::Ordering,
    thread::{self, sleep},
    time::Duration,
};

use tck::{Bytes, Error, Result, cache, kv_store, namespaces};

use crate::{
    Mutant,
    clay::{Entry, Hand, exactly, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [many_keys(), one_key(), expiring()].concat()
}

/// Callers of different keys that get in each other's way.
fn many_keys() -> Vec<Mutant> {
    let kept = [kv_store::concurrent_writes_to_different_keys_are_all_kept];
    vec![
        Mutant::new(
            "state_written_as_a_whole",
            "a write replaces the whole state by the one that it has read",
            &[kv_store::concurrent_writes_to_different_keys_are_all_kept],
        )
        .write(|hand, key, value, ttl| {
            let mut state = hand.entries().clone();
            pause();
            hand.write(key, value, ttl)?;
            let entry = hand.entry(key);
            state.extend(entry.map(|entry| (hand.at(key), entry)));
            *hand.entries() = state;
            Ok(())
        }),
        Mutant::new(
            "pool_of_16_refuses_the_next",
            "a write fails when 16 others are under way",
            &kept,
        )
        .write(|hand, key, value, ttl| {
            let others = hand.count();
            sleep(Duration::from_millis(5));
            let done = match others {
                0..16 => hand.write(key, value, ttl),
                _ => Err(Error::unavailable("no connection is left in the pool")),
            };
            hand.server.count.fetch_sub(1, Ordering::SeqCst);
            done
        }),
        Mutant::new(
            "reads_miss_while_the_table_grows",
            "a read that meets the insertion of a key finds nothing",
            &[kv_store::many_keys_are_all_kept],
        )
        .set(|hand, key, value, ttl| {
            let grows = usize::from(hand.entry(key).is_none());
            hand.server.count.fetch_add(grows, Ordering::SeqCst);
            pause();
            hand.write(key, value, ttl)?;
            hand.server.count.fetch_sub(grows, Ordering::SeqCst);
            Ok(())
        })
        .get(|hand, key| match hand.server.count.load(Ordering::SeqCst) {
            0 => hand.get(key),
            _ => Ok(None),
        }),
        Mutant::new(
            "shrinking_loses_a_key",
            "a delete takes the last key along when three quarters of all that there were are gone",
            &kept,
        )
        .delete(|hand, key| {
            let there = hand.alive("").len();
            let most = hand.server.count.fetch_max(there, Ordering::SeqCst);
            hand.delete(key)?;
            let keys = hand.alive("");
            match keys.last() {
                Some(last) if keys.len() * 4 < most => hand.delete(last),
                _ => Ok(()),
            }
        }),
        Mutant::new(
            "delete_writes_the_whole_state",
            "a delete replaces the whole state by the one that it has read",
            &[kv_store::concurrent_writes_to_different_keys_are_all_kept],
        )
        .delete(|hand, key| {
            let mut state = hand.entries().clone();
            pause();
            state.remove(&hand.at(key));
            *hand.entries() = state;
            Ok(())
        }),
        Mutant::new(
            "busy_store_fails",
            "a write fails while another is under way",
            &[kv_store::concurrent_writes_to_different_keys_are_all_kept],
        )
        .write(|hand, key, value, ttl| {
            let busy = hand.server.count.fetch_add(1, Ordering::SeqCst) > 0;
            pause();
            hand.server.count.fetch_sub(1, Ordering::SeqCst);
            match busy {
                true => Err(tck::Error::unavailable("database is locked")),
                false => hand.write(key, value, ttl),
            }
        }),
        Mutant::new(
            "table_created_twice",
            "of two first writes at a time, both create the table and one fails",
            &kept,
        )
        .write(|hand, key, value, ttl| {
            if hand.entries().is_empty() {
                sleep(Duration::from_millis(50));
                if !hand.entries().is_empty() {
                    return Err(Error::backend("table already exists"));
                }
            }
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "writes_share_a_buffer",
            "a value passes through a buffer that other writes use as well",
            &[kv_store::concurrent_writes_to_different_keys_are_all_kept],
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).insert(String::new(), value);
            pause();
            let value = locked(&hand.server.memo)
                .get("")
                .cloned()
                .unwrap_or_default();
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "reads_share_a_buffer",
            "an answer passes through a buffer that other reads use as well",
            &kept,
        )
        .get(|hand, key| {
            let Some(value) = hand.get(key)? else {
                return Ok(None);
            };
            locked(&hand.server.memo).insert(String::new(), value);
            pause();
            Ok(locked(&hand.server.memo).get("").cloned())
        }),
        Mutant::new(
            "has_shares_a_flag",
            "the answer of `has` passes through a flag that other calls use as well",
            &kept,
        )
        .has(|hand, key| {
            let there = hand.has(key)?;
            hand.server
                .count
                .store(usize::from(there), Ordering::SeqCst);
            pause();
            Ok(hand.server.count.load(Ordering::SeqCst) == 1)
        }),
        Mutant::new(
            "namespace_selected_per_connection",
            "handles share a connection, on which they select their namespace and then write",
            &[namespaces::concurrent_calls_stay_each_in_its_namespace],
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).insert(String::new(), hand.namespace.clone().into());
            pause();
            let selected = locked(&hand.server.memo)
                .get("")
                .cloned()
                .unwrap_or_default();
            let place = exactly(&String::from_utf8_lossy(&selected), key);
            hand.write(key, value, ttl)?;
            let mut entries = hand.entries();
            if let Some(entry) = entries.remove(&hand.at(key)) {
                entries.insert(place, entry);
            }
            Ok(())
        }),
    ]
}

/// Callers of the same key that see or undo what others do half-way.
fn one_key() -> Vec<Mutant> {
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
            "has_sees_the_gap",
            "`has` answers false while a key is overwritten",
            &one,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).insert(hand.at(key), Bytes::new());
            pause();
            hand.write(key, value, ttl)?;
            locked(&hand.server.memo).remove(&hand.at(key));
            Ok(())
        })
        .has(|hand, key| {
            Ok(hand.has(key)? && !locked(&hand.server.memo).contains_key(&hand.at(key)))
        }),
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

/// Callers of entries that expire.
fn expiring() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "deadline_follows_the_value",
            "`set_with_ttl` sets the value, then the deadline of whatever is there",
            &[cache::racing_writes_keep_value_and_deadline_together],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            if ttl == Some(Duration::ZERO) {
                return hand.write(key, value, ttl);
            }
            hand.write(key, value, None)?;
            pause();
            let end = ttl.and_then(|ttl| hand.now().checked_add(ttl));
            if let Some(entry) = hand.entry(key) {
                hand.put(key, Entry { end, ..entry });
            }
            Ok(())
        }),
        Mutant::new(
            "deadlines_share_a_field",
            "a time to live passes through a field that other writes use as well",
            &[cache::many_entries_with_a_ttl_are_kept_and_expire],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let field = &hand.server.count;
            match usize::try_from(ttl.unwrap_or_default().as_nanos()) {
                Ok(nanos) => {
                    field.store(nanos, Ordering::SeqCst);
                    pause();
                    let nanos = field.load(Ordering::SeqCst) as u64;
                    hand.write(key, value, Some(Duration::from_nanos(nanos)))
                }
                Err(_) => hand.write(key, value, ttl),
            }
        }),
        Mutant::new(
            "clean_up_races_write",
            "a read that finds an expired entry removes what is there a moment later",
            &[cache::reading_an_expired_key_spares_the_next_value],
        )
        .get(|hand, key| match hand.entry(key) {
            Some(entry) if !hand.is_alive(&entry) => {
                pause();
                hand.delete(key)?;
                Ok(None)
            }
            entry => Ok(entry.map(|entry| entry.value)),
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
fn pause() {
    thread::yield_now();
    sleep(Duration::from_micros(50));
}

/// Long enough for that on a busy machine as well.
fn long_pause() {
    sleep(Duration::from_millis(5));
}
