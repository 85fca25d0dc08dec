//! Faults of writes on a condition with times to live.

use std::{sync::atomic::Ordering, time::Instant};

use tck::{Bytes, atomic};

use super::marks::{is_marked, mark};
use crate::{
    Mutant,
    clay::{Entry, Hand, hold_until, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let absent = atomic::expired_value_is_absent;
    let keeps = atomic::write_that_does_not_happen_keeps_the_ttl;
    let never = atomic::write_that_happens_never_expires;
    vec![
        Mutant::new(
            "expired_lock_goes_to_two",
            "`set_if_absent` on an expired key removes it and writes in two steps",
            &[absent],
        )
        .set_if_absent(|hand, key, value| match hand.entry(key) {
            Some(entry) if !hand.is_alive(&entry) => {
                let here = hand.count() + 1;
                hold_until(|| hand.server.count.load(Ordering::SeqCst) > here);
                hand.write(key, value, None)?;
                Ok(true)
            }
            _ => hand.set_if_absent(key, value),
        }),
        Mutant::new(
            "leases_keep_the_version",
            "`compare_and_set` goes by a version that a write with a time to live does not raise",
            &[absent],
        )
        .set(|hand, key, value, ttl| {
            locked(&hand.server.memo).insert(hand.at(key), value.clone());
            hand.write(key, value, ttl)
        })
        .compare_and_set(|hand, key, expected, value| {
            let plain = locked(&hand.server.memo).remove(&hand.at(key));
            hand.write_if(key, value, |held| {
                held.is_some_and(|held| plain.unwrap_or(held.value.clone()) == expected)
            })
        }),
        Mutant::new(
            "failed_set_if_absent_clears_the_ttl",
            "`set_if_absent` in vain makes the entry stay for ever",
            &[keeps],
        )
        .set_if_absent(|hand, key, value| {
            let stored = hand.set_if_absent(key, value)?;
            if !stored {
                with_end(hand, key, |_| None);
            }
            Ok(stored)
        }),
        Mutant::new(
            "failed_compare_prolongs",
            "`compare_and_set` in vain begins the time to live anew",
            &[keeps],
        )
        .compare_and_set(|hand, key, expected, value| {
            let stored = hand.compare_and_set(key, expected, value)?;
            if !stored {
                let now = hand.now();
                with_end(hand, key, |entry| {
                    entry.end.map(|end| now + end.duration_since(entry.written))
                });
            }
            Ok(stored)
        }),
        Mutant::new(
            "failed_set_if_absent_expires",
            "`set_if_absent` in vain makes the entry expire at once",
            &[keeps],
        )
        .set_if_absent(|hand, key, value| {
            let stored = hand.set_if_absent(key, value)?;
            if !stored {
                let now = hand.now();
                with_end(hand, key, |entry| entry.end.map(|_| now));
            }
            Ok(stored)
        }),
        Mutant::new(
            "compare_and_set_keeps_the_ttl",
            "`compare_and_set` leaves the time to live of the value that it replaces",
            &[never],
        )
        .compare_and_set(|hand, key, expected, value| {
            let end = hand.entry(key).and_then(|entry| entry.end);
            let stored = hand.compare_and_set(key, expected, value)?;
            if stored {
                with_end(hand, key, |_| end);
            }
            Ok(stored)
        }),
        Mutant::new(
            "set_if_absent_keeps_a_deadline",
            "`set_if_absent` leaves the deadline that the deleted entry had",
            &[never],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            if let Some(entry) = hand.entry(key) {
                *locked(&hand.server.memo).entry(hand.at(key)).or_default() = Bytes::new();
                hand.put(&format!("{key} deadline"), entry);
            }
            Ok(())
        })
        .set_if_absent(|hand, key, value| {
            let end = hand
                .entry(&format!("{key} deadline"))
                .and_then(|entry| entry.end);
            let stored = hand.set_if_absent(key, value)?;
            if stored {
                with_end(hand, key, |_| end);
            }
            Ok(stored)
        }),
        Mutant::new(
            "expired_counts_as_present",
            "`set_if_absent` takes an expired entry for present",
            &[absent],
        )
        .set_if_absent(|hand, key, value| match hand.entry(key) {
            Some(_) => Ok(false),
            None => hand.set_if_absent(key, value),
        }),
        Mutant::new(
            "compares_with_what_expired",
            "`compare_and_set` finds a value that has expired",
            &[absent],
        )
        .compare_and_set(|hand, key, expected, value| {
            match hand.entry(key).is_some_and(|entry| entry.value == expected) {
                true => hand.write_if(key, value, |_| true),
                false => Ok(false),
            }
        }),
        Mutant::new(
            "compare_revives",
            "`compare_and_set` with an expired value answers false and brings it back",
            &[absent],
        )
        .compare_and_set(|hand, key, expected, value| {
            let stored = hand.compare_and_set(key, expected, value)?;
            if !stored {
                with_end(hand, key, |_| None);
            }
            Ok(stored)
        }),
        Mutant::new(
            "expired_value_is_not_set_again",
            "`set_if_absent` with the value that has expired answers true and stores nothing",
            &[absent],
        )
        .set_if_absent(|hand, key, value| match hand.entry(key) {
            Some(entry) if !hand.is_alive(&entry) && entry.value == value => Ok(true),
            _ => hand.set_if_absent(key, value),
        }),
        Mutant::new(
            "stored_on_a_condition_for_a_day",
            "what is stored on a condition lives for a day",
            &[never],
        )
        .set_if_absent(|hand, key, value| {
            let stored = hand.set_if_absent(key, value)?;
            if let Some(entry) = hand.entry(key).filter(|_| stored) {
                let end = hand
                    .now()
                    .checked_add(std::time::Duration::from_secs(86_400));
                hand.put(key, Entry { end, ..entry });
            }
            Ok(stored)
        }),
        Mutant::new(
            "comparison_clears_a_shared_end",
            "`compare_and_set` clears all times to live that were given at the same moment",
            &[never],
        )
        .compare_and_set(|hand, key, expected, value| {
            let before = hand.entry(key).and_then(|held| held.end);
            let stored = hand.compare_and_set(key, expected, value)?;
            if stored && before.is_some() {
                for entry in hand
                    .entries()
                    .values_mut()
                    .filter(|entry| entry.end == before)
                {
                    entry.end = None;
                }
            }
            Ok(stored)
        }),
        Mutant::new(
            "refusal_outlives_the_lease",
            "`set_if_absent` that was refused once is refused for ever",
            &[keeps],
        )
        .set_if_absent(|hand, key, value| {
            if is_marked(hand, key) {
                return Ok(false);
            }
            let stored = hand.set_if_absent(key, value)?;
            if !stored {
                mark(hand, key);
            }
            Ok(stored)
        }),
        Mutant::new(
            "empty_lease_is_absent",
            "`set_if_absent` takes an empty value with a time to live for none",
            &[absent],
        )
        .set_if_absent(|hand, key, value| {
            hand.write_if(key, value, |held| {
                held.is_none_or(|held| held.value.is_empty() && held.end.is_some())
            })
        }),
        Mutant::new(
            "stored_on_a_condition_never_ends",
            "a time to live given to what was stored on a condition is ignored",
            &[absent],
        )
        .compare_and_set(|hand, key, expected, value| {
            let stored = hand.compare_and_set(key, expected, value)?;
            if stored {
                mark(hand, key);
            }
            Ok(stored)
        })
        .set(|hand, key, value, _| hand.write(key, value, None))
        .set_with_ttl(|hand, key, value, ttl| {
            let stored = is_marked(hand, key);
            hand.write(key, value, ttl.filter(|_| !stored))
        }),
    ]
}

fn with_end(hand: &Hand, key: &str, end: impl Fn(&Entry) -> Option<Instant>) {
    if let Some(entry) = hand.entry(key) {
        let end = end(&entry);
        hand.put(key, Entry { end, ..entry });
    }
}
