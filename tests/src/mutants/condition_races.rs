//! Faults of writes on a condition beside other writes.

use std::{thread::sleep, time::Duration};

use tck::{Bytes, atomic};

use crate::{
    Mutant,
    clay::{hold_until, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let counted = atomic::plain_writes_count_as_changes;
    let not_lost = atomic::plain_write_is_not_lost_to_a_condition;
    vec![
        Mutant::new(
            "look_then_set",
            "`set_if_absent` looks and stores in two steps",
            &[atomic::one_of_many_sets_an_absent_key],
        )
        .set_if_absent(|hand, key, value| {
            if hand.has(key)? {
                return Ok(false);
            }
            pause();
            hand.write(key, value, None)?;
            Ok(true)
        }),
        Mutant::new(
            "store_then_look",
            "`set_if_absent` stores in one step and says true to all who came at once",
            &[atomic::one_of_many_sets_an_absent_key],
        )
        .set_if_absent(|hand, key, value| {
            let was_absent = !hand.has(key)?;
            pause();
            hand.set_if_absent(key, value)?;
            Ok(was_absent)
        }),
        Mutant::new(
            "compare_then_set",
            "`compare_and_set` compares and stores in two steps",
            &[
                atomic::one_of_many_replaces_a_value,
                atomic::no_update_is_lost,
            ],
        )
        .compare_and_set(|hand, key, expected, value| {
            if hand.get(key)?.as_deref() != Some(expected) {
                return Ok(false);
            }
            pause();
            hand.write(key, value, None)?;
            Ok(true)
        }),
        Mutant::new(
            "busy_means_false",
            "`compare_and_set` answers false now and then, though nothing has changed",
            &[atomic::no_update_is_lost],
        )
        .compare_and_set(|hand, key, expected, value| match hand.count() {
            count if count >= 40 => Ok(false),
            _ => hand.compare_and_set(key, expected, value),
        }),
        Mutant::new(
            "compare_then_set_where_still_there",
            "`compare_and_set` compares and stores in two steps, so that a delete comes between",
            &[atomic::deleted_key_is_not_brought_back],
        )
        .compare_and_set(|hand, key, expected, value| {
            if hand.get(key)?.as_deref() != Some(expected) {
                return Ok(false);
            }
            hold_until(|| hand.has(key).is_ok_and(|has| !has));
            hand.write(key, value, None)?;
            Ok(true)
        }),
        Mutant::new(
            "plain_set_keeps_the_version",
            "`compare_and_set` goes by a version that a plain set does not raise",
            &[counted],
        )
        .compare_and_set(|hand, key, expected, value| {
            let known = locked(&hand.server.memo).get(&hand.at(key)).cloned();
            let finds = match known {
                Some(known) => known == expected && hand.has(key)?,
                None => hand.get(key)?.as_deref() == Some(expected),
            };
            if finds {
                locked(&hand.server.memo).insert(hand.at(key), value.clone());
                hand.write(key, value, None)?;
            }
            Ok(finds)
        }),
        Mutant::new(
            "every_write_counts",
            "`compare_and_set` finds no value that was set again",
            &[counted],
        )
        .set(|hand, key, value, ttl| {
            let again = hand.get(key)?.is_some() && value == "second";
            locked(&hand.server.memo).insert(hand.at(key), Bytes::from(vec![u8::from(again)]));
            hand.write(key, value, ttl)
        })
        .compare_and_set(|hand, key, expected, value| {
            let again = locked(&hand.server.memo).remove(&hand.at(key));
            match again.is_some_and(|again| again == [1_u8][..]) {
                true => Ok(false),
                false => hand.compare_and_set(key, expected, value),
            }
        }),
        Mutant::new(
            "delete_keeps_the_version",
            "`compare_and_set` still finds the value that a key had before it was deleted and set",
            &[counted],
        )
        .delete(|hand, key| {
            if let Some(held) = hand.get(key)? {
                locked(&hand.server.memo).insert(hand.at(key), held);
            }
            hand.delete(key)
        })
        .compare_and_set(|hand, key, expected, value| {
            let before = locked(&hand.server.memo).get(&hand.at(key)).cloned();
            hand.write_if(key, value, |held| {
                held.is_some_and(|held| {
                    held.value == expected || before.is_some_and(|before| before == expected)
                })
            })
        }),
        Mutant::new(
            "compare_and_set_overtakes_plain_sets",
            "a plain set comes between the comparison and the write of `compare_and_set`",
            &[not_lost],
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
            &[not_lost],
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
            "set_if_absent_overtakes_leases",
            "`set_if_absent` excludes plain writes and conditions, but not writes with a time to live",
            &[not_lost],
        )
        .set_if_absent(|hand, key, value| {
            if hand.has(key)? {
                return Ok(false);
            }
            let is_leased = || hand.entry(key).is_some_and(|entry| entry.end.is_some());
            hold_until(is_leased);
            hand.write_if(key, value, |held| held.is_none_or(|held| held.end.is_some()))
        }),
    ]
}

fn pause() {
    sleep(Duration::from_millis(3));
}
