//! Faults that show when a caller gives up half-way.

use std::{sync::atomic::Ordering, time::Duration};

use tck::{Bytes, Result, atomic, cache, kv_store, listing};

use super::marks::{is_marked, mark, unmark};
use crate::{
    Mutant,
    clay::{Hand, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [plain(), with_ttl(), conditional(), listed()].concat()
}

fn plain() -> Vec<Mutant> {
    let dropped = [kv_store::dropped_call_leaves_old_or_new_value];
    vec![
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
            "dropped_insert_is_empty",
            "a `set` of a new key that is dropped leaves it empty",
            &dropped,
        )
        .slow_set(|hand, key, value| {
            Box::pin(async move {
                if hand.entry(&key).is_none() {
                    hand.write(&key, Bytes::new(), None)?;
                    tokio::task::yield_now().await;
                }
                hand.write(&key, value, None)
            })
        }),
        Mutant::new(
            "dropped_delete_by_halves",
            "a `delete` that is dropped has removed the key from the index of `has` alone",
            &dropped,
        )
        .slow_delete(|hand, key| {
            Box::pin(async move {
                mark(&hand, &key);
                tokio::task::yield_now().await;
                hand.delete(&key)?;
                unmark(&hand, &key);
                Ok(())
            })
        })
        .has(|hand, key| Ok(hand.has(key)? && !is_marked(hand, key))),
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
    ]
}

fn with_ttl() -> Vec<Mutant> {
    let whole = [cache::dropped_write_with_a_ttl_is_whole];
    vec![
        Mutant::new(
            "dropped_set_with_ttl_is_forever",
            "a `set_with_ttl` that is dropped has set the value without its deadline",
            &whole,
        )
        .slow_set_with_ttl(|hand, key, value, ttl| {
            Box::pin(async move {
                if !ttl.is_zero() {
                    hand.write(&key, value.clone(), None)?;
                    tokio::task::yield_now().await;
                }
                hand.write(&key, value, Some(ttl))
            })
        }),
        Mutant::new(
            "dropped_set_with_ttl_loses_the_value",
            "a `set_with_ttl` that is dropped has deleted the old value",
            &whole,
        )
        .slow_set_with_ttl(|hand, key, value, ttl| {
            Box::pin(async move {
                hand.delete(&key)?;
                tokio::task::yield_now().await;
                hand.write(&key, value, Some(ttl))
            })
        }),
        Mutant::new(
            "dropped_delete_of_a_lease_is_forever",
            "a `delete` that is dropped has cleared the deadline of what it leaves",
            &whole,
        )
        .slow_delete(|hand, key| {
            Box::pin(async move {
                clear_deadline(&hand, &key)?;
                tokio::task::yield_now().await;
                hand.delete(&key)
            })
        }),
        Mutant::new(
            "dropped_set_over_a_lease_is_forever",
            "a `set` that is dropped has cleared the deadline of the value that stays",
            &whole,
        )
        .slow_set(|hand, key, value| {
            Box::pin(async move {
                clear_deadline(&hand, &key)?;
                tokio::task::yield_now().await;
                hand.write(&key, value, None)
            })
        }),
    ]
}

fn clear_deadline(hand: &Hand, key: &str) -> Result<()> {
    match hand.get(key)? {
        Some(value) => hand.write(key, value, None),
        None => Ok(()),
    }
}

fn conditional() -> Vec<Mutant> {
    let old_or_new = [atomic::dropped_call_leaves_old_or_new_value];
    vec![
        Mutant::new(
            "dropped_compare_and_set_loses_the_value",
            "a `compare_and_set` that is dropped has deleted the old value",
            &old_or_new,
        )
        .slow_compare_and_set(|hand, key, expected, value| {
            Box::pin(async move {
                if hand.get(&key)? != Some(expected) {
                    return Ok(false);
                }
                hand.delete(&key)?;
                tokio::task::yield_now().await;
                hand.write(&key, value, None).map(|()| true)
            })
        }),
        Mutant::new(
            "dropped_set_if_absent_is_empty",
            "a `set_if_absent` that is dropped has reserved the key by an empty value",
            &old_or_new,
        )
        .slow_set_if_absent(|hand, key, value| {
            Box::pin(async move {
                let reserved = hand.set_if_absent(&key, Bytes::new())?;
                tokio::task::yield_now().await;
                if reserved {
                    hand.write(&key, value, None)?;
                }
                Ok(reserved)
            })
        }),
        Mutant::new(
            "dropped_set_if_absent_keeps_the_lock",
            "after a `set_if_absent` that was dropped others answer false, whatever is there",
            &old_or_new,
        )
        .slow_set_if_absent(|hand, key, value| {
            Box::pin(async move {
                let lock = hand.at(&key);
                if locked(&hand.server.memo)
                    .insert(lock.clone(), Bytes::new())
                    .is_some()
                {
                    return Ok(false);
                }
                tokio::task::yield_now().await;
                let stored = hand.set_if_absent(&key, value);
                locked(&hand.server.memo).remove(&lock);
                stored
            })
        }),
        Mutant::new(
            "dropped_compare_and_set_keeps_the_lock",
            "after a `compare_and_set` that was dropped others answer false, whatever is there",
            &old_or_new,
        )
        .slow_compare_and_set(|hand, key, expected, value| {
            Box::pin(async move {
                let lock = hand.at(&key);
                if locked(&hand.server.memo)
                    .insert(lock.clone(), Bytes::new())
                    .is_some()
                {
                    return Ok(false);
                }
                tokio::task::yield_now().await;
                let is_expected = hand.get(&key)? == Some(expected);
                if is_expected {
                    hand.write(&key, value, None)?;
                }
                locked(&hand.server.memo).remove(&lock);
                Ok(is_expected)
            })
        }),
    ]
}

fn listed() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "dropped_listing_keeps_the_lock",
            "a listing that is dropped leaves the next to wait",
            &[listing::dropped_listing_leaves_no_lock],
        )
        .patience(Duration::from_millis(300))
        .slow_list(|hand, prefix, after, limit| {
            Box::pin(async move {
                while hand.server.count.swap(1, Ordering::SeqCst) == 1 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                tokio::task::yield_now().await;
                let listed = hand.list(&prefix, after.as_deref(), limit);
                hand.server.count.store(0, Ordering::SeqCst);
                listed
            })
        }),
    ]
}
