//! Faults of transactions with times to live.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use tck::{Bytes, transaction};

use crate::{
    Mutant,
    clay::{Entry, Rules, locked, page},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [given(), stored()].concat()
}

fn given() -> Vec<Mutant> {
    let from_commit = transaction::ttl_counts_from_the_commit;
    let odd = transaction::odd_ttls_are_taken_as_everywhere;
    vec![
        Mutant::new(
            "ttl_lost_in_a_transaction",
            "what a transaction sets with a time to live stays for ever",
            &[from_commit],
        )
        .deal_set(|deal, key, value, _| deal.set(key, value, None)),
        Mutant::new(
            "ttl_in_milliseconds_in_a_transaction",
            "in a transaction a time to live is a thousandth of what was asked for",
            &[from_commit],
        )
        .deal_set(|deal, key, value, ttl| deal.set(key, value, ttl.map(|ttl| ttl / 1_000))),
        Mutant::new(
            "plain_set_inherits_a_ttl",
            "a plain set in a transaction keeps the time to live that it gave before",
            &[from_commit],
        )
        .deal_set(|deal, key, value, ttl| {
            let before = deal.writes.get(key).and_then(|written| written.as_ref()?.1);
            deal.set(key, value, ttl.or(before))
        }),
        Mutant::new(
            "lease_taken_back_leaves_its_timer",
            "a key that a transaction leases and deletes is deleted once more after its time to live",
            &[from_commit],
        )
        .deal_delete(|deal, key| {
            let before = deal.writes.get(key).and_then(|written| written.as_ref()?.1);
            if let Some(ttl) = before {
                let timer = Bytes::from(ttl.as_nanos().to_string());
                locked(&deal.hand.server.memo).insert(deal.hand.at(key), timer);
            }
            deal.delete(key)
        })
        .get(|hand, key| {
            let timer = locked(&hand.server.memo).get(&hand.at(key)).cloned();
            let ttl = timer.and_then(|timer| str::from_utf8(&timer).ok()?.parse().ok());
            if let (Some(ttl), Some(entry)) = (ttl, hand.entry(key))
                && hand.now() > entry.written + Duration::from_nanos(ttl)
            {
                hand.delete(key)?;
            }
            hand.get(key)
        }),
        Mutant::new(
            "transaction_keeps_stored_ttls",
            "a transaction gives a time to live to new keys only",
            &[from_commit],
        )
        .deal_set(|deal, key, value, ttl| {
            let is_new = deal.hand.entry(key).is_none();
            deal.set(key, value, ttl.filter(|_| is_new))
        }),
        Mutant::new(
            "first_write_decides_on_expiry",
            "a key that a transaction has set plainly gets no time to live from it any more",
            &[from_commit],
        )
        .deal_set(|deal, key, value, ttl| {
            let is_plain = matches!(deal.writes.get(key), Some(Some((_, None))));
            deal.set(key, value, ttl.filter(|_| !is_plain))
        }),
        Mutant::new(
            "commit_keeps_stored_ttls",
            "a plain set in a transaction keeps the time to live that is stored",
            &[from_commit],
        )
        .commit(|deal| keeping_ends(deal, false)),
        Mutant::new(
            "renewal_keeps_the_old_end",
            "a time to live given by a transaction does not replace the stored one",
            &[from_commit],
        )
        .commit(|deal| keeping_ends(deal, true)),
        Mutant::new(
            "longest_ttl_panics",
            "the longest time to live panics in a transaction",
            &[odd],
        )
        .deal_set(|deal, key, value, ttl| {
            let end = ttl.map(|ttl| deal.hand.now() + ttl);
            deal.set(key, value, end.and(ttl))
        }),
        Mutant::new(
            "zero_is_for_ever_in_a_transaction",
            "a time to live of zero is none in a transaction",
            &[odd],
        )
        .deal_set(|deal, key, value, ttl| deal.set(key, value, ttl.filter(|ttl| !ttl.is_zero()))),
        Mutant::new(
            "leased_values_of_any_size",
            "a transaction takes values of any size with a time to live",
            &[odd],
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

fn stored() -> Vec<Mutant> {
    let there = transaction::keys_with_a_ttl_are_there;
    let absent = transaction::expired_keys_are_absent;
    let keeps = transaction::rollback_keeps_the_ttl;
    vec![
        Mutant::new(
            "leased_keys_are_missing",
            "a transaction does not find keys with a time to live",
            &[there],
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
            &[there],
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
            &[there],
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
            &[there],
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
            "transaction_reads_what_has_expired",
            "a transaction reads expired entries",
            &[absent],
        )
        .deal_get(|deal, key| {
            let expired = deal
                .seen
                .get(&deal.hand.at(key))
                .map(|entry| entry.value.clone());
            Ok(deal.get(key)?.or(match deal.writes.contains_key(key) {
                true => None,
                false => expired,
            }))
        }),
        Mutant::new(
            "commit_revives",
            "a commit writes back what it has read, expired or not",
            &[absent],
        )
        .commit(|deal| {
            let mut entries = deal.hand.entries();
            deal.check(&entries)?;
            for key in deal
                .reads
                .difference(&deal.writes.keys().cloned().collect())
            {
                if let Some(entry) = entries.get_mut(&deal.hand.at(key)) {
                    entry.end = None;
                }
            }
            deal.apply(&mut entries)
        }),
        Mutant::new(
            "deadline_moved_at_once",
            "a set in a transaction clears the time to live at once",
            &[keeps],
        )
        .deal_set(|deal, key, value, ttl| {
            let place = deal.hand.at(key);
            if let Some(entry) = deal.hand.entries().get_mut(&place) {
                entry.end = None;
            }
            deal.set(key, value, ttl)
        }),
        Mutant::new(
            "refused_commit_gives_its_deadlines",
            "a commit that meets a conflict has given its times to live",
            &[keeps],
        )
        .commit(|deal| {
            let done = deal.commit();
            if done.is_err() {
                let hand = Arc::clone(&deal.hand);
                for (key, written) in &deal.writes {
                    if let (Some((_, Some(ttl))), Some(entry)) = (written, hand.entry(key)) {
                        let end = hand.now().checked_add(*ttl);
                        hand.put(key, Entry { end, ..entry });
                    }
                }
            }
            done
        }),
        Mutant::new(
            "deadline_given_at_once",
            "a set with a time to live in a transaction gives it to what is there",
            &[keeps],
        )
        .deal_set(|deal, key, value, ttl| {
            let end = ttl.and_then(|ttl| deal.hand.now().checked_add(ttl));
            let place = deal.hand.at(key);
            if let Some(entry) = deal.hand.entries().get_mut(&place)
                && end.is_some()
            {
                entry.end = end;
            }
            deal.set(key, value, ttl)
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
