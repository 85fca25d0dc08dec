//! Faults of writes on a condition that show in single keys and values, and beside plain writes.

use std::sync::atomic::Ordering;

use tck::{Bytes, Error, atomic};

use crate::{
    Mutant,
    clay::{Rules, hold_until, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let stores = [atomic::set_if_absent_stores_where_nothing_is];
    let refused = [atomic::what_can_not_be_held_is_refused];
    let not_lost = [atomic::plain_write_is_not_lost_to_a_condition];
    vec![
        Mutant::new(
            "set_if_absent_writes_text",
            "`set_if_absent` stores values as text",
            &stores,
        )
        .set_if_absent(|hand, key, value| {
            let text = String::from_utf8_lossy(&value).into_owned();
            hand.set_if_absent(key, Bytes::from(text))
        }),
        Mutant::new(
            "set_if_absent_cuts_values",
            "`set_if_absent` stores the first 1,000 bytes of a value",
            &stores,
        )
        .set_if_absent(|hand, key, mut value| {
            value.truncate(1_000);
            hand.set_if_absent(key, value)
        }),
        Mutant::new(
            "set_if_absent_refuses_large_values",
            "`set_if_absent` takes half of the largest value",
            &refused,
        )
        .rules(Rules::STRICT)
        .set_if_absent(|hand, key, value| {
            let (size, limit) = (value.len(), 50_000);
            match size > limit {
                true => Err(Error::TooLarge { size, limit }),
                false => hand.set_if_absent(key, value),
            }
        }),
        Mutant::new(
            "set_if_absent_takes_the_empty_key",
            "`set_if_absent` takes the empty key, which is refused elsewhere",
            &refused,
        )
        .rules(Rules::STRICT)
        .set_if_absent(|hand, key, value| match key.is_empty() {
            true => {
                let entry = hand.written(value, None)?;
                hand.put(key, entry);
                Ok(true)
            }
            false => hand.set_if_absent(key, value),
        }),
        Mutant::new(
            "conditions_cut_keys",
            "both look at the first 100 bytes of a key",
            &[atomic::conditions_tell_keys_apart],
        )
        .set_if_absent(|hand, key, value| hand.set_if_absent(key.get(..100).unwrap_or(key), value))
        .compare_and_set(|hand, key, expected, value| {
            hand.compare_and_set(key.get(..100).unwrap_or(key), expected, value)
        }),
        Mutant::new(
            "compare_and_set_overtakes_plain_sets",
            "a plain set comes between the comparison and the write of `compare_and_set`",
            &not_lost,
        )
        .compare_and_set(|hand, key, expected, value| {
            if hand.get(key)?.as_deref() != Some(expected) {
                return Ok(false);
            }
            let before = Some(expected);
            hold_until(|| hand.get(key).is_ok_and(|now| now.as_deref() != before));
            hand.write(key, value, None)?;
            Ok(true)
        }),
        Mutant::new(
            "set_if_absent_overtakes_plain_sets",
            "a plain set comes between the look and the write of `set_if_absent`",
            &not_lost,
        )
        .set_if_absent(|hand, key, value| {
            if hand.has(key)? {
                return Ok(false);
            }
            hold_until(|| hand.has(key).is_ok_and(|has| has));
            hand.write(key, value, None)?;
            Ok(true)
        }),
        Mutant::new(
            "expired_lock_goes_to_two",
            "`set_if_absent` on an expired key removes it and writes in two steps",
            &[atomic::expired_value_is_absent],
        )
        .set_if_absent(|hand, key, value| match hand.entry(key) {
            Some(entry) if !hand.is_alive(&entry) => {
                let here = hand.count() + 1;
                hold_until(|| hand.server.count.load(Ordering::SeqCst) > here);
                hand.write(key, value, None)?;
                Ok(true)
            }
            _ => hand.set_if_absent(key, value),
        }),
        Mutant::new(
            "leases_keep_the_version",
            "`compare_and_set` goes by a version that a write with a time to live does not raise",
            &[atomic::expired_value_is_absent],
        )
        .set(|hand, key, value, ttl| {
            locked(&hand.server.memo).insert(hand.at(key), value.clone());
            hand.write(key, value, ttl)
        })
        .compare_and_set(|hand, key, expected, value| {
            let plain = locked(&hand.server.memo).remove(&hand.at(key));
            hand.write_if(key, value, |held| {
                held.is_some_and(|held| plain.unwrap_or(held.value.clone()) == expected)
            })
        }),
    ]
}
