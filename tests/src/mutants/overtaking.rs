//! Faults of changes that exclude each other, but not everybody.

use std::{
    sync::{Arc, MutexGuard},
    time::Duration,
};

use tck::{atomic, transaction};

use super::key_races::{pause, pause_until};
use crate::{
    Mutant,
    clay::{Hand, locked},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [by_handle(), by_kind(), by_key()].concat()
}

/// Only callers of the same handle are kept apart.
fn by_handle() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "conditions_exclude_each_other_by_handle",
            "callers of two handles compare at the same time and write both",
            &[atomic::conditions_hold_across_handles],
        )
        .compare_and_set(|hand, key, expected, value| {
            let _alone = locked(&hand.memo);
            let is_expected = || Ok(hand.get(key)?.as_deref() == Some(expected));
            if !is_expected()? {
                return Ok(false);
            }
            pause_until(|| !matches!(is_expected(), Ok(true)));
            hand.write(key, value, None).map(|()| true)
        })
        .set_if_absent(|hand, key, value| {
            let _alone = locked(&hand.memo);
            if hand.has(key)? {
                return Ok(false);
            }
            pause_until(|| matches!(hand.has(key), Ok(true)));
            hand.write(key, value, None).map(|()| true)
        }),
        Mutant::new(
            "commits_exclude_each_other_by_handle",
            "commits of two handles check at the same time and write both",
            &[transaction::transactions_of_two_handles_conflict],
        )
        .commit(|deal| {
            let hand = deal.hand.clone();
            let _alone = locked(&hand.memo);
            checked_before(deal)
        }),
    ]
}

/// One kind of write does not wait for those who have checked.
fn by_kind() -> Vec<Mutant> {
    let commits = [transaction::plain_write_is_not_lost_to_a_commit];
    vec![
        Mutant::new(
            "commit_overtakes_deletes",
            "a commit waits for writes, but not for deletes",
            &commits,
        )
        .commit(|deal| {
            let hand = deal.hand.clone();
            let _alone = alone(&hand);
            checked_before(deal)
        })
        .write(|hand, key, value, ttl| {
            let _alone = alone(hand);
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "commit_overtakes_leases",
            "a commit waits for plain writes and deletes, but not for those with a time to live",
            &commits,
        )
        .commit(|deal| {
            let hand = deal.hand.clone();
            let _alone = alone(&hand);
            checked_before(deal)
        })
        .set(waits)
        .delete(|hand, key| {
            let _alone = alone(hand);
            hand.delete(key)
        }),
        Mutant::new(
            "compare_and_set_overtakes_leases",
            "a comparison waits for plain writes, but not for those with a time to live",
            &[atomic::plain_write_is_not_lost_to_a_condition],
        )
        .compare_and_set(|hand, key, expected, value| {
            let _alone = alone(hand);
            let is_expected = || Ok(hand.get(key)?.as_deref() == Some(expected));
            if !is_expected()? {
                return Ok(false);
            }
            pause_until(|| !matches!(is_expected(), Ok(true)));
            hand.write(key, value, None).map(|()| true)
        })
        .set(waits),
    ]
}

/// A commit keeps out those who write its keys, and no others.
fn by_key() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "commit_locks_what_it_writes",
            "a commit looks at what it has read, and then locks only what it writes",
            &[transaction::write_skew_is_refused],
        )
        .commit(|deal| {
            deal.check(&deal.hand.entries())?;
            if !deal.writes.is_empty() {
                pause_until(|| deal.check(&deal.hand.entries()).is_err());
            }
            let (all, writes) = (deal.reads.clone(), &deal.writes);
            deal.reads.retain(|key| writes.contains_key(key));
            let committed = deal.commit();
            deal.reads = all;
            committed
        }),
        Mutant::new(
            "commit_replaces_key_by_key",
            "what a commit makes shows at once, what it replaces one after the other",
            &[transaction::commits_show_whole_to_all],
        )
        .commit(|deal| {
            deal.check(&deal.hand.entries())?;
            let hand = Arc::clone(&deal.hand);
            let (old, new): (Vec<_>, Vec<_>) = deal
                .writes
                .keys()
                .partition(|key| hand.entry(key).is_some());
            {
                let mut entries = hand.entries();
                for key in new {
                    deal.apply_to(&mut entries, key)?;
                }
            }
            for key in old {
                deal.apply_to(&mut hand.entries(), key)?;
                pause();
            }
            Ok(())
        }),
    ]
}

fn waits(hand: &Hand, key: &str, value: tck::Bytes, ttl: Option<Duration>) -> tck::Result<()> {
    let _alone = alone(hand);
    hand.write(key, value, ttl)
}

/// A commit that writes some time after it has checked.
fn checked_before(deal: &mut Deal) -> tck::Result<()> {
    deal.check(&deal.hand.entries())?;
    if !deal.writes.is_empty() {
        pause_until(|| deal.check(&deal.hand.entries()).is_err());
    }
    deal.apply(&mut deal.hand.entries())
}

/// Those of other stores do not wait for it.
fn alone(hand: &Hand) -> MutexGuard<'_, impl Sized> {
    locked(&hand.server.memo)
}
