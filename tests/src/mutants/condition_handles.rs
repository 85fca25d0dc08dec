//! Faults of writes on a condition, through two handles and in two namespaces.

use tck::{Bytes, atomic};

use super::{
    handle_memories::{forgetting, get_kept, list_kept},
    timers::{get_after_timer, timer},
};
use crate::{Mutant, clay::locked};

pub(super) fn mutants() -> Vec<Mutant> {
    let handles = atomic::conditions_hold_across_handles;
    let namespaces = atomic::other_namespaces_do_not_count;
    vec![
        Mutant::new(
            "absence_kept_by_a_handle",
            "a handle looks at its own copy for `set_if_absent`",
            &[handles],
        )
        .set_if_absent(|hand, key, value| {
            let known = locked(&hand.memo).insert(key.to_owned(), value.clone());
            match known {
                Some(_) => hand.set_if_absent(key, value),
                None => hand.write_if(key, value, |_| true),
            }
        }),
        Mutant::new(
            "compared_with_a_copy",
            "a handle compares with the value that it has read or written last",
            &[handles],
        )
        .get(|hand, key| {
            let value = hand.get(key)?;
            locked(&hand.memo).insert(key.to_owned(), value.clone().unwrap_or_default());
            Ok(value)
        })
        .compare_and_set(|hand, key, expected, value| {
            let known = locked(&hand.memo).get(key).cloned();
            match known
                .or(hand.get(key)?)
                .is_some_and(|known| known == expected)
            {
                true => {
                    locked(&hand.memo).insert(key.to_owned(), value.clone());
                    hand.write_if(key, value, |_| true)
                }
                false => Ok(false),
            }
        }),
        Mutant::new(
            "absence_in_all_namespaces",
            "`set_if_absent` looks at all namespaces",
            &[namespaces],
        )
        .set_if_absent(|hand, key, value| {
            let mut memo = locked(&hand.server.memo);
            let is_taken = memo.get(key).is_some_and(|space| *space != hand.namespace);
            if is_taken {
                return Ok(false);
            }
            memo.insert(key.to_owned(), Bytes::from(hand.namespace.clone()));
            hand.set_if_absent(key, value)
        }),
        Mutant::new(
            "compared_across_namespaces",
            "`compare_and_set` finds the value of another namespace",
            &[namespaces],
        )
        .set_if_absent(|hand, key, value| {
            locked(&hand.server.memo).insert(key.to_owned(), value.clone());
            hand.set_if_absent(key, value)
        })
        .compare_and_set(|hand, key, expected, value| {
            let last = locked(&hand.server.memo).get(key).cloned();
            match last.is_some_and(|last| last == expected) {
                true => hand.write_if(key, value, |_| true),
                false => Ok(false),
            }
        }),
        forgetting(Mutant::new(
            "copy_not_told_of_conditions",
            "a handle's copy of a value is dropped by plain writes of others, not by conditions",
            &[handles],
        ))
        .get(|hand, key| {
            let place = hand.at(&format!("{} {key}", hand.number));
            get_kept(hand, place, key)
        })
        .compare_and_set(|hand, key, expected, value| {
            let place = hand.at(&format!("{} {key}", hand.number));
            locked(&hand.server.memo).remove(&place);
            hand.compare_and_set(key, expected, value)
        }),
        forgetting(Mutant::new(
            "listing_not_told_of_conditions",
            "a handle keeps a listing until somebody writes plainly, or it writes itself",
            &[handles],
        ))
        .list(list_kept),
        Mutant::new(
            "timer_of_another_handle_survives_a_comparison",
            "what a handle has leased ends with it, also when another has compared and set it since",
            &[handles],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            if let Some(entry) = hand.entry(key) {
                hand.entries().insert(timer(hand, key), entry);
            }
            Ok(())
        })
        .get(get_after_timer),
        Mutant::new(
            "condition_clears_the_end_in_all_namespaces",
            "what is stored on a condition clears the time to live of the key in all namespaces",
            &[namespaces],
        )
        .set_if_absent(|hand, key, value| {
            let stored = hand.set_if_absent(key, value)?;
            if stored {
                for (place, entry) in hand.entries().iter_mut() {
                    if place.ends_with(key) {
                        entry.end = None;
                    }
                }
            }
            Ok(stored)
        }),
    ]
}
