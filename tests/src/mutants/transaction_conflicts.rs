//! Faults of transactions that get in each other's way.

use std::{
    sync::{Arc, atomic::Ordering},
    thread::sleep,
    time::Duration,
};

use tck::{Bytes, Error, transaction};

use crate::{
    Mutant,
    clay::{Rules, locked},
    deal::Deal,
};

use super::transactions::refuse_locked;

pub(super) fn mutants() -> Vec<Mutant> {
    [conflicts(), races(), shared()].concat()
}

fn conflicts() -> Vec<Mutant> {
    let one_moment = transaction::reads_are_of_one_moment;
    let lost_update = transaction::lost_update_is_refused;
    let skew = transaction::write_skew_is_refused;
    let missing = transaction::missing_key_conflicts_as_well;
    let plain = transaction::plain_writes_conflict_as_well;
    let again = transaction::conflict_changes_nothing_and_can_be_tried_again;
    let different = transaction::different_keys_do_not_conflict;
    vec![
        Mutant::new(
            "reads_the_present",
            "a transaction reads what is stored at the time of the read",
            &[one_moment],
        )
        .deal_get(|deal, key| {
            deal.get(key)?;
            match deal.writes.contains_key(key) {
                true => deal.get(key),
                false => deal.hand.get(key),
            }
        }),
        Mutant::new(
            "first_reads_of_different_moments",
            "a transaction keeps what it has read, and reads other keys as they are",
            &[one_moment],
        )
        .deal_get(|deal, key| {
            if !deal.reads.contains(key) {
                let place = deal.hand.at(key);
                match deal.hand.entry(key) {
                    Some(entry) => deal.seen.insert(place, entry),
                    None => deal.seen.remove(&place),
                };
            }
            deal.get(key)
        }),
        Mutant::new(
            "deletes_show_in_snapshots",
            "what is deleted meanwhile is missing in a transaction that goes on reading",
            &[one_moment],
        )
        .deal_get(|deal, key| {
            let value = deal.get(key)?;
            let own = deal.writes.contains_key(key);
            Ok(value.filter(|_| own || deal.hand.entry(key).is_some()))
        }),
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
            locked(&hand.server.memo).insert(hand.at(key), Bytes::new());
            hand.write(key, value, ttl)
        })
        .begin(|hand| {
            locked(&hand.server.memo).clear();
            Deal::new(hand)
        })
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let plain = locked(&hand.server.memo).clone();
            deal.reads.retain(|key| !plain.contains_key(&hand.at(key)));
            deal.commit()
        }),
        Mutant::new(
            "plain_deletes_do_not_conflict",
            "a commit does not see plain deletes",
            &[plain],
        )
        .delete(|hand, key| {
            locked(&hand.server.memo).insert(hand.at(key), Bytes::new());
            hand.delete(key)
        })
        .begin(|hand| {
            locked(&hand.server.memo).clear();
            Deal::new(hand)
        })
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let plain = locked(&hand.server.memo).clone();
            deal.reads.retain(|key| !plain.contains_key(&hand.at(key)));
            deal.commit()
        }),
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
            "conflict_for_ever",
            "after a conflict on a key it can't be written by a transaction",
            &[again],
        )
        .commit(|deal| {
            refuse_locked(&mut deal.clone()).inspect_err(|_| {
                let keys = deal.writes.keys().map(|key| (key.clone(), Bytes::new()));
                locked(&deal.hand.server.memo).extend(keys);
            })
        }),
        Mutant::new(
            "any_change_conflicts",
            "a commit conflicts with every other since it began",
            &[different],
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
            "one_transaction_at_a_time",
            "a second transaction is refused while the first is open",
            &[different],
        )
        .begin(|hand| {
            hand.count();
            Deal::new(hand)
        })
        .deal_set(|deal, key, value, ttl| {
            match deal.hand.server.count.load(Ordering::SeqCst) > 1 {
                true => Err(Error::conflict("another transaction is open")),
                false => deal.set(key, value, ttl),
            }
        }),
    ]
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
