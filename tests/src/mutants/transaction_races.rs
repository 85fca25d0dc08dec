//! Faults of transactions that meet: in races, through two handles, in two namespaces.

use std::{
    sync::{Arc, atomic::Ordering},
    thread::sleep,
    time::Duration,
};

use tck::{Bytes, Error, transaction};

use crate::{
    Mutant,
    clay::{hold_until, locked},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [races(), shared()].concat()
}

fn races() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "checked_then_applied",
            "a commit looks at the conditions and applies the writes in two steps",
            &[transaction::increments_side_by_side_add_up],
        )
        .commit(|deal| {
            deal.check(&deal.hand.entries())?;
            pause();
            deal.apply(&mut deal.hand.entries())
        }),
        Mutant::new(
            "busy_is_a_failure",
            "a commit that meets another one fails, as if the store were broken",
            &[
                transaction::increments_side_by_side_add_up,
                transaction::transfers_keep_the_sum,
            ],
        )
        .commit(|deal| {
            let under_way = &deal.hand.server.count;
            if under_way.swap(1, Ordering::SeqCst) == 1 {
                return Err(Error::backend("the database is locked"));
            }
            pause();
            let committed = deal.commit();
            deal.hand.server.count.store(0, Ordering::SeqCst);
            committed
        }),
        Mutant::new(
            "applied_key_by_key",
            "a commit stores one key after the other, for everybody to see",
            &[transaction::transfers_keep_the_sum],
        )
        .commit(|deal| {
            let entries = deal.hand.entries();
            deal.check(&entries)?;
            drop(entries);
            for key in deal.writes.keys() {
                pause();
                deal.apply_to(&mut deal.hand.entries(), key)?;
            }
            Ok(())
        }),
        Mutant::new(
            "snapshot_taken_in_steps",
            "the snapshot of a transaction is taken in two steps, and not looked at again",
            &[transaction::transfers_keep_the_sum],
        )
        .begin(|hand| {
            let mut deal = Deal::new(hand);
            pause();
            let half = deal.seen.len() / 2;
            let later = hand.entries().clone();
            let later = later.into_iter().skip(half);
            deal.seen.extend(later);
            deal
        })
        .commit(|deal| match deal.writes.is_empty() {
            true => Ok(()),
            false => deal.commit(),
        }),
        Mutant::new(
            "blind_commits_interleave",
            "a transaction that has read nothing is written key by key",
            &[transaction::commits_side_by_side_stay_whole],
        )
        .commit(|deal| {
            if !deal.reads.is_empty() {
                return deal.commit();
            }
            for key in deal.writes.keys() {
                deal.apply_to(&mut deal.hand.entries(), key)?;
                std::thread::yield_now();
            }
            Ok(())
        }),
        Mutant::new(
            "commit_in_batches_of_25",
            "a commit is written in batches of 25 keys",
            &[transaction::commits_side_by_side_stay_whole],
        )
        .commit(|deal| {
            deal.check(&deal.hand.entries())?;
            let keys: Vec<_> = deal.writes.keys().collect();
            for batch in keys.chunks(25) {
                let mut entries = deal.hand.entries();
                for key in batch {
                    deal.apply_to(&mut entries, key)?;
                }
                drop(entries);
                pause();
            }
            Ok(())
        }),
        Mutant::new(
            "commit_overtakes_plain_sets",
            "commits exclude each other, and no plain writes",
            &[transaction::plain_write_is_not_lost_to_a_commit],
        )
        .commit(|deal| {
            deal.check(&deal.hand.entries())?;
            hold_until(|| deal.check(&deal.hand.entries()).is_err());
            deal.apply(&mut deal.hand.entries())
        }),
    ]
}

fn shared() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "conflicts_seen_per_handle",
            "a handle sees conflicts among its own transactions",
            &[transaction::transactions_of_two_handles_conflict],
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let own = locked(&hand.memo).clone();
            deal.reads.retain(|key| own.contains_key(key));
            deal.commit()?;
            let keys = deal.writes.keys().map(|key| (key.clone(), Bytes::new()));
            locked(&hand.memo).extend(keys);
            Ok(())
        }),
        Mutant::new(
            "commit_shows_to_its_handle",
            "what a transaction writes is seen by its own handle alone",
            &[transaction::transactions_of_two_handles_conflict],
        )
        .commit(|deal| {
            deal.check(&deal.hand.entries())?;
            for (key, written) in &deal.writes {
                let value = written.as_ref().map(|(value, _)| value.clone());
                locked(&deal.hand.memo).insert(key.clone(), value.unwrap_or_default());
            }
            Ok(())
        })
        .get(|hand, key| {
            let own = locked(&hand.memo).get(key).cloned();
            Ok(own.or(hand.get(key)?))
        }),
        Mutant::new(
            "transaction_ends_with_its_handle",
            "a transaction fails when its handle was dropped",
            &[transaction::transactions_of_two_handles_conflict],
        )
        .close(|hand| {
            locked(&hand.server.memo).insert(format!("closed {}", hand.number), Bytes::new());
        })
        .commit(|deal| {
            let mark = format!("closed {}", deal.hand.number);
            let is_closed = locked(&deal.hand.server.memo).contains_key(&mark);
            match is_closed {
                true => Err(Error::Closed),
                false => deal.commit(),
            }
        }),
        Mutant::new(
            "namespaces_conflict",
            "transactions conflict with those of other namespaces",
            &[transaction::other_namespaces_do_not_conflict],
        )
        .commit(|deal| {
            let mut written = locked(&deal.hand.server.memo);
            let space = Bytes::from(deal.hand.namespace.clone());
            let taken = |key: &String| written.get(key).is_some_and(|other| *other != space);
            if deal.writes.keys().any(taken) {
                return Err(Error::conflict("written meanwhile"));
            }
            written.extend(deal.writes.keys().map(|key| (key.clone(), space.clone())));
            drop(written);
            deal.commit()
        }),
        Mutant::new(
            "transaction_deletes_everywhere",
            "a transaction deletes a key in all namespaces",
            &[transaction::other_namespaces_do_not_conflict],
        )
        .commit(|deal| {
            deal.commit()?;
            let deleted = deal.writes.iter().filter(|(_, written)| written.is_none());
            for (key, _) in deleted {
                deal.hand
                    .entries()
                    .retain(|place, _| !place.ends_with(key.as_str()));
            }
            Ok(())
        }),
    ]
}

fn pause() {
    sleep(Duration::from_micros(300));
}
