//! Faults that show when several callers are at work on different keys.

use std::{sync::atomic::Ordering, thread::sleep, time::Duration};

use tck::{Error, kv_store, namespaces};

use super::key_races::{long_pause, pause};
use crate::{
    Mutant,
    clay::{exactly, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
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
        Mutant::new(
            "last_delete_takes_the_next_key_along",
            "a delete of the only key drops its table, with what has come in between",
            &kept,
        )
        .delete(|hand, key| {
            hand.delete(key)?;
            if hand.alive("").is_empty() {
                long_pause();
                let space = exactly(&hand.namespace, "");
                hand.entries().retain(|place, _| !place.starts_with(&space));
            }
            Ok(())
        }),
    ]
}
