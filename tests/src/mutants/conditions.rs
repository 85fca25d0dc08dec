//! Faults of `set_if_absent`: what counts as absent.

use tck::{Bytes, atomic};

use super::marks::{is_marked, mark};
use crate::{Mutant, clay::locked};

pub(super) fn mutants() -> Vec<Mutant> {
    let stores = atomic::set_if_absent_stores_where_nothing_is;
    vec![
        Mutant::new(
            "set_if_absent_overwrites",
            "`set_if_absent` stores always",
            &[stores],
        )
        .set_if_absent(|hand, key, value| hand.write_if(key, value, |_| true)),
        Mutant::new(
            "set_if_absent_overwrites_in_secret",
            "`set_if_absent` over a value stores and answers false",
            &[stores],
        )
        .set_if_absent(|hand, key, value| {
            let there = hand.has(key)?;
            hand.write(key, value, None)?;
            Ok(!there)
        }),
        Mutant::new(
            "set_if_absent_never_stores",
            "`set_if_absent` answers true and stores nothing",
            &[stores],
        )
        .set_if_absent(|hand, key, _| Ok(!hand.has(key)?)),
        Mutant::new(
            "set_if_absent_says_always",
            "`set_if_absent` over a value answers true and leaves it",
            &[stores],
        )
        .set_if_absent(|hand, key, value| {
            hand.set_if_absent(key, value)?;
            Ok(true)
        }),
        Mutant::new(
            "set_if_absent_is_idempotent",
            "`set_if_absent` with the value that is there answers true",
            &[stores],
        )
        .set_if_absent(|hand, key, value| {
            let same = hand.get(key)?.as_ref() == Some(&value);
            Ok(hand.set_if_absent(key, value)? || same)
        }),
        Mutant::new(
            "set_if_absent_fails_on_a_value",
            "`set_if_absent` over a value answers a conflict",
            &[stores],
        )
        .set_if_absent(|hand, key, value| match hand.set_if_absent(key, value)? {
            true => Ok(true),
            false => Err(tck::Error::conflict("exists")),
        }),
        Mutant::new(
            "set_if_absent_sees_its_own",
            "`set_if_absent` sees only what it has stored itself",
            &[stores],
        )
        .set_if_absent(|hand, key, value| {
            let mut own = locked(&hand.server.memo);
            let is_new = own.insert(hand.at(key), Bytes::new()).is_none() || !hand.has(key)?;
            match is_new {
                true => hand.write_if(key, value, |_| true),
                false => Ok(false),
            }
        }),
        Mutant::new(
            "tombstone_is_present",
            "`set_if_absent` takes a deleted key for present",
            &[atomic::set_if_absent_stores_again_after_a_delete],
        )
        .set_if_absent(|hand, key, value| {
            let deleted = is_marked(hand, key);
            Ok(!deleted && hand.set_if_absent(key, value)?)
        })
        .delete(|hand, key| {
            mark(hand, key);
            hand.delete(key)
        }),
        Mutant::new(
            "set_if_absent_once_for_ever",
            "what `set_if_absent` has stored can't be stored again after a delete",
            &[atomic::set_if_absent_stores_again_after_a_delete],
        )
        .set_if_absent(|hand, key, value| {
            let stored = hand.set_if_absent(key, value)?;
            let is_known = is_marked(hand, key);
            mark(hand, key);
            match stored && is_known {
                true => hand.delete(key).map(|()| false),
                false => Ok(stored),
            }
        }),
        Mutant::new(
            "empty_value_is_absent",
            "`set_if_absent` overwrites an empty value",
            &[atomic::empty_value_is_present],
        )
        .set_if_absent(|hand, key, value| {
            hand.write_if(key, value, |held| {
                held.is_none_or(|held| held.value.is_empty())
            })
        }),
        Mutant::new(
            "empty_value_is_never_expected",
            "`compare_and_set` never finds an empty value",
            &[atomic::empty_value_is_present],
        )
        .compare_and_set(|hand, key, expected, value| {
            Ok(!expected.is_empty() && hand.compare_and_set(key, expected, value)?)
        }),
    ]
}
