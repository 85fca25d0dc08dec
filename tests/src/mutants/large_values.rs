//! Faults of stores that keep large values elsewhere than small ones.

use std::time::Duration;

use tck::{cache, kv_store, namespaces};
use tokio::task::yield_now;

use super::key_races::long_pause;
use crate::{
    Mutant,
    clay::{Entry, Hand, locked},
};

/// What such stores take for large.
const LARGE: usize = 64 << 10;

pub(super) fn mutants() -> Vec<Mutant> {
    [kept(), shared(), leased()].concat()
}

fn kept() -> Vec<Mutant> {
    let whole = [kv_store::large_values_are_kept_whole];
    let dropped = [kv_store::dropped_call_leaves_old_or_new_value];
    vec![
        Mutant::new(
            "large_values_are_not_deleted",
            "a delete of a value over 64 KiB does nothing",
            &whole,
        )
        .delete(|hand, key| match is_large(hand, key) {
            true => Ok(()),
            false => hand.delete(key),
        }),
        Mutant::new(
            "delete_uncovers_the_large_value",
            "a delete of a small value that has replaced a large one brings that back",
            &whole,
        )
        .write(|hand, key, value, ttl| {
            if let Some(old) = hand.entry(key).filter(|old| old.value.len() > LARGE) {
                locked(&hand.server.memo).insert(hand.at(key), old.value);
            }
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            let is_small = !is_large(hand, key);
            hand.delete(key)?;
            let large = locked(&hand.server.memo).remove(&hand.at(key));
            match large.filter(|_| is_small) {
                Some(large) => hand.write(key, large, None),
                None => Ok(()),
            }
        }),
        Mutant::new(
            "pieces_are_deleted_by_their_beginning",
            "a delete of a large value deletes all keys that begin with its own and a colon",
            &whole,
        )
        .delete(|hand, key| {
            let pieces = is_large(hand, key).then(|| hand.alive(&format!("{key}:")));
            for piece in pieces.into_iter().flatten() {
                hand.delete(&piece)?;
            }
            hand.delete(key)
        }),
        Mutant::new(
            "full_frame_loses_its_end",
            "a value that fills a page together with its header of 12 bytes loses the last byte",
            &whole,
        )
        .get(|hand, key| {
            Ok(hand
                .get(key)?
                .map(|value| match (value.len() + 12) % 4_096 {
                    0 => value.slice(..value.len() - 1),
                    _ => value,
                }))
        }),
        Mutant::new(
            "dropped_delete_leaves_half_of_a_large_value",
            "a delete of a large value that is dropped has deleted a part of it",
            &dropped,
        )
        .slow_delete(|hand, key| {
            Box::pin(async move {
                if is_large(&hand, &key) {
                    let half = hand.get(&key)?.map(|value| value.slice(..value.len() / 2));
                    hand.write(&key, half.unwrap_or_default(), None)?;
                    yield_now().await;
                }
                hand.delete(&key)
            })
        }),
        Mutant::new(
            "dropped_get_leaves_a_large_answer",
            "the answer of a dropped `get` of a large value is taken for that of the next",
            &dropped,
        )
        .slow_get(|hand, key| {
            Box::pin(async move {
                let left = locked(&hand.memo).remove("left");
                if left.is_some() {
                    return Ok(left);
                }
                let answer = hand.get(&key)?;
                if let Some(large) = answer.clone().filter(|value| value.len() > LARGE) {
                    locked(&hand.memo).insert("left".to_owned(), large);
                    yield_now().await;
                    locked(&hand.memo).remove("left");
                }
                Ok(answer)
            })
        }),
    ]
}

fn shared() -> Vec<Mutant> {
    let different = [kv_store::concurrent_writes_to_different_keys_are_all_kept];
    vec![
        Mutant::new(
            "large_values_pass_through_one_file",
            "large values pass through a file that other writes use as well",
            &different,
        )
        .write(|hand, key, value, ttl| {
            if value.len() <= LARGE {
                return hand.write(key, value, ttl);
            }
            locked(&hand.server.memo).insert("upload".to_owned(), value);
            long_pause();
            let uploaded = locked(&hand.server.memo).get("upload").cloned();
            hand.write(key, uploaded.unwrap_or_default(), ttl)
        }),
        Mutant::new(
            "large_values_are_written_by_halves",
            "values over 64 KiB are written in two steps",
            &[kv_store::concurrent_writes_to_one_key_leave_one_of_them],
        )
        .write(|hand, key, value, ttl| {
            if value.len() > LARGE {
                hand.write(key, value.slice(..value.len() / 2), ttl)?;
                long_pause();
            }
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "large_values_without_a_namespace",
            "values over 64 KiB are kept under the key alone",
            &[namespaces::same_key_in_two_namespaces_holds_two_values],
        )
        .write(|hand, key, value, ttl| {
            if value.len() > LARGE {
                locked(&hand.server.memo).insert(key.to_owned(), value.clone());
            }
            hand.write(key, value, ttl)
        })
        .get(|hand, key| {
            let large = locked(&hand.server.memo).get(key).cloned();
            let got = hand.get(key)?;
            Ok(got.map(|value| match large {
                Some(large) if value.len() > LARGE => large,
                _ => value,
            }))
        }),
        Mutant::new(
            "handle_keeps_copies_of_large_values",
            "a handle keeps copies of the large values that it has read until it writes them",
            &[kv_store::second_handle_sees_the_same_data],
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).remove(key);
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.memo).remove(key);
            hand.delete(key)
        })
        .get(|hand, key| {
            let kept = locked(&hand.memo).get(key).cloned();
            if kept.is_some() {
                return Ok(kept);
            }
            let got = hand.get(key)?;
            if let Some(large) = got.clone().filter(|value| value.len() > LARGE) {
                locked(&hand.memo).insert(key.to_owned(), large);
            }
            Ok(got)
        }),
    ]
}

fn leased() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "large_leases_end_early",
            "values over 64 KiB live for half of their time",
            &[cache::key_is_alive_until_late_in_its_life],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let ttl = ttl.map(|ttl| if value.len() > LARGE { ttl / 2 } else { ttl });
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "large_values_keep_their_deadline",
            "a plain set of a value over 64 KiB leaves the deadline as it is",
            &[cache::plain_set_clears_the_ttl],
        )
        .set(|hand, key, value, ttl| {
            let end = hand.entry(key).and_then(|old| old.end);
            let is_large = value.len() > LARGE;
            hand.write(key, value, ttl)?;
            if let Some(entry) = hand.entry(key).filter(|_| is_large) {
                hand.put(key, Entry { end, ..entry });
            }
            Ok(())
        }),
        Mutant::new(
            "large_values_go_after_a_day",
            "plain values over 64 KiB are gone after a day",
            &[cache::plain_set_clears_the_ttl],
        )
        .set(|hand, key, value, ttl| {
            let day = (value.len() > LARGE).then_some(Duration::from_secs(86_400));
            hand.write(key, value, ttl.or(day))
        }),
        Mutant::new(
            "renewed_large_values_go_after_a_day",
            "plain values over 16 KiB are gone after a day where another has expired",
            &[cache::overwriting_an_expired_key_stores_anew],
        )
        .set(|hand, key, value, ttl| {
            let expired = hand.entry(key).is_some_and(|old| !hand.is_alive(&old));
            let day = Duration::from_secs(86_400);
            let day = (expired && value.len() > 16 << 10).then_some(day);
            hand.write(key, value, ttl.or(day))
        }),
    ]
}

fn is_large(hand: &Hand, key: &str) -> bool {
    hand.entry(key).is_some_and(|old| old.value.len() > LARGE)
}
