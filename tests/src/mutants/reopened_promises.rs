//! Faults of what stands beside the data when a store is opened again: deadlines, an index,
//! conditions, transactions.

use std::mem::take;

use tck::{Bytes, atomic, cache, listing, transaction};

use super::{
    marks::{mark, unmark},
    reopening::{change_own, keep_own, remember_own, replay},
};
use crate::{
    Mutant,
    clay::{Entry, Hand, locked, page},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [deadlines(), indexes(), conditions(), commits()].concat()
}

/// Deadlines that are not read back as they were.
fn deadlines() -> Vec<Mutant> {
    let reopened = [cache::reopened_cache_keeps_deadlines];
    vec![
        Mutant::new(
            "deadlines_are_not_read_back",
            "what had a time to live lives for ever when the store is opened again",
            &reopened,
        )
        .reopen(|hand| change_own(hand, |_, entry| entry.end = None)),
        Mutant::new(
            "ttl_begins_anew_when_opened",
            "a time to live begins anew when the store is opened again",
            &reopened,
        )
        .reopen(|hand| {
            let now = hand.now();
            change_own(hand, |_, entry| {
                entry.end = entry
                    .end
                    .and_then(|end| now.checked_add(end - entry.written));
                entry.written = now;
            });
        }),
        Mutant::new(
            "no_time_passes_while_closed",
            "the time while a store is closed does not count",
            &reopened,
        )
        .shut(|hand| {
            let now = hand.now();
            change_own(hand, |_, entry| entry.written = now);
        })
        .reopen(|hand| {
            let now = hand.now();
            change_own(hand, |_, entry| {
                let alive = entry.end.filter(|end| *end > entry.written);
                entry.end = alive
                    .and_then(|end| end.checked_add(now - entry.written))
                    .or(entry.end);
            });
        }),
        Mutant::new(
            "leases_are_not_read_back",
            "what has a time to live is missing when the store is opened again",
            &reopened,
        )
        .reopen(|hand| keep_own(hand, |_, entry| entry.end.is_none())),
        Mutant::new(
            "cleared_deadline_is_read_back",
            "what was set plainly over a time to live ends when the store is opened again",
            &reopened,
        )
        .write(|hand, key, value, ttl| {
            let is_cleared = ttl.is_none() && hand.entry(key).is_some_and(|old| old.end.is_some());
            match is_cleared {
                true => mark(hand, key),
                false => drop(unmark(hand, key)),
            }
            hand.write(key, value, ttl)
        })
        .reopen(|hand| {
            let marks = locked(&hand.server.memo).clone();
            keep_own(hand, |place, _| !marks.contains_key(place));
        }),
        Mutant::new(
            "deadline_that_was_read_back_stays",
            "a plain set leaves a deadline that was read back when the store was opened again",
            &reopened,
        )
        .reopen(remember_own)
        .set(|hand, key, value, ttl| {
            let was_read_back = locked(&hand.memo).contains_key(&hand.at(key));
            let end = hand.entry(key).and_then(|old| old.end);
            hand.write(key, value, ttl)?;
            if let Some(entry) = hand.entry(key).filter(|_| was_read_back) {
                hand.put(key, Entry { end, ..entry });
            }
            Ok(())
        }),
    ]
}

fn indexes() -> Vec<Mutant> {
    let lists = [listing::reopened_store_lists_the_same_keys];
    vec![
        Mutant::new(
            "index_is_not_read_back",
            "listings leave out what was written before the store was opened again",
            &lists,
        )
        .reopen(remember_own)
        .write(|hand, key, value, ttl| {
            locked(&hand.memo).remove(&hand.at(key));
            hand.write(key, value, ttl)
        })
        .list(|hand, prefix, after, limit| {
            let mut keys = hand.alive(prefix);
            keys.retain(|key| !locked(&hand.memo).contains_key(&hand.at(key)));
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "deleted_keys_are_back_in_the_index",
            "listings show what was deleted before the store was opened again",
            &lists,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).remove(key);
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            if hand.entry(key).is_some() {
                let space = Bytes::from(hand.namespace.clone());
                locked(&hand.server.memo).insert(key.to_owned(), space);
            }
            hand.delete(key)
        })
        .reopen(|hand| {
            let deleted = locked(&hand.server.memo).clone();
            *locked(&hand.memo) = deleted
                .into_iter()
                .filter(|(_, space)| *space == hand.namespace)
                .collect();
        })
        .list(|hand, prefix, after, limit| {
            let mut keys = hand.alive(prefix);
            let back = locked(&hand.memo).clone().into_keys();
            keys.extend(back.filter(|key| key.starts_with(prefix)));
            keys.sort();
            keys.dedup();
            Ok(page(keys, after, limit))
        }),
    ]
}

fn conditions() -> Vec<Mutant> {
    let conditions = [atomic::reopened_store_holds_what_conditions_wrote];
    vec![
        Mutant::new(
            "conditions_are_not_read_back",
            "what was written on a condition is missing when the store is opened again",
            &conditions,
        )
        .set_if_absent(|hand, key, value| {
            mark(hand, key);
            hand.set_if_absent(key, value)
        })
        .compare_and_set(|hand, key, expected, value| {
            mark(hand, key);
            hand.compare_and_set(key, expected, value)
        })
        .shut(lose_marked),
        Mutant::new(
            "replaced_values_are_read_back",
            "a value that was replaced on a condition is there when the store is opened again",
            &conditions,
        )
        .compare_and_set(|hand, key, expected, value| {
            let replaces = hand.compare_and_set(key, expected, value)?;
            if replaces {
                let expected = Bytes::copy_from_slice(expected);
                locked(&hand.server.memo).insert(hand.at(key), expected);
            }
            Ok(replaces)
        })
        .reopen(replay),
        Mutant::new(
            "vain_conditions_are_read_back",
            "what `set_if_absent` would have written is there when the store is opened again",
            &conditions,
        )
        .set_if_absent(|hand, key, value| {
            let is_set = hand.set_if_absent(key, value.clone())?;
            if !is_set {
                locked(&hand.server.memo).insert(hand.at(key), value);
            }
            Ok(is_set)
        })
        .reopen(replay),
        Mutant::new(
            "replaced_lease_is_read_back_with_its_end",
            "what has replaced a lease on a condition ends with it when the store is opened again",
            &conditions,
        )
        .compare_and_set(|hand, key, expected, value| {
            if hand.entry(key).is_some_and(|old| old.end.is_some()) {
                mark(hand, key);
            }
            hand.compare_and_set(key, expected, value)
        })
        .shut(lose_marked),
    ]
}

fn commits() -> Vec<Mutant> {
    let commits = [transaction::reopened_store_holds_what_was_committed];
    vec![
        Mutant::new(
            "commits_are_not_read_back",
            "what was committed is missing when the store is opened again",
            &commits,
        )
        .commit(|deal| {
            for key in deal.writes.keys() {
                mark(&deal.hand, key);
            }
            deal.commit()
        })
        .shut(lose_marked),
        Mutant::new(
            "commits_are_read_back_to_a_tenth_key",
            "of a commit of more than ten keys the rest is missing when the store is opened again",
            &commits,
        )
        .commit(|deal| {
            for key in deal.writes.keys().skip(10) {
                mark(&deal.hand, key);
            }
            deal.commit()
        })
        .shut(lose_marked),
        Mutant::new(
            "deletes_of_commits_are_not_read_back",
            "what a commit has deleted is there when the store is opened again",
            &commits,
        )
        .commit(|deal| {
            for (key, written) in &deal.writes {
                let old = deal.hand.get(key)?.filter(|_| written.is_none());
                locked(&deal.hand.server.memo).extend(old.map(|old| (deal.hand.at(key), old)));
            }
            deal.commit()
        })
        .reopen(replay),
        Mutant::new(
            "rolled_back_writes_are_read_back",
            "what was rolled back is there when the store is opened again",
            &commits,
        )
        .rollback(leave_behind)
        .reopen(replay),
        Mutant::new(
            "dropped_writes_are_read_back",
            "what a dropped transaction has written is there when the store is opened again",
            &commits,
        )
        .dropped(leave_behind)
        .reopen(replay),
        Mutant::new(
            "refused_commits_are_read_back",
            "what a refused commit would have written is there when the store is opened again",
            &commits,
        )
        .commit(|deal| {
            let committed = deal.commit();
            if committed.is_err() {
                leave_behind(deal);
            }
            committed
        })
        .reopen(replay),
        Mutant::new(
            "leases_of_commits_are_read_back_without_an_end",
            "what a commit has leased lives for ever when the store is opened again",
            &commits,
        )
        .commit(|deal| {
            for (key, written) in &deal.writes {
                if matches!(written, Some((_, Some(_)))) {
                    mark(&deal.hand, key);
                }
            }
            deal.commit()
        })
        .reopen(|hand| {
            let marks = locked(&hand.server.memo).clone();
            change_own(hand, |place, entry| {
                if marks.contains_key(place) {
                    entry.end = None;
                }
            });
        }),
    ]
}

/// Loses what was marked and is there.
fn lose_marked(hand: &Hand) {
    let marks = take(&mut *locked(&hand.server.memo));
    keep_own(hand, |place, _| !marks.contains_key(place));
}

/// Remembers what a transaction would have written.
fn leave_behind(deal: &mut Deal) {
    for (key, written) in &deal.writes {
        let value = written.as_ref().map(|(value, _)| value.clone());
        locked(&deal.hand.server.memo).extend(value.map(|value| (deal.hand.at(key), value)));
    }
}
