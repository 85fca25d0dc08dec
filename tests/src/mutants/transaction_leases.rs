//! Faults of what a transaction writes with a time to live: keys, values, conflicts, listings.

use std::{num::NonZeroUsize, sync::Arc};

use tck::{Bytes, Result, transaction};

use super::transaction_conflicts::{commit_but_for_marked, mark};
use crate::{
    Mutant,
    clay::{Entry, Hand, Rules, locked, page},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [taken(), ends(), conflicts(), seen()].concat()
}

/// What is taken, and as what.
fn taken() -> Vec<Mutant> {
    let exact = [transaction::keys_and_values_are_exact];
    let odd = [transaction::odd_ttls_are_taken_as_everywhere];
    vec![
        Mutant::new(
            "empty_lease_deletes",
            "a transaction that sets an empty value with a time to live deletes the key",
            &exact,
        )
        .deal_set(|deal, key, value, ttl| match ttl {
            Some(_) if value.is_empty() => deal.delete(key),
            _ => deal.set(key, value, ttl),
        }),
        Mutant::new(
            "leased_value_as_text",
            "values with a time to live go through text in a transaction",
            &exact,
        )
        .deal_set(|deal, key, value, ttl| match ttl {
            Some(_) => {
                let text = String::from_utf8_lossy(&value).into_owned();
                deal.set(key, text.into(), ttl)
            }
            None => deal.set(key, value, ttl),
        }),
        Mutant::new(
            "leased_value_cut",
            "a transaction stores the first 1,000 bytes of a value with a time to live",
            &exact,
        )
        .deal_set(|deal, key, mut value, ttl| {
            value.truncate(if ttl.is_some() { 1_000 } else { usize::MAX });
            deal.set(key, value, ttl)
        }),
        Mutant::new(
            "leased_key_trimmed",
            "a transaction takes keys with a time to live without blanks around them",
            &exact,
        )
        .deal_set(|deal, key, value, ttl| match ttl {
            Some(_) => deal.set(key.trim(), value, ttl),
            None => deal.set(key, value, ttl),
        }),
        Mutant::new(
            "leased_keys_of_any_length",
            "a transaction takes keys of any length with a time to live",
            &odd,
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| match ttl {
            Some(_) if !key.is_empty() => unchecked(deal, key, value, ttl),
            _ => deal.set(key, value, ttl),
        }),
        Mutant::new(
            "leased_empty_key",
            "a transaction takes the empty key with a time to live, which is refused elsewhere",
            &odd,
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| match ttl {
            Some(_) if key.is_empty() => unchecked(deal, key, value, ttl),
            _ => deal.set(key, value, ttl),
        }),
    ]
}

fn unchecked(
    deal: &mut Deal,
    key: &str,
    value: Bytes,
    ttl: Option<std::time::Duration>,
) -> Result<()> {
    deal.hand.check("key", &value)?;
    deal.writes.insert(key.to_owned(), Some((value, ttl)));
    Ok(())
}

/// When it ends.
fn ends() -> Vec<Mutant> {
    let from_commit = [transaction::ttl_counts_from_the_commit];
    vec![
        Mutant::new(
            "lease_of_the_same_value_spared",
            "a transaction gives no time to live to a value that is there already",
            &from_commit,
        )
        .commit(|deal| sparing_the_same(deal, true)),
        Mutant::new(
            "plain_set_of_the_same_value_spared",
            "a transaction does not clear the time to live of a value that is there already",
            &from_commit,
        )
        .commit(|deal| sparing_the_same(deal, false)),
        Mutant::new(
            "shorter_lease_ignored",
            "a transaction does not shorten the time that is left",
            &from_commit,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let before = hand.entries().clone();
            deal.commit()?;
            let leased = deal.writes.iter().filter_map(|(key, written)| {
                written.as_ref()?.1?;
                Some((key, deal.alive(&before, key)?.end?))
            });
            for (key, end) in leased {
                if let Some(entry) = hand.entries().get_mut(&hand.at(key)) {
                    entry.end = entry.end.max(Some(end));
                }
            }
            Ok(())
        }),
        Mutant::new(
            "reading_in_a_transaction_extends",
            "a read in a transaction begins the time to live anew",
            &[transaction::keys_with_a_ttl_are_there],
        )
        .deal_get(|deal, key| {
            let got = deal.get(key)?;
            let hand = Arc::clone(&deal.hand);
            if let Some(entry) = hand.entries().get_mut(&hand.at(key))
                && let Some(end) = entry.end
                && hand.is_alive(entry)
            {
                let ttl = end - entry.written;
                entry.written = hand.now();
                entry.end = hand.now().checked_add(ttl);
            }
            Ok(got)
        }),
        Mutant::new(
            "comparison_keeps_a_committed_end",
            "`compare_and_set` keeps the time to live that a transaction has given",
            &[transaction::commits_count_for_conditions],
        )
        .commit(|deal| {
            mark_leased(deal);
            deal.commit()
        })
        .compare_and_set(|hand, key, expected, value| {
            let before = hand.entry(key).filter(|_| is_marked(hand, key));
            let stored = hand.compare_and_set(key, expected, value)?;
            if let (true, Some(before), Some(entry)) = (stored, before, hand.entry(key)) {
                let end = before.end;
                hand.put(key, Entry { end, ..entry });
            }
            Ok(stored)
        }),
    ]
}

/// Commits what changes something. A value with a time to live changes nothing where it is there
/// already, or one without.
fn sparing_the_same(deal: &mut Deal, leased: bool) -> Result<()> {
    let hand = Arc::clone(&deal.hand);
    deal.writes.retain(|key, written| {
        let Some((value, ttl)) = written else {
            return true;
        };
        let held = hand.entry(key).filter(|held| hand.is_alive(held));
        ttl.is_some() != leased || held.is_none_or(|held| held.value != *value)
    });
    deal.commit()
}

/// What is a change.
fn conflicts() -> Vec<Mutant> {
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
        Mutant::new(
            "committed_lease_is_absent",
            "`set_if_absent` does not see what a transaction has set with a time to live",
            &[transaction::commits_count_for_conditions],
        )
        .commit(|deal| {
            mark_leased(deal);
            deal.commit()
        })
        .set_if_absent(|hand, key, value| match is_marked(hand, key) {
            true => hand.write_if(key, value, |_| true),
            false => hand.set_if_absent(key, value),
        }),
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

/// What is seen of it.
fn seen() -> Vec<Mutant> {
    let show = [transaction::commits_show_in_listings];
    let own = transaction::listing_sees_the_own_writes;
    let one_moment = [transaction::expiry_is_of_one_moment];
    vec![
        Mutant::new(
            "own_leases_come_on_top",
            "a page in a transaction is longer by what it has written with a time to live",
            &[own],
        )
        .deal_list(|deal, prefix, after, limit| {
            let leased = deal.writes.values().flatten().filter(|(_, ttl)| ttl.is_some());
            deal.list(prefix, after, limit.saturating_add(leased.count()))
        }),
        Mutant::new(
            "committed_leases_are_not_listed",
            "what a transaction has set with a time to live is not listed",
            &show,
        )
        .commit(|deal| {
            mark_leased(deal);
            deal.commit()
        })
        .list(|hand, prefix, after, limit| {
            let mut keys = hand.alive(prefix);
            keys.retain(|key| !is_marked(hand, key));
            Ok(page(keys, after, limit))
        }),
        Mutant::new(
            "miss_outlives_a_committed_lease",
            "a miss is remembered until a write, but for what a transaction sets with a time to live",
            &show,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).remove(&hand.at(key));
            hand.write(key, value, ttl)
        })
        .get(|hand, key| {
            if is_marked(hand, key) {
                return Ok(None);
            }
            let got = hand.get(key)?;
            if got.is_none() {
                mark(hand, key);
            }
            Ok(got)
        })
        .commit(|deal| {
            forget_plain(deal);
            deal.commit()
        }),
        Mutant::new(
            "copy_outlives_a_committed_lease",
            "a value that was read is remembered until a write, but for what a transaction sets with a time to live",
            &show,
        )
        .write(|hand, key, value, ttl| {
            locked(&hand.server.memo).remove(&hand.at(key));
            hand.write(key, value, ttl)
        })
        .delete(|hand, key| {
            locked(&hand.server.memo).remove(&hand.at(key));
            hand.delete(key)
        })
        .get(|hand, key| {
            let copy = locked(&hand.server.memo).get(&hand.at(key)).cloned();
            let got = copy.map_or_else(|| hand.get(key), |copy| Ok(Some(copy)))?;
            if let Some(value) = &got {
                locked(&hand.server.memo).insert(hand.at(key), value.clone());
            }
            Ok(got)
        })
        .commit(|deal| {
            forget_plain(deal);
            deal.commit()
        }),
        Mutant::new(
            "reads_on_after_an_end",
            "a transaction reads on after something that it has read has expired",
            &one_moment,
        )
        .deal_get(|deal, key| {
            deal.until = None;
            deal.get(key)
        }),
        Mutant::new(
            "lists_on_after_an_end",
            "a transaction lists on after something that it has read has expired",
            &one_moment,
        )
        .deal_list(|deal, prefix, after, limit| {
            deal.until = None;
            deal.list(prefix, after, limit)
        }),
        Mutant::new(
            "expired_page_ends_the_listing",
            "a page of a transaction on which all has expired is the last",
            &[transaction::keys_with_a_ttl_are_there],
        )
        .deal_list(|deal, prefix, after, limit| {
            let mut stored = deal.hand.keys_among(&deal.seen);
            stored.retain(|key| key.starts_with(prefix));
            let stored = page(stored, after, limit).items;
            let all_expired = stored.iter().all(|key| deal.alive(&deal.seen, key).is_none());
            match !stored.is_empty() && all_expired {
                true => Ok(page(Vec::new(), None, NonZeroUsize::MIN)),
                false => deal.list(prefix, after, limit),
            }
        }),
    ]
}

/// Marks the keys that a transaction sets with a time to live.
fn mark_leased(deal: &Deal) {
    for (key, written) in &deal.writes {
        if matches!(written, Some((_, Some(_)))) {
            mark(&deal.hand, key);
        }
    }
}

fn is_marked(hand: &Hand, key: &str) -> bool {
    locked(&hand.server.memo).contains_key(&hand.at(key))
}

/// Forgets what is remembered of the keys that a transaction writes without a time to live.
fn forget_plain(deal: &Deal) {
    for (key, written) in &deal.writes {
        if !matches!(written, Some((_, Some(_)))) {
            locked(&deal.hand.server.memo).remove(&deal.hand.at(key));
        }
    }
}
