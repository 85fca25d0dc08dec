//! Faults of commits that miss a part of what was read or listed.

use std::sync::Arc;

use tck::{Bytes, Error, transaction};

use crate::{Mutant, clay::locked};

pub(super) fn mutants() -> Vec<Mutant> {
    [read(), listed()].concat()
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
