//! Faults of what a transaction sees of others, and others of it.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tck::{Bytes, Error, Result, transaction};
use tokio::task::yield_now;

use super::{
    handle_memories::{forgetting, kept, list_kept},
    marks::{is_marked, mark, mark_for_a_step},
};
use crate::{
    Mutant,
    clay::{Entry, hold_for, locked, page},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [listed(), dropped(), commits()].concat()
}

fn listed() -> Vec<Mutant> {
    let phantom = [transaction::phantom_is_refused];
    let handles = [transaction::transactions_of_two_handles_conflict];
    vec![
        Mutant::new(
            "plus_is_a_blank_in_a_transaction",
            "a plus in a key becomes a blank in a transaction",
            &[transaction::keys_and_values_are_exact],
        )
        .deal_set(|deal, key, value, ttl| deal.set(&key.replace('+', " "), value, ttl))
        .deal_get(|deal, key| deal.get(&key.replace('+', " "))),
        Mutant::new(
            "place_decoded_in_a_transaction",
            "percent escapes in the place of a page of a transaction are decoded",
            &[transaction::listing_sees_the_own_writes],
        )
        .deal_list(|deal, prefix, after, limit| {
            let after = after.map(|after| after.replace("%20", " "));
            deal.list(prefix, after.as_deref(), limit)
        }),
        Mutant::new(
            "later_pages_do_not_count",
            "a commit does not look at pages that begin behind a key",
            &phantom,
        )
        .deal_list(|deal, prefix, after, limit| {
            let counted = deal.listed.contains(prefix);
            let listed = deal.list(prefix, after, limit)?;
            if after.is_some() && !counted {
                deal.listed.remove(prefix);
            }
            Ok(listed)
        }),
        Mutant::new(
            "deletes_of_commits_are_no_phantoms",
            "a listed key that another transaction has deleted is no conflict",
            &phantom,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let deleted = locked(&hand.server.memo).clone();
            commit_as_if(deal, |entries| {
                let gone = deal_entries(&deal.seen, |place| deleted.contains_key(place));
                entries.extend(gone);
            })?;
            for (key, written) in &deal.writes {
                if written.is_none() {
                    mark(&hand, key);
                }
            }
            Ok(())
        }),
        Mutant::new(
            "other_handles_make_no_phantoms",
            "a commit does not see keys that another handle has made since",
            &handles,
        )
        .write(|hand, key, value, ttl| {
            let number = Bytes::from(hand.number.to_string());
            locked(&hand.server.memo).insert(hand.at(key), number);
            hand.write(key, value, ttl)
        })
        .commit(|deal| {
            let own = deal.hand.number.to_string();
            let writers = locked(&deal.hand.server.memo).clone();
            commit_as_if(deal, |entries| {
                entries.retain(|place, _| {
                    deal.seen.contains_key(place)
                        || writers.get(place).is_none_or(|writer| *writer == own)
                });
            })
        }),
        Mutant::new(
            "handle_keeps_the_listing_of_its_transactions",
            "a handle lists in transactions what it has listed before",
            &handles,
        )
        .deal_list(|deal, prefix, after, limit| {
            let keys = deal.list(prefix, None, NonZeroUsize::MAX)?.items;
            let kept = kept(&deal.hand.memo, prefix.to_owned(), &keys);
            Ok(page(kept, after, limit))
        }),
        forgetting(Mutant::new(
            "transactions_keep_copies_past_conditions",
            "transactions read what one of them has read before a write on a condition",
            &handles,
        ))
        .deal_get(|deal, key| {
            let got = deal.get(key)?;
            if deal.writes.contains_key(key) {
                return Ok(got);
            }
            let copies = &mut locked(&deal.hand.server.memo);
            let copy = got.map(|value| copies.entry(deal.hand.at(key)).or_insert(value));
            Ok(copy.cloned())
        })
        .commit(|deal| {
            if !deal.writes.is_empty() {
                locked(&deal.hand.server.memo).clear();
            }
            deal.commit()
        }),
        forgetting(Mutant::new(
            "handle_keeps_listings_over_commits",
            "a handle keeps a listing until somebody writes plainly",
            &handles,
        ))
        .list(list_kept),
        Mutant::new(
            "rollback_after_a_conflict_fails",
            "a transaction that has met a conflict answers it again to a rollback",
            &[transaction::reads_are_of_one_moment],
        )
        .deal_get(|deal, key| {
            let checked = deal.check(&deal.hand.entries());
            if checked.is_err() {
                deal.hand.count();
            }
            checked.and_then(|()| deal.get(key))
        })
        .rollback_answer(|deal| match deal.hand.server.count.load(Ordering::SeqCst) {
            0 => Ok(()),
            _ => Err(Error::conflict("what was read has changed")),
        }),
    ]
}

/// Commits where, with entries that are changed first, all that was read is still so.
pub(super) fn commit_as_if(
    deal: &Deal,
    change: impl FnOnce(&mut BTreeMap<String, Entry>),
) -> Result<()> {
    let mut entries = deal.hand.entries();
    let mut looked_at = entries.clone();
    change(&mut looked_at);
    deal.check(&looked_at)?;
    deal.apply(&mut entries)
}

fn deal_entries(
    seen: &BTreeMap<String, Entry>,
    is_meant: impl Fn(&str) -> bool,
) -> BTreeMap<String, Entry> {
    let seen = seen.iter().filter(|(place, _)| is_meant(place));
    seen.map(|(place, entry)| (place.clone(), entry.clone()))
        .collect()
}

fn dropped() -> Vec<Mutant> {
    let dropped = [transaction::dropped_transaction_leaves_nothing];
    vec![
        Mutant::new(
            "dropped_begins_leak",
            "after 16 transactions that were dropped while they began none begins",
            &dropped,
        )
        .slow_begin(|hand| {
            Box::pin(async move {
                if hand.count() >= 16 {
                    return Err(Error::unavailable("no connection is left"));
                }
                yield_now().await;
                hand.server.count.fetch_sub(1, Ordering::SeqCst);
                Ok(Deal::new(&hand))
            })
        }),
        Mutant::new(
            "dropped_read_keeps_its_lock",
            "a read of a transaction that is dropped leaves its key locked",
            &dropped,
        )
        .slow_deal_get(|hand, key| {
            Box::pin(async move {
                mark_for_a_step(&hand, &key).await;
                Ok(())
            })
        })
        .commit(|deal| {
            let locked_keys = locked(&deal.hand.server.memo).clone();
            let is_locked = |key: &String| locked_keys.contains_key(&deal.hand.at(key));
            match deal.writes.keys().any(is_locked) {
                true => Err(Error::conflict("somebody else reads it")),
                false => deal.commit(),
            }
        }),
    ]
}

fn commits() -> Vec<Mutant> {
    let dropped = transaction::dropped_commit_is_all_or_nothing;
    let whole = transaction::commits_show_whole_to_all;
    vec![
        Mutant::new(
            "commit_in_batches_of_a_mebibyte",
            "a commit over 1 MiB is written in two steps",
            &[dropped],
        )
        .slow_commit(|deal| {
            Box::pin(async move {
                deal.check(&deal.hand.entries())?;
                let mut size = 0;
                let mut waits = true;
                for (key, written) in &deal.writes {
                    size += written.as_ref().map_or(0, |(value, _)| value.len());
                    if size > 1 << 20 && std::mem::take(&mut waits) {
                        yield_now().await;
                    }
                    deal.apply_to(&mut deal.hand.entries(), key)?;
                }
                Ok(())
            })
        }),
        Mutant::new(
            "commit_cut_at_four_mebibytes",
            "a commit writes what fits into 4 MiB and answers Ok",
            &[transaction::hundred_keys_change_together],
        )
        .commit(|deal| {
            let mut size = 0;
            deal.writes.retain(|_, written| {
                size += written.as_ref().map_or(0, |(value, _)| value.len());
                size <= 4 << 20
            });
            deal.commit()
        }),
        Mutant::new(
            "plain_reads_see_a_commit_key_by_key",
            "new keys of a commit show to plain reads one after the other",
            &[whole, dropped],
        )
        .slow_commit(shown_key_by_key)
        .get(|hand, key| {
            hand.count();
            match is_marked(hand, key) {
                true => Ok(None),
                false => hand.get(key),
            }
        }),
        Mutant::new(
            "listings_see_a_commit_key_by_key",
            "new keys of a commit show in listings one after the other",
            &[whole, dropped],
        )
        .slow_commit(shown_key_by_key)
        .list(|hand, prefix, after, limit| {
            hand.count();
            let mut keys = hand.alive(prefix);
            keys.retain(|key| !is_marked(hand, key));
            Ok(page(keys, after, limit))
        }),
    ]
}

/// How many reads see each key appear: enough to go through all that a commit has.
const READS: usize = 8;

fn shown_key_by_key(mut deal: Deal) -> crate::parts::Slow<()> {
    Box::pin(async move {
        let hand = Arc::clone(&deal.hand);
        for key in deal.writes.keys().filter(|key| hand.entry(key).is_none()) {
            mark(&hand, key);
        }
        deal.commit()?;
        let reads = || hand.server.count.load(Ordering::SeqCst);
        for key in deal.writes.keys() {
            let before = reads();
            hold_for(Duration::from_millis(10), || reads() >= before + READS);
            yield_now().await;
            locked(&hand.server.memo).remove(&hand.at(key));
        }
        Ok(())
    })
}
