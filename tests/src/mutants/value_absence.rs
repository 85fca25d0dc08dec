//! Faults that take a value for nothing.

use tck::{Error, cache, kv_store, values};

use crate::Mutant;

pub(super) fn mutants() -> Vec<Mutant> {
    macro_rules! missing {
        ($name:literal, $fault:literal, [$($clause:expr),+], $nothing:expr) => {
            Mutant::new($name, $fault, &[$($clause),+])
                .get(|hand, key| {
                    let nothing: fn(&[u8]) -> bool = $nothing;
                    Ok(hand.get(key)?.filter(|value| !nothing(value)))
                })
                .has(|hand, key| {
                    let nothing: fn(&[u8]) -> bool = $nothing;
                    Ok(hand.get(key)?.is_some_and(|value| !nothing(&value)))
                })
        };
    }
    vec![
        missing!(
            "empty_is_missing",
            "an empty value is missing",
            [
                kv_store::empty_value_is_not_missing,
                values::zero_false_and_empty_are_values
            ],
            <[u8]>::is_empty
        ),
        missing!(
            "null_is_missing",
            "the text `null` is missing",
            [
                kv_store::values_that_look_special_are_kept,
                values::undecodable_value_is_an_error_and_stays
            ],
            |value| value == b"null"
        ),
        missing!(
            "falsy_is_missing",
            "0, false and empty values are missing",
            [
                kv_store::values_that_look_special_are_kept,
                values::zero_false_and_empty_are_values
            ],
            |value| [b"0".as_slice(), b"0.0", b"false", b"\"\"", b"[]", b"{}"].contains(&value)
        ),
        missing!(
            "tombstone_text",
            "the text `__deleted__` is missing",
            [kv_store::values_that_look_special_are_kept],
            |value| value == b"__deleted__"
        ),
        missing!(
            "zeros_are_missing",
            "a value of zeros is missing",
            [
                kv_store::values_that_look_special_are_kept,
                cache::values_with_a_ttl_are_exact
            ],
            |value| !value.is_empty() && value.iter().all(|byte| *byte == 0)
        ),
        missing!(
            "undecodable_is_missing",
            "what is no JSON is missing",
            [values::undecodable_value_is_an_error_and_stays],
            |value| serde_json::from_slice::<serde_json::Value>(value).is_err()
        ),
        Mutant::new(
            "undecodable_is_deleted",
            "a read deletes what is no JSON",
            &[values::undecodable_value_is_an_error_and_stays],
        )
        .get(|hand, key| {
            let value = hand.get(key)?;
            if value
                .as_ref()
                .is_some_and(|value| serde_json::from_slice::<serde_json::Value>(value).is_err())
            {
                hand.delete(key)?;
            }
            Ok(value)
        }),
        Mutant::new(
            "empty_set_deletes",
            "setting an empty value deletes the key",
            &[
                kv_store::empty_value_is_not_missing,
                kv_store::has_tells_present_from_absent,
            ],
        )
        .write(|hand, key, value, ttl| match value.is_empty() {
            true => hand.delete(key),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "empty_is_refused",
            "an empty value is refused",
            &[kv_store::empty_value_is_not_missing],
        )
        .write(|hand, key, value, ttl| match value.is_empty() {
            true => Err(Error::invalid_value("empty")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "empty_value_stays_on_delete",
            "`delete` does not see a key whose value is empty",
            &[kv_store::empty_value_is_not_missing],
        )
        .delete(|hand, key| match hand.get(key)? {
            Some(value) if value.is_empty() => Ok(()),
            _ => hand.delete(key),
        }),
    ]
}
