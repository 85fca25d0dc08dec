//! Faults that show when several callers are at work, or one gives up.

use std::{
    sync::atomic::Ordering,
    thread::{self, sleep},
    time::Duration,
};

use tck::{Bytes, cache, kv_store, namespaces};

use crate::{
    Mutant,
    clay::{exactly, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let second = [kv_store::second_handle_sees_the_same_data];
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
            "dropped_set_loses_the_value",
            "a `set` that is dropped has deleted the old value",
            &[kv_store::dropped_call_leaves_old_or_new_value],
        )
        .slow_set(|hand, key, value| {
            Box::pin(async move {
                hand.delete(&key)?;
                tokio::task::yield_now().await;
                hand.write(&key, value, None)
            })
        }),
        Mutant::new(
            "dropped_set_tears_the_value",
            "a `set` that is dropped late has written a part",
            &[kv_store::dropped_call_leaves_old_or_new_value],
        )
        .slow_set(|hand, key, value| {
            Box::pin(async move {
                for _ in 0..3 {
                    tokio::task::yield_now().await;
                }
                hand.write(&key, value.slice(..value.len() / 2), None)?;
                tokio::task::yield_now().await;
                hand.write(&key, value, None)
            })
        }),
        Mutant::new(
            "answers_are_mixed_up",
            "the answer of a dropped `get` is taken for that of the next",
            &[kv_store::dropped_call_leaves_old_or_new_value],
        )
        .slow_get(|hand, key| {
            Box::pin(async move {
                let answer = hand.get(&key)?;
                let number = hand.count().to_string();
                locked(&hand.memo).insert(format!("{number:0>9}"), answer.unwrap_or_default());
                tokio::task::yield_now().await;
                let mut queue = locked(&hand.memo);
                let first = queue.keys().min().cloned().unwrap_or_default();
                Ok(queue.remove(&first).filter(|value| !value.is_empty()))
            })
        }),
        Mutant::new(
            "dropped_call_keeps_the_lock",
            "a call that is dropped leaves the store locked",
            &[kv_store::dropped_call_leaves_old_or_new_value],
        )
        .patience(Duration::from_millis(300))
        .slow_set(|hand, key, value| {
            Box::pin(async move {
                while hand.server.count.swap(1, Ordering::SeqCst) == 1 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                tokio::task::yield_now().await;
                hand.write(&key, value, None)?;
                hand.server.count.store(0, Ordering::SeqCst);
                Ok(())
            })
        }),
        Mutant::new(
            "handle_caches_reads",
            "a handle answers what it has read before",
            &second,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).insert(key.to_owned(), value.clone());
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.memo).remove(key);
            hand.delete(key)
        })
        .get(|hand, key| match locked(&hand.memo).get(key) {
            Some(cached) => Ok(Some(cached.clone())),
            None => hand.get(key),
        }),
        Mutant::new(
            "handle_caches_misses",
            "a handle remembers that a key was missing",
            &second,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).remove(key);
            hand.write(key, value, ttl)
        })
        .get(|hand, key| {
            if locked(&hand.memo).contains_key(key) {
                return Ok(None);
            }
            let value = hand.get(key)?;
            if value.is_none() {
                locked(&hand.memo).insert(key.to_owned(), Bytes::new());
            }
            Ok(value)
        }),
        Mutant::new(
            "handle_writes_late",
            "a handle keeps its writes to itself",
            &[
                kv_store::second_handle_sees_the_same_data,
                namespaces::one_name_is_one_namespace,
            ],
        )
        .write(|hand, key, value, ttl| match hand.number {
            0 => hand.write(key, value, ttl),
            _ => {
                locked(&hand.memo).insert(key.to_owned(), value);
                Ok(())
            }
        })
        .get(|hand, key| match locked(&hand.memo).get(key) {
            Some(own) => Ok(Some(own.clone())),
            None => hand.get(key),
        })
        .has(|hand, key| Ok(locked(&hand.memo).contains_key(key) || hand.has(key)?)),
        Mutant::new(
            "open_empties_the_store",
            "opening a handle empties its namespace",
            &[
                kv_store::second_handle_sees_the_same_data,
                namespaces::one_name_is_one_namespace,
            ],
        )
        .open(|hand| {
            let space = exactly(&hand.namespace, "");
            hand.entries().retain(|place, _| !place.starts_with(&space));
        }),
        Mutant::new(
            "each_handle_is_a_store",
            "each handle has data of its own",
            &[
                kv_store::second_handle_sees_the_same_data,
                cache::ttl_is_shared_by_all_handles,
                namespaces::one_name_is_one_namespace,
            ],
        )
        .open(|hand| hand.namespace = format!("{}#{}", hand.namespace, hand.number)),
    ]
}

/// Long enough for other threads to come in between.
fn pause() {
    thread::yield_now();
    sleep(Duration::from_micros(50));
}
