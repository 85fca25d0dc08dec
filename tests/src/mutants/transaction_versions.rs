//! Faults of commits that take a change for none: leases, and versions that count anew.

use std::sync::Arc;

use tck::{Bytes, Result, transaction};

use super::{marks::mark_leased, transaction_conflicts::commit_but_for_marked};
use crate::{
    Mutant,
    clay::{Hand, locked},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    let changes = [transaction::writes_with_a_ttl_conflict_as_well];
    vec![
        Mutant::new(
            "missing_key_that_was_leased",
            "a missing key that was set with a time to live is no conflict",
            &changes,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let seen = deal.seen.clone();
            deal.reads.retain(|key| {
                let is_leased = hand.entry(key).is_some_and(|entry| entry.end.is_some());
                seen.contains_key(&hand.at(key)) || !is_leased
            });
            deal.commit()
        }),
        Mutant::new(
            "expired_read_not_remembered",
            "that a key had expired is not remembered as a read",
            &changes,
        )
        .deal_get(|deal, key| {
            let got = deal.get(key)?;
            if got.is_none() && deal.seen.contains_key(&deal.hand.at(key)) {
                deal.reads.remove(key);
            }
            Ok(got)
        }),
        Mutant::new(
            "leases_of_commits_do_not_conflict",
            "what another transaction has set with a time to live is no conflict",
            &changes,
        )
        .commit(|deal| {
            commit_but_for_marked(deal)?;
            mark_leased(deal);
            Ok(())
        }),
        Mutant::new(
            "version_counts_anew_after_an_end",
            "versions of a key begin anew when it is set after its end",
            &changes,
        )
        .write(|hand, key, value, ttl| {
            let is_alive = hand.entry(key).is_some_and(|held| hand.is_alive(&held));
            raise_version(hand, key, is_alive);
            hand.write(key, value, ttl)
        })
        .deal_get(remembering_version)
        .commit(commit_by_version),
        Mutant::new(
            "version_counts_anew_after_a_delete",
            "versions of a key begin anew when it is set after a delete",
            &[transaction::plain_writes_conflict_as_well],
        )
        .write(|hand, key, value, ttl| {
            raise_version(hand, key, hand.entry(key).is_some());
            hand.write(key, value, ttl)
        })
        .deal_get(remembering_version)
        .commit(commit_by_version),
    ]
}

fn raise_version(hand: &Hand, key: &str, goes_on: bool) {
    let mut versions = locked(&hand.server.memo);
    let version = versions.entry(hand.at(key)).or_default();
    let next = if goes_on { version.len() + 1 } else { 1 };
    *version = Bytes::from(vec![0; next]);
}

fn version(hand: &Hand, key: &str) -> Option<Bytes> {
    locked(&hand.server.memo).get(&hand.at(key)).cloned()
}

fn remembering_version(deal: &mut Deal, key: &str) -> Result<Option<Bytes>> {
    if let Some(version) = version(&deal.hand, key) {
        locked(&deal.hand.memo).insert(key.to_owned(), version);
    }
    deal.get(key)
}

/// Commits where each version is the one that was read.
fn commit_by_version(deal: &mut Deal) -> Result<()> {
    let hand = Arc::clone(&deal.hand);
    let read = locked(&hand.memo).clone();
    deal.reads
        .retain(|key| !read.contains_key(key) || version(&hand, key).as_ref() != read.get(key));
    deal.commit()
}
