//! Faults of listings while keys come and go.

use std::{sync::atomic::Ordering, thread::sleep, time::Duration};

use tck::{Bytes, listing};

use super::{listings::mutant, marks::mark};
use crate::{
    Mutant,
    clay::{hold_for, hold_until, locked, page},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let sane = listing::pages_stay_sane_while_keys_come_and_go;
    let at_once = listing::changes_show_at_once;
    vec![
        mutant(
            "pages_by_position",
            "a page begins at a position",
            sane,
            |hand, prefix, after, limit| {
                let passed = locked(&hand.server.memo)
                    .get(after.unwrap_or_default())
                    .map_or(0, Bytes::len);
                let keys: Vec<_> = hand.alive(prefix).into_iter().skip(passed).collect();
                let listed = page(keys, None, limit);
                if let Some(next) = &listed.next {
                    let passed = Bytes::from(vec![0; passed + listed.items.len()]);
                    locked(&hand.server.memo).insert(next.clone(), passed);
                }
                Ok(listed)
            },
        ),
        Mutant::new(
            "listing_removes_what_was_set_since",
            "a listing finds the expired keys, and removes them a little later, whatever is there by then",
            &[listing::listing_an_expired_key_spares_the_next_value],
        )
        .list(|hand, prefix, after, limit| {
            let entries = hand.entries().clone();
            let expired = entries
                .iter()
                .filter(|(place, entry)| place.ends_with(prefix) && !hand.is_alive(entry));
            let expired: Vec<_> = expired.map(|(place, _)| place.clone()).collect();
            if !expired.is_empty() {
                sleep(Duration::from_millis(1));
            }
            for place in expired {
                hand.entries().remove(&place);
            }
            hand.list(prefix, after, limit)
        }),
        Mutant::new(
            "index_and_data_raced_apart",
            "the index of keys is written after the data, and a delete takes its time for it",
            &[listing::racing_writes_leave_listing_and_reads_alike],
        )
        .set(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            let mut gone = locked(&hand.server.memo);
            gone.remove(&hand.at(key));
            gone.insert(format!("set {}", hand.at(key)), Bytes::new());
            Ok(())
        })
        .delete(|hand, key| {
            let comes_first = hand.entry(key).is_none();
            hand.delete(key)?;
            let is_set = format!("set {}", hand.at(key));
            if comes_first {
                hold_until(|| locked(&hand.server.memo).contains_key(&is_set));
            }
            mark(hand, key);
            Ok(())
        })
        .list(|hand, prefix, after, limit| {
            let gone = locked(&hand.server.memo).clone();
            let mut keys = hand.alive(prefix);
            keys.retain(|key| !gone.contains_key(&hand.at(key)));
            Ok(page(keys, after, limit))
        }),
        mutant(
            "pages_of_a_copy",
            "all pages are those of the moment when the first was listed",
            sane,
            |hand, prefix, after, limit| {
                let mut memo = locked(&hand.server.memo);
                if after.is_none() {
                    memo.insert(prefix.to_owned(), hand.alive(prefix).join("\n").into());
                }
                let kept = memo.get(prefix).cloned().unwrap_or_default();
                let kept = String::from_utf8_lossy(&kept).into_owned();
                let keys = kept.split('\n').filter(|key| !key.is_empty());
                Ok(page(keys.map(str::to_owned).collect(), after, limit))
            },
        ),
        mutant(
            "pages_end_with_their_key",
            "the pages end where the key is gone that the one before ended with",
            sane,
            |hand, prefix, after, limit| match after
                .is_some_and(|after| hand.entry(after).is_none())
            {
                true => Ok(page(Vec::new(), None, limit)),
                false => hand.list(prefix, after, limit),
            },
        ),
        mutant(
            "place_percent_decoded",
            "percent escapes in the place of a page are decoded",
            listing::keys_come_in_the_order_of_their_bytes,
            |hand, prefix, after, limit| {
                let after = after.map(|after| after.replace("%20", " "));
                hand.list(prefix, after.as_deref(), limit)
            },
        ),
        mutant(
            "place_trimmed",
            "blanks at both ends of the place of a page are dropped",
            listing::keys_come_in_the_order_of_their_bytes,
            |hand, prefix, after, limit| hand.list(prefix, after.map(str::trim), limit),
        ),
        mutant(
            "place_lower_case",
            "the place of a page is turned to lower case",
            listing::keys_come_in_the_order_of_their_bytes,
            |hand, prefix, after, limit| {
                let after = after.map(str::to_lowercase);
                hand.list(prefix, after.as_deref(), limit)
            },
        ),
        mutant(
            "place_of_one_line",
            "the place of a page ends at its first line end",
            listing::keys_come_in_the_order_of_their_bytes,
            |hand, prefix, after, limit| {
                let after = after.and_then(|after| after.split('\n').next());
                hand.list(prefix, after, limit)
            },
        ),
        mutant(
            "listing_meets_writes",
            "a listing that meets a write begins in the middle",
            listing::listing_stays_whole_while_others_write,
            |hand, prefix, after, limit| {
                let before = hand.server.count.load(Ordering::SeqCst);
                let mut keys = hand.alive(prefix);
                std::thread::yield_now();
                if hand.server.count.load(Ordering::SeqCst) != before {
                    keys.drain(..keys.len() / 2);
                }
                Ok(page(keys, after, limit))
            },
        )
        .write(|hand, key, value, ttl| {
            hand.count();
            hand.write(key, value, ttl)
        }),
        mutant(
            "listing_by_position_in_steps",
            "a listing walks through the keys by position, while they change",
            listing::listing_stays_whole_while_others_write,
            |hand, prefix, after, limit| {
                let mut keys = Vec::new();
                while let Some(key) = hand.alive(prefix).into_iter().nth(keys.len()) {
                    keys.push(key);
                    if keys.len() == 8 {
                        let has_moved = || !hand.alive(prefix).starts_with(&keys);
                        hold_for(Duration::from_millis(20), has_moved);
                    }
                }
                Ok(page(keys, after, limit))
            },
        ),
        mutant(
            "lists_from_a_copy",
            "a listing of a prefix is kept and not made anew",
            at_once,
            |hand, prefix, after, limit| {
                let mut memo = locked(&hand.server.memo);
                let kept = memo.entry(prefix.to_owned());
                let kept = kept.or_insert_with(|| hand.alive(prefix).join("\n").into());
                let kept = String::from_utf8_lossy(kept).into_owned();
                let keys = kept.split('\n').filter(|key| !key.is_empty());
                Ok(page(keys.map(str::to_owned).collect(), after, limit))
            },
        ),
        mutant(
            "lists_one_change_late",
            "a key is listed from the next write on",
            at_once,
            |hand, prefix, after, limit| {
                let newest = locked(&hand.server.memo).get("newest").cloned();
                let mut keys = hand.alive(prefix);
                keys.retain(|key| Some(key.as_bytes()) != newest.as_deref());
                Ok(page(keys, after, limit))
            },
        )
        .write(|hand, key, value, ttl| {
            if hand.entry(key).is_none() {
                let newest = Bytes::from(key.to_owned());
                locked(&hand.server.memo).insert("newest".to_owned(), newest);
            }
            hand.write(key, value, ttl)
        }),
        mutant(
            "plus_is_a_blank_in_a_place",
            "a plus in the place of a page becomes a blank",
            listing::keys_come_in_the_order_of_their_bytes,
            |hand, prefix, after, limit| {
                let after = after.map(|after| after.replace('+', " "));
                hand.list(prefix, after.as_deref(), limit)
            },
        ),
    ]
}
