//! Faults of what a commit looks at, and of what it leaves where it fails.

use std::{mem::take, sync::Arc};

use tck::{Bytes, Error, transaction};

use super::{
    marks::{is_marked, mark, unmark},
    transaction_views::commit_as_if,
};
use crate::{
    Mutant,
    clay::{Rules, locked, page},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [reads(), listings(), leftovers()].concat()
}

fn reads() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "what_is_not_there_counts_for_own_writes_only",
            "a commit looks at what it has read where that is still there, or it writes it",
            &[
                transaction::write_skew_is_refused,
                transaction::transactions_of_two_handles_conflict,
            ],
        )
        .commit(|deal| {
            let entries = deal.hand.entries().clone();
            let mut reads = take(&mut deal.reads);
            reads.retain(|key| {
                let there = |entries| deal.alive(entries, key).is_some();
                deal.writes.contains_key(key) || there(&deal.seen) && there(&entries)
            });
            deal.reads = reads;
            deal.commit()
        }),
        Mutant::new(
            "other_handles_count_for_own_writes_only",
            "a commit looks at what another handle has written where it writes it as well",
            &[transaction::transactions_of_two_handles_conflict],
        )
        .write(|hand, key, value, ttl| {
            let number = Bytes::from(hand.number.to_string());
            locked(&hand.server.memo).insert(hand.at(key), number);
            hand.write(key, value, ttl)
        })
        .commit(|deal| {
            let (hand, own) = (Arc::clone(&deal.hand), deal.hand.number.to_string());
            let writers = locked(&hand.server.memo).clone();
            let mut reads = take(&mut deal.reads);
            reads.retain(|key| {
                let writer = writers.get(&hand.at(key));
                deal.writes.contains_key(key) || writer.is_none_or(|writer| *writer == own)
            });
            deal.reads = reads;
            deal.commit()
        }),
        Mutant::new(
            "transactions_take_less",
            "a transaction takes values up to 70,000 bytes, whatever is declared",
            &[transaction::keys_and_values_are_exact],
        )
        .rules(Rules {
            largest_value: Some(16 << 20),
            ..Rules::NONE
        })
        .deal_set(|deal, key, value, ttl| match value.len() {
            size @ 70_001.. => Err(Error::TooLarge {
                size,
                limit: 70_000,
            }),
            _ => deal.set(key, value, ttl),
        }),
    ]
}

fn listings() -> Vec<Mutant> {
    let own = [transaction::listing_sees_the_own_writes];
    vec![
        Mutant::new(
            "own_names_are_no_phantoms",
            "of two transactions that have listed, both make or delete the same key",
            &[transaction::phantom_is_refused],
        )
        .commit(|deal| {
            let mut own = deal.writes.keys().map(|key| (key, deal.hand.at(key)));
            let seen = deal.seen.clone();
            let own: Vec<_> = own
                .by_ref()
                .filter(|(key, _)| !deal.reads.contains(*key))
                .map(|(_, place)| place)
                .collect();
            commit_as_if(deal, |entries| {
                for place in own {
                    match seen.get(&place) {
                        Some(entry) => entries.insert(place, entry.clone()),
                        None => entries.remove(&place),
                    };
                }
            })
        }),
        Mutant::new(
            "own_writes_are_missing_from_everything",
            "a listing of all keys leaves out the own writes of a transaction",
            &own,
        )
        .deal_list(|deal, prefix, after, limit| {
            let writes = take(&mut deal.writes);
            if !prefix.is_empty() {
                deal.writes.clone_from(&writes);
            }
            let listed = deal.list(prefix, after, limit);
            deal.writes = writes;
            listed
        }),
        Mutant::new(
            "own_writes_are_merged_at_the_first_page",
            "later pages of a listing leave out what the transaction has written since the first",
            &own,
        )
        .deal_list(|deal, prefix, after, limit| {
            let listed = deal.list(prefix, None, std::num::NonZeroUsize::MAX)?.items;
            let memo = &mut locked(&deal.hand.memo);
            if after.is_none() {
                memo.insert(prefix.to_owned(), listed.join("\n").into());
            }
            let merged = memo.get(prefix).cloned().unwrap_or_default();
            let merged = String::from_utf8_lossy(&merged).into_owned();
            // Where a key has an end of line, nothing can be said.
            let keys = match listed.iter().any(|key| key.contains('\n')) {
                true => listed,
                false => merged.lines().map(str::to_owned).collect(),
            };
            Ok(page(keys, after, limit))
        }),
    ]
}

fn leftovers() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "large_commits_go_in_batches",
            "a commit is checked and applied by 50 keys at a time",
            &[transaction::hundred_keys_change_together],
        )
        .commit(|deal| {
            let all = take(&mut deal.writes);
            let reads = deal.reads.clone();
            let writes: Vec<_> = all.into_iter().collect();
            for batch in writes.chunks(50) {
                deal.writes = batch.iter().cloned().collect();
                deal.reads = reads.clone();
                if writes.len() > 50 {
                    let written = &deal.writes;
                    deal.reads.retain(|key| written.contains_key(key));
                }
                deal.commit()?;
            }
            match writes.is_empty() {
                true => deal.commit(),
                false => Ok(()),
            }
        }),
        listing_marked(Mutant::new(
            "refused_commits_are_listed",
            "what a commit would have made is listed, though it was refused",
            &[transaction::conflict_changes_nothing_and_can_be_tried_again],
        ))
        .commit(|deal| {
            let committed = deal.commit();
            if committed.is_err() {
                mark_new(deal);
            }
            committed
        }),
        listing_marked(Mutant::new(
            "rolled_back_keys_are_listed",
            "what a transaction would have made is listed, though it was rolled back",
            &[transaction::rollback_leaves_nothing],
        ))
        .rollback(|deal| mark_new(deal)),
        listing_marked(Mutant::new(
            "keys_of_dropped_transactions_are_listed",
            "what a transaction would have made is listed, though it was dropped",
            &[transaction::dropped_transaction_leaves_nothing],
        ))
        .dropped(|deal| mark_new(deal)),
    ]
}

/// Lists what is marked as well, until it is written or deleted.
fn listing_marked(mutant: Mutant) -> Mutant {
    mutant
        .write(|hand, key, value, ttl| {
            unmark(hand, key);
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            unmark(hand, key);
            hand.delete(key)
        })
        .list(|hand, prefix, after, limit| {
            let marked = locked(&hand.memo).clone().into_keys();
            let mut keys = hand.alive(prefix);
            keys.extend(marked.filter(|key| key.starts_with(prefix) && is_marked(hand, key)));
            keys.sort();
            keys.dedup();
            Ok(page(keys, after, limit))
        })
}

fn mark_new(deal: &Deal) {
    for key in deal.writes.keys() {
        locked(&deal.hand.memo).insert(key.clone(), Bytes::new());
        mark(&deal.hand, key);
    }
}
