//! Faults of commits that miss a part of what was read or listed.

use std::{num::NonZeroUsize, sync::Arc};

use tck::{Bytes, Error, Result, transaction};

use super::transaction_conflicts::mark;
use crate::{
    Mutant,
    clay::{Hand, locked, page},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [read(), listed(), inside(), open()].concat()
}

fn read() -> Vec<Mutant> {
    let plain = [transaction::plain_writes_conflict_as_well];
    let leased = [transaction::writes_with_a_ttl_conflict_as_well];
    vec![
        Mutant::new(
            "reads_after_a_write_do_not_count",
            "what a transaction reads after its first write is not remembered",
            &plain,
        )
        .deal_get(|deal, key| {
            let got = deal.get(key)?;
            if !deal.writes.is_empty() {
                deal.reads.remove(key);
            }
            Ok(got)
        }),
        Mutant::new(
            "version_of_a_byte",
            "a commit compares how often a key was written, counted in a byte",
            &plain,
        )
        .write(|hand, key, value, ttl| {
            let mut versions = locked(&hand.server.memo);
            let version = versions.entry(hand.at(key)).or_default();
            let next = version.len() + 1;
            *version = Bytes::from(vec![0; next % 256]);
            drop(versions);
            hand.write(key, value, ttl)
        })
        .deal_get(|deal, key| {
            let version = locked(&deal.hand.server.memo)
                .get(&deal.hand.at(key))
                .cloned();
            let version = version.unwrap_or_default();
            locked(&deal.hand.memo).insert(key.to_owned(), version);
            deal.get(key)
        })
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let (read, now) = (
                locked(&hand.memo).clone(),
                locked(&hand.server.memo).clone(),
            );
            deal.reads.retain(|key| {
                let version = now.get(&hand.at(key)).cloned().unwrap_or_default();
                read.get(key) != Some(&version)
            });
            deal.commit()
        }),
        Mutant::new(
            "changes_forgotten_over_256_others",
            "a commit looks through the last 256 writes",
            &plain,
        )
        .write(|hand, key, value, ttl| {
            let number = Bytes::from(hand.count().to_string());
            locked(&hand.server.memo).insert(hand.at(key), number);
            hand.write(key, value, ttl)
        })
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let writes = locked(&hand.server.memo).clone();
            let now = hand.server.count.load(std::sync::atomic::Ordering::SeqCst);
            deal.reads.retain(|key| {
                let last = writes.get(&hand.at(key));
                let last = last.and_then(|last| str::from_utf8(last).ok()?.parse().ok());
                last.is_none_or(|last: usize| last + 256 >= now)
            });
            deal.commit()
        }),
        Mutant::new(
            "commits_of_leases_are_not_checked",
            "a commit that only gives times to live does not look at what was read",
            &leased,
        )
        .commit(|deal| {
            let only_leases = deal
                .writes
                .values()
                .all(|written| matches!(written, Some((_, Some(_)))));
            match only_leases {
                true => deal.apply(&mut deal.hand.entries()),
                false => deal.commit(),
            }
        }),
        Mutant::new(
            "reads_of_leases_do_not_count",
            "what was read with a time to live is not looked at",
            &leased,
        )
        .commit(|deal| {
            let seen = deal.seen.clone();
            let hand = Arc::clone(&deal.hand);
            deal.reads.retain(|key| {
                seen.get(&hand.at(key))
                    .is_none_or(|seen| seen.end.is_none())
            });
            deal.commit()
        }),
        Mutant::new(
            "conflict_of_a_read_is_forgotten",
            "a transaction that was told of a conflict by a read commits all the same",
            &[transaction::reads_are_of_one_moment],
        )
        .deal_get(|deal, key| {
            let checked = deal.check(&deal.hand.entries());
            if checked.is_err() {
                deal.reads.clear();
                deal.listed.clear();
            }
            checked.and_then(|()| deal.get(key))
        }),
    ]
}

fn listed() -> Vec<Mutant> {
    let phantom = [transaction::phantom_is_refused];
    vec![
        Mutant::new(
            "second_listing_is_of_the_present",
            "what a transaction lists for the second time is of the present",
            &[transaction::reads_are_of_one_moment],
        )
        .deal_list(|deal, prefix, after, limit| {
            if deal.listed.contains(prefix) {
                let present = deal.hand.entries().clone();
                deal.seen = present;
            }
            deal.list(prefix, after, limit)
        }),
        Mutant::new(
            "listings_after_a_write_do_not_count",
            "what a transaction lists after its first write is not remembered",
            &phantom,
        )
        .deal_list(|deal, prefix, after, limit| {
            let listed = deal.list(prefix, after, limit)?;
            if !deal.writes.is_empty() {
                deal.listed.remove(prefix);
            }
            Ok(listed)
        }),
        Mutant::new(
            "no_phantoms_behind_the_last_key",
            "a key behind the last that was listed is no conflict",
            &phantom,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let last = hand.keys_among(&deal.seen).pop().unwrap_or_default();
            let mut looked_at = hand.entries().clone();
            let behind = hand
                .keys_among(&looked_at)
                .into_iter()
                .filter(|key| *key > last);
            for key in behind {
                looked_at.remove(&hand.at(&key));
            }
            deal.check(&looked_at)?;
            deal.apply(&mut hand.entries())
        }),
        Mutant::new(
            "phantoms_by_their_number",
            "a commit compares how many keys there are where it has listed",
            &phantom,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let of = |keys: Vec<String>, prefix: &str| {
                keys.iter().filter(|key| key.starts_with(prefix)).count()
            };
            let (now, then) = (
                hand.keys_among(&hand.entries()),
                hand.keys_among(&deal.seen),
            );
            deal.listed
                .retain(|prefix| of(now.clone(), prefix) != of(then.clone(), prefix));
            deal.commit()
        }),
        Mutant::new(
            "phantoms_of_other_namespaces",
            "a commit that has listed everything looks at all namespaces",
            &[transaction::other_namespaces_do_not_conflict],
        )
        .commit(|deal| {
            let now = deal.hand.entries().len();
            match deal.listed.contains("") && now != deal.seen.len() {
                true => Err(Error::conflict("something was added")),
                false => deal.commit(),
            }
        }),
    ]
}

/// What a transaction lists and how.
fn inside() -> Vec<Mutant> {
    let own = [transaction::listing_sees_the_own_writes];
    macro_rules! lists {
        ($name:literal, $fault:literal, $change:expr) => {
            Mutant::new($name, $fault, &own).deal_list(|deal, prefix, after, limit| {
                let change: fn(&Deal, &mut Vec<String>) = $change;
                let mut keys = deal.list(prefix, None, NonZeroUsize::MAX)?.items;
                change(deal, &mut keys);
                Ok(page(keys, after, limit))
            })
        };
    }
    vec![
        lists!(
            "transaction_lists_by_letters",
            "a transaction lists without regard to case",
            |_, keys| keys.sort_by_key(|key| key.to_lowercase())
        ),
        lists!(
            "transaction_lists_ascii",
            "a transaction leaves out keys that are not ASCII",
            |_, keys| keys.retain(|key| key.is_ascii())
        ),
        lists!(
            "transaction_lists_no_empty_key",
            "a transaction does not list the empty key",
            |_, keys| keys.retain(|key| !key.is_empty())
        ),
        lists!(
            "transaction_lists_no_long_keys",
            "a transaction does not list keys of more than 100 bytes",
            |_, keys| keys.retain(|key| key.len() <= 100)
        ),
        lists!(
            "own_empty_values_are_not_listed",
            "a transaction does not list what it has set to an empty value",
            |deal, keys| keys.retain(|key| {
                !matches!(deal.writes.get(key), Some(Some((value, _))) if value.is_empty())
            })
        ),
        lists!(
            "stored_empty_values_are_not_listed",
            "a transaction does not list what is stored with an empty value",
            |deal, keys| keys.retain(|key| {
                let stored = deal.alive(&deal.seen, key);
                deal.writes.contains_key(key) || stored.is_some_and(|held| !held.value.is_empty())
            })
        ),
    ]
}

/// What others may do while a transaction is open.
fn open() -> Vec<Mutant> {
    let unfinished = [transaction::unfinished_writes_do_not_show];
    vec![
        Mutant::new(
            "delete_meets_an_open_write",
            "a delete is lost where an open transaction has written the key",
            &unfinished,
        )
        .deal_set(marking)
        .delete(|hand, key| match is_marked(hand, key) {
            true => Ok(()),
            false => hand.delete(key),
        }),
        Mutant::new(
            "lease_meets_an_open_write",
            "a write with a time to live is refused where an open transaction has written the key",
            &unfinished,
        )
        .deal_set(marking)
        .set_with_ttl(|hand, key, value, ttl| match is_marked(hand, key) {
            true => Err(Error::conflict("locked")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "open_write_meets_other_namespaces",
            "a write is refused where an open transaction of another namespace has written the key",
            &[transaction::other_namespaces_do_not_conflict],
        )
        .deal_set(|deal, key, value, ttl| {
            locked(&deal.hand.server.memo)
                .insert(key.to_owned(), deal.hand.namespace.clone().into());
            deal.set(key, value, ttl)
        })
        .set(|hand, key, value, ttl| {
            let holder = locked(&hand.server.memo).get(key).cloned();
            match holder.is_some_and(|holder| holder != hand.namespace) {
                true => Err(Error::conflict("locked")),
                false => hand.write(key, value, ttl),
            }
        }),
        Mutant::new(
            "handle_forgets_what_is_read",
            "a handle that is opened has all transactions forget what they have read",
            &[transaction::transactions_of_two_handles_conflict],
        )
        .deal_get(|deal, key| {
            let handles = deal
                .hand
                .server
                .count
                .load(std::sync::atomic::Ordering::SeqCst);
            locked(&deal.hand.memo).insert(key.to_owned(), handles.to_string().into());
            deal.get(key)
        })
        .open(|hand| {
            hand.count();
        })
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let handles = hand
                .server
                .count
                .load(std::sync::atomic::Ordering::SeqCst)
                .to_string();
            let read = locked(&hand.memo).clone();
            deal.reads
                .retain(|key| read.get(key).is_none_or(|then| *then == handles));
            deal.commit()
        }),
    ]
}

fn marking(
    deal: &mut Deal,
    key: &str,
    value: Bytes,
    ttl: Option<std::time::Duration>,
) -> Result<()> {
    mark(&deal.hand, key);
    deal.set(key, value, ttl)
}

fn is_marked(hand: &Hand, key: &str) -> bool {
    locked(&hand.server.memo).contains_key(&hand.at(key))
}
