//! Faults of transactions beside writes on a condition.

use tck::{Bytes, transaction};

use crate::{
    Mutant,
    clay::{Hand, hold_until, locked},
    deal::Deal,
};

use super::transaction_conflicts::{commit_but_for_marked, mark};

pub(super) fn mutants() -> Vec<Mutant> {
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
            locked(&deal.hand.server.memo).insert(deal.hand.at(key), Bytes::new());
            deal.set(key, value, ttl)
        })
        .commit(|deal| {
            forget(deal);
            deal.commit()
        })
        .rollback(forget)
        .dropped(forget)
        .set_if_absent(|hand, key, value| {
            let is_marked = locked(&hand.server.memo).contains_key(&hand.at(key));
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
            remember_writes(deal);
            deal.commit()
        })
        .set_if_absent(|hand, key, value| match is_of_a_commit(hand, key) {
            true => hand.write_if(key, value, |_| true),
            false => hand.set_if_absent(key, value),
        }),
        Mutant::new(
            "deleted_by_a_commit_and_present",
            "`set_if_absent` takes for present what a transaction has deleted",
            &[count],
        )
        .commit(|deal| {
            remember_writes(deal);
            deal.commit()
        })
        .set_if_absent(|hand, key, value| match is_of_a_commit(hand, key) {
            true => Ok(false),
            false => hand.set_if_absent(key, value),
        }),
    ]
}

fn remember_writes(deal: &mut Deal) {
    for key in deal.writes.keys() {
        mark(&deal.hand, key);
    }
}

fn is_of_a_commit(hand: &Hand, key: &str) -> bool {
    locked(&hand.server.memo).contains_key(&hand.at(key))
}

/// What it has set is no longer unfinished.
fn forget(deal: &mut Deal) {
    let mut unfinished = locked(&deal.hand.server.memo);
    for key in deal.writes.keys() {
        unfinished.remove(&deal.hand.at(key));
    }
}
