//! Faults of transactions beside writes on a condition.

use std::sync::Arc;

use tck::{Bytes, Result, transaction};

use super::{
    marks::{is_marked, mark, mark_leased, mark_written, unmark},
    transaction_conflicts::commit_but_for_marked,
};
use crate::{
    Mutant,
    clay::{Hand, hold_until, locked},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [beside(), stored_and_open()].concat()
}

fn beside() -> Vec<Mutant> {
    let conflict = transaction::conditional_writes_conflict_as_well;
    let count = transaction::commits_count_for_conditions;
    vec![
        Mutant::new(
            "comparisons_do_not_conflict",
            "a commit does not see what `compare_and_set` has changed",
            &[conflict],
        )
        .compare_and_set(|hand, key, expected, value| {
            mark(hand, key);
            hand.compare_and_set(key, expected, value)
        })
        .commit(commit_but_for_marked),
        Mutant::new(
            "absences_do_not_conflict",
            "a commit does not see what `set_if_absent` has stored",
            &[conflict],
        )
        .set_if_absent(|hand, key, value| {
            mark(hand, key);
            hand.set_if_absent(key, value)
        })
        .commit(commit_but_for_marked),
        Mutant::new(
            "commit_keeps_the_version",
            "`compare_and_set` goes by a version that a commit does not raise",
            &[count],
        )
        .set_if_absent(|hand, key, value| {
            let version = value.clone();
            let stored = hand.set_if_absent(key, value)?;
            if stored {
                locked(&hand.server.memo).insert(hand.at(key), version);
            }
            Ok(stored)
        })
        .compare_and_set(|hand, key, expected, value| {
            let version = locked(&hand.server.memo).get(&hand.at(key)).cloned();
            hand.write_if(key, value, |held| {
                held.is_some_and(|held| version.unwrap_or(held.value.clone()) == expected)
            })
        }),
        Mutant::new(
            "unfinished_keys_are_present",
            "`set_if_absent` sees what an open transaction has set",
            &[count],
        )
        .deal_set(|deal, key, value, ttl| {
            mark(&deal.hand, key);
            deal.set(key, value, ttl)
        })
        .commit(|deal| {
            forget(deal);
            deal.commit()
        })
        .rollback(forget)
        .dropped(forget)
        .set_if_absent(|hand, key, value| {
            let is_marked = is_marked(hand, key);
            match is_marked {
                true => Ok(false),
                false => hand.set_if_absent(key, value),
            }
        }),
        Mutant::new(
            "commit_overtakes_conditions",
            "commits exclude each other and plain writes, but not writes on a condition",
            &[transaction::commits_and_conditions_exclude_each_other],
        )
        .commit(|deal| {
            deal.check(&deal.hand.entries())?;
            hold_until(|| deal.check(&deal.hand.entries()).is_err());
            deal.apply(&mut deal.hand.entries())
        }),
        Mutant::new(
            "committed_keys_are_absent",
            "`set_if_absent` does not see what a transaction has stored",
            &[count],
        )
        .commit(|deal| {
            mark_written(deal);
            deal.commit()
        })
        .set_if_absent(|hand, key, value| match is_marked(hand, key) {
            true => hand.write_if(key, value, |_| true),
            false => hand.set_if_absent(key, value),
        }),
        Mutant::new(
            "deleted_by_a_commit_and_present",
            "`set_if_absent` takes for present what a transaction has deleted",
            &[count],
        )
        .commit(|deal| {
            mark_written(deal);
            deal.commit()
        })
        .set_if_absent(|hand, key, value| match is_marked(hand, key) {
            true => Ok(false),
            false => hand.set_if_absent(key, value),
        }),
    ]
}

/// What it has set is no longer unfinished.
fn forget(deal: &mut Deal) {
    let mut unfinished = locked(&deal.hand.server.memo);
    for key in deal.writes.keys() {
        unfinished.remove(&deal.hand.at(key));
    }
}

fn stored_and_open() -> Vec<Mutant> {
    let count = [transaction::commits_count_for_conditions];
    vec![
        Mutant::new(
            "open_value_is_compared",
            "`compare_and_set` finds what an open transaction has set",
            &count,
        )
        .deal_set(|deal, key, value, ttl| {
            locked(&deal.hand.server.memo).insert(deal.hand.at(key), value.clone());
            deal.set(key, value, ttl)
        })
        .compare_and_set(|hand, key, expected, value| {
            let open = locked(&hand.server.memo).remove(&hand.at(key));
            match open.is_some_and(|open| open == expected) {
                true => hand.write_if(key, value, |_| true),
                false => hand.compare_and_set(key, expected, value),
            }
        }),
        Mutant::new(
            "open_delete_is_absence",
            "`set_if_absent` takes for absent what an open transaction has deleted",
            &count,
        )
        .deal_delete(|deal, key| {
            mark(&deal.hand, key);
            deal.delete(key)
        })
        .set_if_absent(|hand, key, value| match unmark(hand, key) {
            true => hand.write_if(key, value, |_| true),
            false => hand.set_if_absent(key, value),
        }),
        Mutant::new(
            "expired_committed_lease_is_present",
            "`set_if_absent` takes for present what a transaction has leased, also when it is over",
            &count,
        )
        .commit(|deal| {
            mark_leased(deal);
            deal.commit()
        })
        .set_if_absent(|hand, key, value| {
            let is_there = hand.entry(key).is_some();
            match is_marked(hand, key) && is_there {
                true => Ok(false),
                false => hand.set_if_absent(key, value),
            }
        }),
        Mutant::new(
            "same_value_committed_is_another",
            "`compare_and_set` does not find a value that a transaction has set once more",
            &count,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            for (key, written) in &deal.writes {
                let held = hand.entry(key).map(|held| held.value);
                if written.as_ref().map(|(value, _)| value) == held.as_ref() {
                    mark(&hand, key);
                }
            }
            deal.commit()
        })
        .compare_and_set(|hand, key, expected, value| match unmark(hand, key) {
            true => Ok(false),
            false => hand.compare_and_set(key, expected, value),
        }),
        Mutant::new(
            "rollback_reserves",
            "`set_if_absent` takes for present what was set in a transaction that was rolled back",
            &[transaction::rollback_leaves_nothing],
        )
        .rollback(|deal| {
            mark_written(deal);
        })
        .set_if_absent(reserved),
        Mutant::new(
            "dropping_reserves",
            "`set_if_absent` takes for present what was set in a transaction that was dropped",
            &[
                transaction::dropped_transaction_leaves_nothing,
                transaction::panic_leaves_nothing,
            ],
        )
        .dropped(|deal| mark_written(deal))
        .set_if_absent(reserved),
        Mutant::new(
            "conflict_reserves",
            "`set_if_absent` takes for present what was set in a transaction that met a conflict",
            &[transaction::conflict_changes_nothing_and_can_be_tried_again],
        )
        .commit(|deal| {
            let done = deal.commit();
            if done.is_err() {
                mark_written(deal);
            }
            done
        })
        .set_if_absent(reserved),
        Mutant::new(
            "committed_lease_is_absent",
            "`set_if_absent` does not see what a transaction has set with a time to live",
            &count,
        )
        .commit(|deal| {
            mark_leased(deal);
            deal.commit()
        })
        .set_if_absent(|hand, key, value| match is_marked(hand, key) {
            true => hand.write_if(key, value, |_| true),
            false => hand.set_if_absent(key, value),
        }),
    ]
}

fn reserved(hand: &Hand, key: &str, value: Bytes) -> Result<bool> {
    match unmark(hand, key) {
        true => Ok(false),
        false => hand.set_if_absent(key, value),
    }
}
