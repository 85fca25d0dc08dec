//! Faults of `compare_and_set`: what equals what.

use tck::atomic;

use crate::{Mutant, clay::locked};

macro_rules! compares {
    ($name:literal, $fault:literal, $clause:ident, $equal:expr) => {
        Mutant::new($name, $fault, &[$clause]).compare_and_set(|hand, key, expected, value| {
            let equal: fn(&[u8], &[u8]) -> bool = $equal;
            hand.write_if(key, value, |held| {
                held.is_some_and(|held| equal(&held.value, expected))
            })
        })
    };
}

pub(super) fn mutants() -> Vec<Mutant> {
    let replaces = atomic::compare_and_set_replaces_the_expected_value;
    let leaves = atomic::compare_and_set_leaves_any_other_value;
    let nothing = atomic::compare_and_set_stores_nothing_where_nothing_is;
    vec![
        compares!(
            "compare_and_set_never",
            "`compare_and_set` never finds what it expects",
            replaces,
            |_, _| false
        ),
        Mutant::new(
            "compare_and_set_stores_nothing",
            "`compare_and_set` answers true and stores nothing",
            &[replaces],
        )
        .compare_and_set(|hand, key, expected, _| Ok(hand.get(key)?.as_deref() == Some(expected))),
        Mutant::new(
            "compare_and_set_denies",
            "`compare_and_set` stores and answers false",
            &[replaces],
        )
        .compare_and_set(|hand, key, expected, value| {
            hand.compare_and_set(key, expected, value)?;
            Ok(false)
        }),
        Mutant::new(
            "same_value_is_no_change",
            "`compare_and_set` with the value that is there answers false",
            &[replaces],
        )
        .compare_and_set(|hand, key, expected, value| {
            Ok(expected != value && hand.compare_and_set(key, expected, value)?)
        }),
        compares!(
            "compared_as_text",
            "values that are no text never equal what is expected",
            replaces,
            |held, expected| { str::from_utf8(held).is_ok() && held == expected }
        ),
        compares!(
            "large_values_not_compared",
            "values over 64 KiB never equal what is expected",
            replaces,
            |held, expected| { held.len() <= 65_536 && held == expected }
        ),
        compares!(
            "compare_and_set_always",
            "`compare_and_set` stores whatever is there",
            leaves,
            |_, _| true
        ),
        compares!(
            "compared_without_case",
            "values are compared without regard to case",
            leaves,
            |held, expected| { held.eq_ignore_ascii_case(expected) }
        ),
        compares!(
            "compared_by_length",
            "values of the same length are equal",
            leaves,
            |held, expected| { held.len() == expected.len() }
        ),
        compares!(
            "compared_by_beginning",
            "a value that begins with what is expected is equal",
            leaves,
            |held, expected| { held.starts_with(expected) }
        ),
        compares!(
            "compared_to_the_end_of_the_shorter",
            "values are compared to the end of the shorter",
            leaves,
            |held, expected| { held.iter().zip(expected).all(|(a, b)| a == b) }
        ),
        compares!(
            "compared_trimmed",
            "values are compared without blanks around them",
            leaves,
            |held, expected| { held.trim_ascii() == expected.trim_ascii() }
        ),
        compares!(
            "compared_as_c_string",
            "values are compared up to a NUL",
            leaves,
            |held, expected| {
                fn head(text: &[u8]) -> Option<&[u8]> {
                    text.split(|byte| *byte == 0).next()
                }
                head(held) == head(expected)
            }
        ),
        compares!(
            "compared_as_lossy_text",
            "values are compared as text, where all odd bytes are one",
            leaves,
            |held, expected| { String::from_utf8_lossy(held) == String::from_utf8_lossy(expected) }
        ),
        compares!(
            "compared_as_numbers",
            "values that are numbers are compared as such",
            leaves,
            |held, expected| {
                let number = |text: &[u8]| str::from_utf8(text).ok()?.parse::<f64>().ok();
                held == expected || number(held).is_some_and(|held| Some(held) == number(expected))
            }
        ),
        compares!(
            "compared_as_json",
            "values that are JSON are compared as such",
            leaves,
            |held, expected| {
                let json = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).ok();
                held == expected || json(held).is_some_and(|held| Some(held) == json(expected))
            }
        ),
        compares!(
            "compared_by_the_head",
            "values are compared in their first 32 KiB and their length",
            leaves,
            |held, expected| {
                held.len() == expected.len()
                    && held.iter().zip(expected).take(32_768).all(|(a, b)| a == b)
            }
        ),
        compares!(
            "compared_by_a_sum",
            "values are compared by the sum of their bytes",
            leaves,
            |held, expected| {
                let sum = |text: &[u8]| text.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
                sum(held) == sum(expected)
            }
        ),
        Mutant::new(
            "compare_and_set_over_what_it_would_store",
            "`compare_and_set` answers true where the new value is there already",
            &[leaves],
        )
        .compare_and_set(|hand, key, expected, value| {
            let new_is_empty = value.is_empty();
            let before = hand.get(key)?;
            let stored = hand.compare_and_set(key, expected, value)?;
            Ok(stored || (before.is_some_and(|held| held.is_empty()) && !new_is_empty))
        }),
        Mutant::new(
            "failed_compare_deletes",
            "`compare_and_set` on another value deletes it",
            &[leaves],
        )
        .compare_and_set(|hand, key, expected, value| {
            let stored = hand.compare_and_set(key, expected, value)?;
            if !stored {
                hand.delete(key)?;
            }
            Ok(stored)
        }),
        Mutant::new(
            "last_but_one_is_expected",
            "`compare_and_set` also finds the value before the last",
            &[leaves],
        )
        .set(|hand, key, value, ttl| {
            if let Some(held) = hand.get(key)? {
                locked(&hand.server.memo).insert(hand.at(key), held);
            }
            hand.write(key, value, ttl)
        })
        .compare_and_set(|hand, key, expected, value| {
            let before = locked(&hand.server.memo).get(&hand.at(key)).cloned();
            hand.write_if(key, value, |held| {
                held.is_some_and(|held| held.value == expected)
                    || before.is_some_and(|before| before == expected)
            })
        }),
        Mutant::new(
            "missing_equals_empty",
            "`compare_and_set` takes a missing key for an empty value",
            &[nothing],
        )
        .compare_and_set(|hand, key, expected, value| {
            hand.write_if(key, value, |held| {
                held.map_or(&[][..], |held| &held.value) == expected
            })
        }),
        Mutant::new(
            "missing_equals_anything",
            "`compare_and_set` stores where nothing is",
            &[nothing],
        )
        .compare_and_set(|hand, key, expected, value| {
            hand.write_if(key, value, |held| {
                held.is_none_or(|held| held.value == expected)
            })
        }),
        Mutant::new(
            "compares_with_what_was_deleted",
            "`compare_and_set` finds the value that a deleted key had",
            &[nothing],
        )
        .delete(|hand, key| {
            if let Some(held) = hand.get(key)? {
                locked(&hand.server.memo).insert(hand.at(key), held);
            }
            hand.delete(key)
        })
        .compare_and_set(|hand, key, expected, value| {
            let deleted = locked(&hand.server.memo).get(&hand.at(key)).cloned();
            hand.write_if(key, value, |held| match held {
                Some(held) => held.value == expected,
                None => deleted.is_some_and(|deleted| deleted == expected),
            })
        }),
        Mutant::new(
            "compare_and_set_of_nothing_fails",
            "`compare_and_set` on a missing key answers an error",
            &[nothing],
        )
        .compare_and_set(|hand, key, expected, value| match hand.has(key)? {
            true => hand.compare_and_set(key, expected, value),
            false => Err(tck::Error::unavailable("no such key")),
        }),
        compares!(
            "compared_by_both_ends",
            "`compare_and_set` compares the length, the first KiB and the last KiB of large values",
            leaves,
            |held, expected| {
                let ends = |value: &[u8]| match value.len() {
                    0..=2_048 => value.to_vec(),
                    length => [&value[..1_024], &value[length - 1_024..]].concat(),
                };
                held.len() == expected.len() && ends(held) == ends(expected)
            }
        ),
    ]
}
