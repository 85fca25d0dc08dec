//! Faults of transactions that do not see, or invent, a conflict.

use std::sync::{Arc, atomic::Ordering};

use tck::{Bytes, Error, Result, transaction};

use super::marks::mark;
use crate::{
    Mutant,
    clay::{Hand, Rules, locked},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    let lost_update = transaction::lost_update_is_refused;
    let skew = transaction::write_skew_is_refused;
    let missing = transaction::missing_key_conflicts_as_well;
    let plain = transaction::plain_writes_conflict_as_well;
    let again = transaction::conflict_changes_nothing_and_can_be_tried_again;
    vec![
        Mutant::new(
            "last_commit_wins",
            "a commit does not look at what was read",
            &[lost_update, skew, missing, plain, again],
        )
        .commit(|deal| deal.apply(&mut deal.hand.entries())),
        Mutant::new(
            "conflicts_by_value_of_the_write",
            "two transactions that write the same value do not conflict",
            &[lost_update],
        )
        .commit(|deal| {
            let same = deal.writes.iter().all(|(key, written)| {
                let held = deal.hand.entry(key).map(|entry| entry.value);
                held.as_ref() == written.as_ref().map(|(value, _)| value)
            });
            match same {
                true => Ok(()),
                false => deal.commit(),
            }
        }),
        Mutant::new(
            "both_refused",
            "of two transactions that conflict none succeeds",
            &[lost_update],
        )
        .begin(|hand| {
            hand.count();
            Deal::new(hand)
        })
        .commit(|deal| match deal.hand.server.count.load(Ordering::SeqCst) {
            2.. => Err(Error::conflict("another transaction is open")),
            _ => deal.commit(),
        }),
        Mutant::new(
            "conflict_in_silence",
            "a transaction that conflicts answers Ok and does nothing",
            &[lost_update, plain],
        )
        .commit(|deal| match deal.commit() {
            Err(error) if error.kind() == tck::ErrorKind::Conflict => Ok(()),
            other => other,
        }),
        Mutant::new(
            "conflict_is_another_error",
            "a conflict is answered as a failure of the backend",
            &[lost_update, again],
        )
        .commit(|deal| match deal.commit() {
            Err(error) if error.kind() == tck::ErrorKind::Conflict => {
                Err(Error::backend("could not serialize access"))
            }
            other => other,
        }),
        Mutant::new(
            "only_written_keys_conflict",
            "a commit looks only at what is read and written",
            &[skew],
        )
        .rules(Rules {
            isolation: tck::Isolation::Snapshot,
            ..Rules::NONE
        })
        .declares(Rules::NONE),
        Mutant::new(
            "missing_keys_do_not_conflict",
            "reads that found nothing are not remembered",
            &[missing],
        )
        .deal_get(|deal, key| {
            let value = deal.get(key)?;
            if value.is_none() {
                deal.reads.remove(key);
            }
            Ok(value)
        }),
        Mutant::new(
            "deletes_do_not_conflict",
            "a commit does not see that what was read has been deleted",
            &[missing, plain],
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            deal.reads.retain(|key| hand.entry(key).is_some());
            deal.commit()
        }),
        Mutant::new(
            "plain_writes_do_not_conflict",
            "a commit sees what other transactions have written, and no plain writes",
            &[plain],
        )
        .write(|hand, key, value, ttl| {
            mark(hand, key);
            hand.write(key, value, ttl)
        })
        .begin(begin_unmarked)
        .commit(commit_but_for_marked),
        Mutant::new(
            "plain_deletes_do_not_conflict",
            "a commit does not see plain deletes",
            &[plain],
        )
        .delete(|hand, key| {
            mark(hand, key);
            hand.delete(key)
        })
        .begin(begin_unmarked)
        .commit(commit_but_for_marked),
        Mutant::new(
            "conflict_found_half_way",
            "a commit looks at one key after the other, and has stored some when it finds a conflict",
            &[again],
        )
        .commit(|deal| {
            let mut entries = deal.hand.entries();
            for key in deal.writes.keys() {
                if deal.reads.contains(key) {
                    deal.check(&entries)?;
                }
                deal.apply_to(&mut entries, key)?;
            }
            deal.check(&entries).or(Ok(()))
        }),
        Mutant::new(
            "any_change_conflicts",
            "a commit conflicts with every other since it began",
            &[transaction::different_keys_do_not_conflict],
        )
        .begin(|hand| {
            let deal = Deal::new(hand);
            let so_many = hand.server.count.load(Ordering::SeqCst);
            let mark = Bytes::from(so_many.to_string());
            locked(&hand.memo).insert("begun".to_owned(), mark);
            deal
        })
        .commit(|deal| {
            let begun = locked(&deal.hand.memo).get("begun").cloned().unwrap_or_default();
            match deal.hand.count().to_string() == begun {
                true => deal.commit(),
                false => Err(Error::conflict("the store has changed")),
            }
        }),
        Mutant::new(
            "deleting_does_not_conflict",
            "a transaction that deletes what it has read meets no conflict",
            &[plain],
        )
        .commit(|deal| {
            let writes = &deal.writes;
            deal.reads.retain(|key| writes.get(key) != Some(&None));
            deal.commit()
        }),
        Mutant::new(
            "conflict_deletes",
            "a transaction that meets a conflict deletes what it would have",
            &[again],
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let mut entries = hand.entries();
            let checked = deal.check(&entries);
            if checked.is_err() {
                deal.writes.retain(|_, written| written.is_none());
            }
            deal.apply(&mut entries)?;
            checked
        }),
        Mutant::new(
            "empty_is_as_good_as_missing",
            "a missing key that was set to an empty value is no conflict",
            &[missing],
        )
        .commit(|deal| {
            let now_empty: Vec<_> = deal
                .reads
                .iter()
                .filter(|key| deal.alive(&deal.seen, key).is_none())
                .filter(|key| {
                    deal.hand
                        .entry(key)
                        .is_some_and(|entry| entry.value.is_empty())
                })
                .cloned()
                .collect();
            deal.reads.retain(|key| !now_empty.contains(key));
            deal.commit()
        }),
        Mutant::new(
            "leases_do_not_conflict",
            "a write with a time to live is no conflict",
            &[transaction::writes_with_a_ttl_conflict_as_well],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            mark(hand, key);
            hand.write(key, value, ttl)
        })
        .commit(commit_but_for_marked),
    ]
}

/// Begins, and takes all changes until now for seen.
fn begin_unmarked(hand: &Arc<Hand>) -> Deal {
    locked(&hand.server.memo).clear();
    Deal::new(hand)
}

/// Commits without a look at the marked keys.
pub(super) fn commit_but_for_marked(deal: &mut Deal) -> Result<()> {
    let hand = Arc::clone(&deal.hand);
    let marked = locked(&hand.server.memo).clone();
    deal.reads.retain(|key| !marked.contains_key(&hand.at(key)));
    deal.commit()
}
