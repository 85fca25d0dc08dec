//! Faults of transactions that show in single keys, values, times to live and ranges.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use tck::{Bytes, Error, transaction};

use crate::{
    Mutant,
    clay::{Rules, hold_until, locked, page},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [exactness(), lifetimes(), conflicts(), listings()].concat()
}

fn exactness() -> Vec<Mutant> {
    let exact = [transaction::keys_and_values_are_exact];
    let refused = [transaction::what_can_not_be_held_is_refused];
    vec![
        Mutant::new(
            "transaction_writes_text",
            "values pass through text in a transaction",
            &exact,
        )
        .deal_set(|deal, key, value, ttl| deal.set(key, as_text(&value), ttl)),
        Mutant::new(
            "transaction_reads_text",
            "a transaction reads values as text",
            &exact,
        )
        .deal_get(|deal, key| Ok(deal.get(key)?.map(|value| as_text(&value)))),
        Mutant::new(
            "transaction_cuts_values",
            "a transaction stores the first 1,000 bytes of a value",
            &exact,
        )
        .deal_set(|deal, key, mut value, ttl| {
            value.truncate(1_000);
            deal.set(key, value, ttl)
        }),
        Mutant::new(
            "stored_empty_value_is_missing",
            "a transaction reads a stored empty value as missing",
            &exact,
        )
        .deal_get(|deal, key| {
            let own = deal.writes.contains_key(key);
            Ok(deal.get(key)?.filter(|value| own || !value.is_empty()))
        }),
        Mutant::new(
            "empty_value_deletes",
            "a transaction that sets an empty value deletes the key",
            &exact,
        )
        .commit(|deal| {
            for written in deal.writes.values_mut() {
                if written.as_ref().is_some_and(|(value, _)| value.is_empty()) {
                    *written = None;
                }
            }
            deal.commit()
        }),
        Mutant::new(
            "transaction_folds_keys",
            "a transaction takes keys in lower case",
            &exact,
        )
        .deal_set(|deal, key, value, ttl| deal.set(&key.to_lowercase(), value, ttl))
        .deal_get(|deal, key| deal.get(&key.to_lowercase())),
        Mutant::new(
            "transaction_trims_keys",
            "a transaction takes keys without blanks around them",
            &exact,
        )
        .deal_set(|deal, key, value, ttl| deal.set(key.trim(), value, ttl))
        .deal_get(|deal, key| deal.get(key.trim())),
        Mutant::new(
            "transaction_cuts_keys_silently",
            "a transaction looks at the first 100 bytes of a key",
            &exact,
        )
        .deal_set(|deal, key, value, ttl| deal.set(key.get(..100).unwrap_or(key), value, ttl))
        .deal_get(|deal, key| deal.get(key.get(..100).unwrap_or(key))),
        Mutant::new(
            "transaction_refuses_the_longest_key",
            "a transaction refuses keys of the longest length",
            &exact,
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| match key.len() < 200 {
            true => deal.set(key, value, ttl),
            false => Err(Error::invalid_key("too long")),
        }),
        Mutant::new(
            "transaction_refuses_large_values",
            "a transaction takes half of the largest value",
            &exact,
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| {
            let (size, limit) = (value.len(), 50_000);
            match size > limit {
                true => Err(Error::TooLarge { size, limit }),
                false => deal.set(key, value, ttl),
            }
        }),
        Mutant::new(
            "transaction_takes_the_empty_key",
            "a transaction takes the empty key, which is refused elsewhere",
            &refused,
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| match key.is_empty() {
            true => {
                deal.writes.insert(String::new(), Some((value, ttl)));
                Ok(())
            }
            false => deal.set(key, value, ttl),
        }),
    ]
}

fn as_text(value: &Bytes) -> Bytes {
    Bytes::from(String::from_utf8_lossy(value).into_owned())
}

fn lifetimes() -> Vec<Mutant> {
    let from_commit = [transaction::ttl_counts_from_the_commit];
    let there = [transaction::keys_with_a_ttl_are_there];
    let odd = [transaction::odd_ttls_are_taken_as_everywhere];
    vec![
        Mutant::new(
            "first_write_decides_on_expiry",
            "a key that a transaction has set plainly gets no time to live from it any more",
            &from_commit,
        )
        .deal_set(|deal, key, value, ttl| {
            let is_plain = matches!(deal.writes.get(key), Some(Some((_, None))));
            deal.set(key, value, ttl.filter(|_| !is_plain))
        }),
        Mutant::new(
            "commit_keeps_stored_ttls",
            "a plain set in a transaction keeps the time to live that is stored",
            &from_commit,
        )
        .commit(|deal| keeping_ends(deal, false)),
        Mutant::new(
            "renewal_keeps_the_old_end",
            "a time to live given by a transaction does not replace the stored one",
            &from_commit,
        )
        .commit(|deal| keeping_ends(deal, true)),
        Mutant::new(
            "leased_keys_are_missing",
            "a transaction does not find keys with a time to live",
            &there,
        )
        .deal_get(|deal, key| {
            let leased = deal
                .hand
                .entry(key)
                .is_some_and(|entry| entry.end.is_some());
            match leased && !deal.writes.contains_key(key) {
                true => Ok(None),
                false => deal.get(key),
            }
        }),
        Mutant::new(
            "leased_keys_are_not_deleted",
            "a transaction does not delete keys with a time to live",
            &there,
        )
        .deal_delete(|deal, key| {
            match deal
                .hand
                .entry(key)
                .is_some_and(|entry| entry.end.is_some())
            {
                true => Ok(()),
                false => deal.delete(key),
            }
        }),
        Mutant::new(
            "leased_keys_are_not_listed",
            "a listing in a transaction leaves out keys with a time to live",
            &there,
        )
        .deal_list(|deal, prefix, after, limit| {
            let mut keys = deal.list(prefix, None, NonZeroUsize::MAX)?.items;
            keys.retain(|key| {
                deal.writes.contains_key(key)
                    || deal.hand.entry(key).is_none_or(|entry| entry.end.is_none())
            });
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "transaction_lists_what_has_expired",
            "a listing in a transaction shows expired keys",
            &there,
        )
        .deal_list(|deal, prefix, after, limit| {
            let mut keys = deal.list(prefix, None, NonZeroUsize::MAX)?.items;
            keys.extend(deal.hand.keys_among(&deal.seen));
            keys.retain(|key| key.starts_with(prefix) && deal.writes.get(key) != Some(&None));
            keys.sort();
            keys.dedup();
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "longest_ttl_panics",
            "the longest time to live panics in a transaction",
            &odd,
        )
        .deal_set(|deal, key, value, ttl| {
            let end = ttl.map(|ttl| deal.hand.now() + ttl);
            deal.set(key, value, end.and(ttl))
        }),
        Mutant::new(
            "zero_is_for_ever_in_a_transaction",
            "a time to live of zero is none in a transaction",
            &odd,
        )
        .deal_set(|deal, key, value, ttl| deal.set(key, value, ttl.filter(|ttl| !ttl.is_zero()))),
        Mutant::new(
            "leased_values_of_any_size",
            "a transaction takes values of any size with a time to live",
            &odd,
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| match ttl {
            Some(_) => {
                deal.writes.insert(key.to_owned(), Some((value, ttl)));
                Ok(())
            }
            None => deal.set(key, value, ttl),
        }),
    ]
}

/// Commits, and leaves the ends of what is alive where the write has a time to live or not.
fn keeping_ends(deal: &mut Deal, where_leased: bool) -> tck::Result<()> {
    let hand = Arc::clone(&deal.hand);
    let mut entries = hand.entries();
    deal.check(&entries)?;
    let before = entries.clone();
    deal.apply(&mut entries)?;
    for (key, written) in &deal.writes {
        let end = deal.alive(&before, key).and_then(|entry| entry.end);
        let is_meant = matches!(written, Some((_, ttl)) if ttl.is_some() == where_leased);
        if let Some(entry) = entries.get_mut(&hand.at(key))
            && is_meant
            && end.is_some()
        {
            entry.end = end;
        }
    }
    Ok(())
}

fn conflicts() -> Vec<Mutant> {
    let unfinished = [transaction::unfinished_writes_do_not_show];
    vec![
        Mutant::new(
            "deleting_does_not_conflict",
            "a transaction that deletes what it has read meets no conflict",
            &[transaction::plain_writes_conflict_as_well],
        )
        .commit(|deal| {
            let writes = &deal.writes;
            deal.reads.retain(|key| writes.get(key) != Some(&None));
            deal.commit()
        }),
        Mutant::new(
            "conflict_deletes",
            "a transaction that meets a conflict deletes what it would have",
            &[transaction::conflict_changes_nothing_and_can_be_tried_again],
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
            &[transaction::missing_key_conflicts_as_well],
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
            locked(&hand.server.memo).insert(hand.at(key), Bytes::new());
            hand.write(key, value, ttl)
        })
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let leased = locked(&hand.server.memo).clone();
            deal.reads.retain(|key| !leased.contains_key(&hand.at(key)));
            deal.commit()
        }),
        Mutant::new(
            "plain_set_meets_a_lock",
            "a plain set of a key that an open transaction has written answers a conflict",
            &unfinished,
        )
        .deal_set(hold)
        .set(
            |hand, key, value, ttl| match locked(&hand.server.memo).contains_key(&hand.at(key)) {
                true => Err(Error::conflict("locked")),
                false => hand.write(key, value, ttl),
            },
        )
        .commit(|deal| {
            release(deal);
            deal.commit()
        })
        .rollback(release)
        .dropped(release),
        Mutant::new(
            "plain_set_is_lost",
            "a plain set of a key that an open transaction has written stores nothing",
            &unfinished,
        )
        .deal_set(hold)
        .set(
            |hand, key, value, ttl| match locked(&hand.server.memo).contains_key(&hand.at(key)) {
                true => Ok(()),
                false => hand.write(key, value, ttl),
            },
        )
        .commit(|deal| {
            release(deal);
            deal.commit()
        })
        .rollback(release)
        .dropped(release),
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
    ]
}

fn hold(deal: &mut Deal, key: &str, value: Bytes, ttl: Option<Duration>) -> tck::Result<()> {
    locked(&deal.hand.server.memo).insert(deal.hand.at(key), Bytes::new());
    deal.set(key, value, ttl)
}

fn release(deal: &mut Deal) {
    let mut held = locked(&deal.hand.server.memo);
    for key in deal.writes.keys() {
        held.remove(&deal.hand.at(key));
    }
}

fn listings() -> Vec<Mutant> {
    let phantom = [transaction::phantom_is_refused];
    let own = [transaction::listing_sees_the_own_writes];
    vec![
        Mutant::new(
            "lists_the_present",
            "a listing in a transaction is of the present",
            &[transaction::reads_are_of_one_moment],
        )
        .deal_list(|deal, prefix, after, limit| {
            let present = deal.hand.entries().clone();
            let seen = std::mem::replace(&mut deal.seen, present);
            let listed = deal.list(prefix, after, limit);
            deal.seen = seen;
            listed
        }),
        Mutant::new(
            "short_pages_do_not_conflict",
            "a commit does not look at what was listed by pages",
            &phantom,
        )
        .deal_list(|deal, prefix, after, limit| {
            let before = deal.listed.clone();
            let listed = deal.list(prefix, after, limit);
            if limit < NonZeroUsize::MAX {
                deal.listed = before;
            }
            listed
        }),
        Mutant::new(
            "one_listing_is_remembered",
            "a commit looks at the first listing",
            &phantom,
        )
        .deal_list(|deal, prefix, after, limit| {
            let before = deal.listed.clone();
            let listed = deal.list(prefix, after, limit);
            if !before.is_empty() {
                deal.listed = before;
            }
            listed
        }),
        Mutant::new(
            "deleted_keys_are_no_phantoms",
            "a commit does not see that a listed key was deleted",
            &phantom,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let reads: Vec<_> = deal.reads.iter().map(|key| hand.at(key)).collect();
            let present = hand.entries().clone();
            deal.seen
                .retain(|place, _| reads.contains(place) || present.contains_key(place));
            deal.commit()
        }),
        Mutant::new(
            "transaction_looks_places_up",
            "a listing in a transaction begins at the start where the place is gone",
            &own,
        )
        .deal_list(|deal, prefix, after, limit| {
            let keys = deal.list(prefix, None, NonZeroUsize::MAX)?.items;
            let after = after.filter(|after| keys.iter().any(|key| key == after));
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "transaction_folds_prefixes",
            "a prefix is folded in a transaction",
            &own,
        )
        .deal_list(|deal, prefix, after, limit| {
            let mut keys = deal.list("", None, NonZeroUsize::MAX)?.items;
            let prefix = prefix.to_lowercase();
            keys.retain(|key| key.to_lowercase().starts_with(&prefix));
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "transaction_lists_a_hundred",
            "a listing in a transaction ends after 100 keys",
            &own,
        )
        .deal_list(|deal, prefix, after, limit| {
            let mut listed = deal.list(prefix, after, limit)?;
            if listed.items.len() > 100 {
                listed.items.truncate(100);
                listed.next = None;
            }
            Ok(listed)
        }),
    ]
}
