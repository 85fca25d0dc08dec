//! Faults of a store that is opened again, in what comes after what, and beside what.

use std::{
    collections::BTreeMap,
    mem::take,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tck::{Bytes, atomic, cache, kv_store, listing, transaction};

use super::{
    key_races::pause,
    reopening::{change_own, is_own, keep_own, remember_own, replay},
};
use crate::{
    Mutant,
    clay::{Entry, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [data(), orders(), neighbours()].concat()
}

fn data() -> Vec<Mutant> {
    let reopened = [kv_store::reopened_store_holds_the_same_data];
    vec![
        Mutant::new(
            "a_thousand_keys_are_read_back",
            "of more than a thousand keys the rest is missing when the store is opened again",
            &reopened,
        )
        .shut(|hand| {
            let own = hand.entries().clone().into_keys();
            let kept: Vec<_> = own
                .filter(|place| is_own(hand, place))
                .take(1_000)
                .collect();
            keep_own(hand, |place, _| kept.iter().any(|kept| kept == place));
        }),
        Mutant::new(
            "values_of_half_a_mib_are_read_back",
            "values over half a MiB are missing when the store is opened again",
            &reopened,
        )
        .shut(|hand| keep_own(hand, |_, entry| entry.value.len() <= 512 << 10)),
        Mutant::new(
            "twins_are_one_file",
            "of two keys that differ in case one is there when the store is opened again",
            &reopened,
        )
        .shut(|hand| {
            let own = hand.entries().clone().into_keys();
            let own = own.filter(|place| is_own(hand, place));
            let last: BTreeMap<_, _> = own.map(|place| (place.to_lowercase(), place)).collect();
            keep_own(hand, |place, _| {
                last.get(&place.to_lowercase())
                    .is_some_and(|kept| kept == place)
            });
        }),
        Mutant::new(
            "deadlines_are_written_in_32_bits",
            "a deadline after the year 2106 is over when the store is opened again",
            &[cache::reopened_cache_keeps_deadlines],
        )
        .reopen(|hand| {
            let now = hand.now();
            let is_far = |end: &Instant| *end > now + Duration::from_secs(80 * 365 * 86_400);
            change_own(hand, |_, entry| {
                if entry.end.as_ref().is_some_and(is_far) {
                    entry.end = Some(now);
                }
            });
        }),
        Mutant::new(
            "deadlines_are_written_behind_a_blank",
            "what has a blank in its key has no end when the store is opened again",
            &[cache::reopened_cache_keeps_deadlines],
        )
        .reopen(|hand| {
            change_own(hand, |place, entry| {
                if place.contains(' ') {
                    entry.end = None;
                }
            });
        }),
    ]
}

/// What was written last is not what is read back last.
fn orders() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "log_has_an_order_of_its_own",
            "writes come to the log and to the table one after the other",
            &[kv_store::reopened_store_holds_the_same_data],
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).insert(hand.at(key), value.clone());
            pause();
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.server.memo).remove(&hand.at(key));
            hand.delete(key)
        })
        .reopen(replay),
        Mutant::new(
            "tenth_log_is_read_ahead_of_the_ninth",
            "of the values of the tenth opening and of those before, the older one is read back",
            &[kv_store::reopened_store_holds_the_same_data],
        )
        .reopen(remember_own)
        .shut(|hand| {
            let before = take(&mut *locked(&hand.memo));
            let openings = format!("openings of {}", hand.namespace);
            let count = {
                let mut memo = locked(&hand.server.memo);
                let count = memo.get(&openings).map_or(0, Bytes::len) + 1;
                memo.insert(openings, vec![0; count].into());
                count
            };
            if count < 10 {
                return;
            }
            change_own(hand, |place, entry| {
                if let Some(value) = before.get(place) {
                    entry.value = value.clone();
                }
            });
        }),
        Mutant::new(
            "commits_are_read_back_after_plain_writes",
            "what was committed is there when the store is opened again, whatever came after it",
            &[transaction::reopened_store_holds_what_was_committed],
        )
        .commit(|deal| {
            for (key, written) in &deal.writes {
                let place = deal.hand.at(key);
                let mut memo = locked(&deal.hand.server.memo);
                match written {
                    Some((value, _)) => memo.insert(place, value.clone()),
                    None => memo.remove(&place),
                };
            }
            deal.commit()
        })
        .reopen(replay),
        Mutant::new(
            "conditions_are_read_back_after_plain_writes",
            "what a condition wrote is there when the store is opened again, whatever came after it",
            &[atomic::reopened_store_holds_what_conditions_wrote],
        )
        .set_if_absent(|hand, key, value| {
            let is_set = hand.set_if_absent(key, value.clone())?;
            if is_set {
                locked(&hand.server.memo).insert(hand.at(key), value);
            }
            Ok(is_set)
        })
        .compare_and_set(|hand, key, expected, value| {
            let is_set = hand.compare_and_set(key, expected, value.clone())?;
            if is_set {
                locked(&hand.server.memo).insert(hand.at(key), value);
            }
            Ok(is_set)
        })
        .reopen(replay),
    ]
}

/// What other namespaces have to do with it.
fn neighbours() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "nothing_outlives_the_last_handle_of_all",
            "what a store holds goes with the last handle on any namespace",
            &[
                kv_store::reopened_store_holds_the_same_data,
                cache::reopened_cache_keeps_deadlines,
                listing::reopened_store_lists_the_same_keys,
                atomic::reopened_store_holds_what_conditions_wrote,
                transaction::reopened_store_holds_what_was_committed,
            ],
        )
        .open(|hand| {
            hand.count();
        })
        .close(|hand| {
            if hand.server.count.fetch_sub(1, Ordering::SeqCst) == 1 {
                hand.entries().clear();
            }
        }),
        Mutant::new(
            "closing_writes_all_as_it_was_when_opened",
            "who closes a namespace writes what others held when it was opened",
            &[kv_store::reopened_store_holds_the_same_data],
        )
        .reopen(|hand| {
            let others = hand.entries().clone().into_iter();
            let others = others.filter(|(place, _)| !is_own(hand, place));
            let others = others.map(|(place, entry)| (place, entry.value)).collect();
            *locked(&hand.memo) = others;
        })
        .shut(|hand| {
            let others = take(&mut *locked(&hand.memo));
            let mut entries = hand.entries();
            entries.retain(|place, _| is_own(hand, place));
            let written = hand.now();
            entries.extend(others.into_iter().map(|(place, value)| {
                let end = None;
                (
                    place,
                    Entry {
                        value,
                        written,
                        end,
                    },
                )
            }));
        }),
    ]
}
