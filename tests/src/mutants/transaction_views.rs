//! Faults of transactions with listings and times to live.

use tck::transaction;

use crate::Mutant;

pub(super) fn mutants() -> Vec<Mutant> {
    [listings(), expiring()].concat()
}

fn listings() -> Vec<Mutant> {
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
            &[transaction::phantom_is_refused],
        )
        .commit(|deal| {
            deal.listed.clear();
            deal.commit()
        }),
        Mutant::new(
            "listed_keys_conflict_one_by_one",
            "a commit looks at the keys that were listed, and not for new ones",
            &[transaction::phantom_is_refused],
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
            &[transaction::listing_sees_the_own_writes],
        )
        .deal_list(|deal, prefix, after, limit| {
            let writes = std::mem::take(&mut deal.writes);
            let listed = deal.list(prefix, after, limit);
            deal.writes = writes;
            listed
        }),
    ]
}

fn expiring() -> Vec<Mutant> {
    let from_commit = transaction::ttl_counts_from_the_commit;
    let absent = transaction::expired_keys_are_absent;
    let keeps = transaction::rollback_keeps_the_ttl;
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
            "transaction_keeps_stored_ttls",
            "a transaction gives a time to live to new keys only",
            &[from_commit],
        )
        .deal_set(|deal, key, value, ttl| {
            let is_new = deal.hand.entry(key).is_none();
            deal.set(key, value, ttl.filter(|_| is_new))
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
