//! Faults of how leases of transactions show, to them and to others.

use std::num::NonZeroUsize;

use tck::transaction;

use super::{
    handle_memories::get_kept,
    marks::{is_marked, mark, mark_leased},
};
use crate::{
    Mutant,
    clay::{locked, page},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
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
        .get(|hand, key| get_kept(hand, hand.at(key), key))
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
            (deal.until, deal.began) = (None, deal.hand.now());
            deal.get(key)
        }),
        Mutant::new(
            "finds_absent_what_has_ended",
            "a transaction finds absent what has expired since it began, and nothing that came of that",
            &one_moment,
        )
        .deal_get(|deal, key| {
            deal.began = deal.hand.now();
            deal.get(key)
        }),
        Mutant::new(
            "lists_on_after_an_end",
            "a transaction lists on after something that it has read has expired",
            &one_moment,
        )
        .deal_list(|deal, prefix, after, limit| {
            (deal.until, deal.began) = (None, deal.hand.now());
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

/// Forgets what is remembered of the keys that a transaction writes without a time to live.
fn forget_plain(deal: &Deal) {
    for (key, written) in &deal.writes {
        if !matches!(written, Some((_, Some(_)))) {
            locked(&deal.hand.server.memo).remove(&deal.hand.at(key));
        }
    }
}
