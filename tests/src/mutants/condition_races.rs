//! Faults of writes on a condition: side by side, with times to live, on several handles.

use std::{thread::sleep, time::Duration, time::Instant};

use tck::{Bytes, atomic};

use crate::{
    Mutant,
    clay::{Entry, Hand, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [raced(), expiring(), shared()].concat()
}

fn raced() -> Vec<Mutant> {
    let counted = atomic::plain_writes_count_as_changes;
    vec![
        Mutant::new(
            "look_then_set",
            "`set_if_absent` looks and stores in two steps",
            &[atomic::one_of_many_sets_an_absent_key],
        )
        .set_if_absent(|hand, key, value| {
            if hand.has(key)? {
                return Ok(false);
            }
            pause();
            hand.write(key, value, None)?;
            Ok(true)
        }),
        Mutant::new(
            "store_then_look",
            "`set_if_absent` stores in one step and says true to all who came at once",
            &[atomic::one_of_many_sets_an_absent_key],
        )
        .set_if_absent(|hand, key, value| {
            let was_absent = !hand.has(key)?;
            pause();
            hand.set_if_absent(key, value)?;
            Ok(was_absent)
        }),
        Mutant::new(
            "compare_then_set",
            "`compare_and_set` compares and stores in two steps",
            &[
                atomic::one_of_many_replaces_a_value,
                atomic::no_update_is_lost,
            ],
        )
        .compare_and_set(|hand, key, expected, value| {
            if hand.get(key)?.as_deref() != Some(expected) {
                return Ok(false);
            }
            pause();
            hand.write(key, value, None)?;
            Ok(true)
        }),
        Mutant::new(
            "busy_means_false",
            "`compare_and_set` answers false now and then, though nothing has changed",
            &[atomic::no_update_is_lost],
        )
        .compare_and_set(|hand, key, expected, value| match hand.count() {
            count if count >= 40 => Ok(false),
            _ => hand.compare_and_set(key, expected, value),
        }),
        Mutant::new(
            "compare_then_set_where_still_there",
            "`compare_and_set` compares and stores in two steps, so that a delete comes between",
            &[atomic::deleted_key_is_not_brought_back],
        )
        .compare_and_set(|hand, key, expected, value| {
            if hand.get(key)?.as_deref() != Some(expected) {
                return Ok(false);
            }
            pause();
            hand.write(key, value, None)?;
            Ok(true)
        }),
        Mutant::new(
            "plain_set_keeps_the_version",
            "`compare_and_set` goes by a version that a plain set does not raise",
            &[counted],
        )
        .compare_and_set(|hand, key, expected, value| {
            let known = locked(&hand.server.memo).get(&hand.at(key)).cloned();
            let finds = match known {
                Some(known) => known == expected && hand.has(key)?,
                None => hand.get(key)?.as_deref() == Some(expected),
            };
            if finds {
                locked(&hand.server.memo).insert(hand.at(key), value.clone());
                hand.write(key, value, None)?;
            }
            Ok(finds)
        }),
        Mutant::new(
            "every_write_counts",
            "`compare_and_set` finds no value that was set again",
            &[counted],
        )
        .set(|hand, key, value, ttl| {
            let again = hand.get(key)?.is_some() && value == "second";
            locked(&hand.server.memo).insert(hand.at(key), Bytes::from(vec![u8::from(again)]));
            hand.write(key, value, ttl)
        })
        .compare_and_set(|hand, key, expected, value| {
            let again = locked(&hand.server.memo).remove(&hand.at(key));
            match again.is_some_and(|again| again == [1_u8][..]) {
                true => Ok(false),
                false => hand.compare_and_set(key, expected, value),
            }
        }),
        Mutant::new(
            "delete_keeps_the_version",
            "`compare_and_set` still finds the value that a key had before it was deleted and set",
            &[counted],
        )
        .delete(|hand, key| {
            if let Some(held) = hand.get(key)? {
                locked(&hand.server.memo).insert(hand.at(key), held);
            }
            hand.delete(key)
        })
        .compare_and_set(|hand, key, expected, value| {
            let before = locked(&hand.server.memo).get(&hand.at(key)).cloned();
            hand.write_if(key, value, |held| {
                held.is_some_and(|held| {
                    held.value == expected || before.is_some_and(|before| before == expected)
                })
            })
        }),
    ]
}

fn expiring() -> Vec<Mutant> {
    let keeps = atomic::write_that_does_not_happen_keeps_the_ttl;
    let never = atomic::write_that_happens_never_expires;
    let absent = atomic::expired_value_is_absent;
    vec![
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
    ]
}

fn shared() -> Vec<Mutant> {
    let handles = atomic::conditions_hold_across_handles;
    let namespaces = atomic::other_namespaces_do_not_count;
    vec![
        Mutant::new(
            "absence_kept_by_a_handle",
            "a handle looks at its own copy for `set_if_absent`",
            &[handles],
        )
        .set_if_absent(|hand, key, value| {
            let known = locked(&hand.memo).insert(key.to_owned(), value.clone());
            match known {
                Some(_) => hand.set_if_absent(key, value),
                None => hand.write_if(key, value, |_| true),
            }
        }),
        Mutant::new(
            "compared_with_a_copy",
            "a handle compares with the value that it has read or written last",
            &[handles],
        )
        .get(|hand, key| {
            let value = hand.get(key)?;
            locked(&hand.memo).insert(key.to_owned(), value.clone().unwrap_or_default());
            Ok(value)
        })
        .compare_and_set(|hand, key, expected, value| {
            let known = locked(&hand.memo).get(key).cloned();
            match known
                .or(hand.get(key)?)
                .is_some_and(|known| known == expected)
            {
                true => {
                    locked(&hand.memo).insert(key.to_owned(), value.clone());
                    hand.write_if(key, value, |_| true)
                }
                false => Ok(false),
            }
        }),
        Mutant::new(
            "absence_in_all_namespaces",
            "`set_if_absent` looks at all namespaces",
            &[namespaces],
        )
        .set_if_absent(|hand, key, value| {
            let mut memo = locked(&hand.server.memo);
            let is_taken = memo.get(key).is_some_and(|space| *space != hand.namespace);
            if is_taken {
                return Ok(false);
            }
            memo.insert(key.to_owned(), Bytes::from(hand.namespace.clone()));
            hand.set_if_absent(key, value)
        }),
        Mutant::new(
            "compared_across_namespaces",
            "`compare_and_set` finds the value of another namespace",
            &[namespaces],
        )
        .set_if_absent(|hand, key, value| {
            locked(&hand.server.memo).insert(key.to_owned(), value.clone());
            hand.set_if_absent(key, value)
        })
        .compare_and_set(|hand, key, expected, value| {
            let last = locked(&hand.server.memo).get(key).cloned();
            match last.is_some_and(|last| last == expected) {
                true => hand.write_if(key, value, |_| true),
                false => Ok(false),
            }
        }),
    ]
}

fn with_end(hand: &Hand, key: &str, end: impl Fn(&Entry) -> Option<Instant>) {
    if let Some(entry) = hand.entry(key) {
        let end = end(&entry);
        hand.put(key, Entry { end, ..entry });
    }
}

fn pause() {
    sleep(Duration::from_millis(3));
}
