//! Faults of transactions that list.

use std::{num::NonZeroUsize, sync::Arc};

use tck::{Bytes, transaction};

use super::{listing_values::with_remembered_values, listings::with_remembered_keys};
use crate::{
    Mutant,
    clay::{locked, page},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [inside(), outside()].concat()
}

fn inside() -> Vec<Mutant> {
    let phantom = transaction::phantom_is_refused;
    let own = transaction::listing_sees_the_own_writes;
    vec![
        Mutant::new(
            "listed_with_own_deletes",
            "a listing in a transaction shows what it has deleted",
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let writes = deal.writes.clone();
            deal.writes.retain(|_, written| written.is_some());
            let listed = deal.list(prefix, after, limit);
            deal.writes = writes;
            listed
        }),
        Mutant::new(
            "own_writes_come_last",
            "a listing in a transaction shows its own new keys at the end",
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let mut listed = deal.list(prefix, after, limit)?;
            let writes = &deal.writes;
            listed.items.sort_by_key(|key| writes.contains_key(key));
            Ok(listed)
        }),
        Mutant::new(
            "own_writes_without_prefix",
            "a listing in a transaction shows all of its own new keys",
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let mut listed = deal.list(prefix, after, limit)?;
            let new = deal.writes.iter().filter(|(key, written)| {
                written.is_some() && after.is_none_or(|after| after < key.as_str())
            });
            listed.items.extend(new.map(|(key, _)| key.clone()));
            listed.items.sort();
            listed.items.dedup();
            Ok(listed)
        }),
        Mutant::new(
            "page_cut_before_the_merge",
            "a page in a transaction is cut before its own writes are merged into it",
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let writes = std::mem::take(&mut deal.writes);
            let stored = deal.list(prefix, after, limit);
            deal.writes = writes;
            let mut listed = stored?;
            listed
                .items
                .retain(|key| deal.writes.get(key) != Some(&None));
            let new = deal.writes.iter().filter(|(key, written)| {
                written.is_some()
                    && key.starts_with(prefix)
                    && after.is_none_or(|after| after < key.as_str())
            });
            listed.items.extend(new.map(|(key, _)| key.clone()));
            listed.items.sort();
            listed.items.dedup();
            Ok(listed)
        }),
        Mutant::new(
            "phantoms",
            "a commit does not look at what was listed",
            &[phantom],
        )
        .commit(|deal| {
            deal.listed.clear();
            deal.commit()
        }),
        Mutant::new(
            "listed_keys_conflict_one_by_one",
            "a commit looks at the keys that were listed, and not for new ones",
            &[phantom],
        )
        .commit(|deal| {
            let listed = std::mem::take(&mut deal.listed);
            for key in listed.iter().flat_map(|prefix| deal.hand.alive(prefix)) {
                if deal.alive(&deal.seen, &key).is_some() {
                    deal.reads.insert(key);
                }
            }
            deal.commit()
        }),
        Mutant::new(
            "transaction_lists_what_is_stored",
            "a listing in a transaction leaves out its own writes",
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let writes = std::mem::take(&mut deal.writes);
            let listed = deal.list(prefix, after, limit);
            deal.writes = writes;
            listed
        }),
        Mutant::new(
            "short_pages_do_not_conflict",
            "a commit does not look at what was listed by pages",
            &[phantom],
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
            &[phantom],
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
            &[phantom],
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
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let keys = deal.list(prefix, None, NonZeroUsize::MAX)?.items;
            let after = after.filter(|after| keys.iter().any(|key| key == after));
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "transaction_folds_prefixes",
            "a prefix is folded in a transaction",
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let mut keys = deal.list("", None, NonZeroUsize::MAX)?.items;
            let prefix = prefix.to_lowercase();
            keys.retain(|key| key.to_lowercase().starts_with(&prefix));
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "transaction_lists_a_thousand",
            "a listing in a transaction ends after 1,000 keys",
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let mut listed = deal.list(prefix, after, limit)?;
            if after.is_none() && listed.items.len() > 1_000 {
                listed.items.truncate(1_000);
                listed.next = None;
            }
            Ok(listed)
        }),
    ]
}

fn outside() -> Vec<Mutant> {
    let committed = transaction::commits_show_in_listings;
    vec![
        Mutant::new(
            "commits_are_not_listed",
            "keys that a transaction has made are not listed",
            &[committed],
        )
        .commit(|deal| {
            let new = deal
                .writes
                .keys()
                .filter(|key| deal.hand.entry(key).is_none());
            locked(&deal.hand.server.memo).extend(new.map(|key| (key.clone(), Bytes::new())));
            deal.commit()
        })
        .list(|hand, prefix, after, limit| {
            let mut keys = hand.alive(prefix);
            keys.retain(|key| !locked(&hand.server.memo).contains_key(key));
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "deleted_by_a_commit_and_listed",
            "keys that a transaction has deleted are listed",
            &[committed],
        )
        .commit(|deal| {
            let deleted = deal.writes.iter().filter(|(_, written)| written.is_none());
            let deleted = deleted.map(|(key, _)| (key.clone(), Bytes::new()));
            locked(&deal.hand.server.memo).extend(deleted);
            deal.commit()
        })
        .list(with_remembered_keys),
        Mutant::new(
            "unfinished_writes_are_listed",
            "keys that a transaction has set are listed before the commit",
            &[committed],
        )
        .deal_set(|deal, key, value, ttl| {
            locked(&deal.hand.server.memo).insert(key.to_owned(), Bytes::new());
            deal.set(key, value, ttl)
        })
        .list(with_remembered_keys),
        Mutant::new(
            "listed_before_the_commit",
            "a key is listed with the value that it had before a commit",
            &[committed],
        )
        .commit(|deal| {
            for key in deal.writes.keys() {
                if let Some(entry) = deal.hand.entry(key) {
                    locked(&deal.hand.server.memo).insert(key.clone(), entry.value);
                }
            }
            deal.commit()
        })
        .list_with_values(with_remembered_values),
    ]
}
