//! Faults of writes on a condition: which keys and values they take.

use tck::{Bytes, Error, atomic};

use crate::{
    Mutant,
    clay::{Entry, Hand, Rules, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let refused = atomic::what_can_not_be_held_is_refused;
    let stores = atomic::set_if_absent_stores_where_nothing_is;
    vec![
        Mutant::new(
            "set_if_absent_folds_case",
            "`set_if_absent` looks at the key in lower case",
            &[atomic::conditions_tell_keys_apart],
        )
        .set_if_absent(|hand, key, value| {
            let lower = key.to_lowercase();
            let mut seen = locked(&hand.server.memo);
            match seen.insert(hand.at(&lower), Bytes::new()) {
                Some(_) if !hand.has(key)? => Ok(false),
                _ => hand.set_if_absent(key, value),
            }
        }),
        Mutant::new(
            "compare_and_set_trims_keys",
            "`compare_and_set` writes under the key without blanks around it",
            &[atomic::conditions_tell_keys_apart],
        )
        .compare_and_set(|hand, key, expected, value| {
            match hand.get(key)?.as_deref() == Some(expected) {
                true => hand.write(key.trim(), value, None).map(|()| true),
                false => Ok(false),
            }
        }),
        Mutant::new(
            "conditions_refuse_the_empty_key",
            "conditional writes refuse the empty key, which plain ones take",
            &[refused],
        )
        .set_if_absent(|hand, key, value| match key {
            "" => Err(Error::invalid_key("empty")),
            _ => hand.set_if_absent(key, value),
        }),
        Mutant::new(
            "set_if_absent_without_limits",
            "`set_if_absent` takes values of any size",
            &[refused],
        )
        .rules(Rules::STRICT)
        .set_if_absent(|hand, key, value| match hand.has(key)? {
            true => Ok(false),
            false => {
                put(hand, key, value);
                Ok(true)
            }
        }),
        Mutant::new(
            "compare_and_set_without_limits",
            "`compare_and_set` takes values of any size",
            &[refused],
        )
        .rules(Rules::STRICT)
        .compare_and_set(|hand, key, expected, value| {
            match hand.get(key)?.as_deref() == Some(expected) {
                true => {
                    put(hand, key, value);
                    Ok(true)
                }
                false => Ok(false),
            }
        }),
        Mutant::new(
            "set_if_absent_cuts_long_keys",
            "`set_if_absent` cuts long keys",
            &[refused],
        )
        .rules(Rules::STRICT)
        .set_if_absent(|hand, key, value| {
            let key: String = key.chars().take(200).collect();
            hand.set_if_absent(&key, value)
        }),
        Mutant::new(
            "set_if_absent_refuses_large_values",
            "`set_if_absent` takes half of the largest value",
            &[refused],
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
            &[refused],
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
            "set_if_absent_writes_text",
            "`set_if_absent` stores values as text",
            &[stores],
        )
        .set_if_absent(|hand, key, value| {
            let text = String::from_utf8_lossy(&value).into_owned();
            hand.set_if_absent(key, Bytes::from(text))
        }),
        Mutant::new(
            "set_if_absent_cuts_values",
            "`set_if_absent` stores the first 1,000 bytes of a value",
            &[stores],
        )
        .set_if_absent(|hand, key, mut value| {
            value.truncate(1_000);
            hand.set_if_absent(key, value)
        }),
        Mutant::new(
            "expected_value_has_a_limit",
            "`compare_and_set` refuses to expect what is too large to be there",
            &[refused],
        )
        .rules(Rules::STRICT)
        .compare_and_set(|hand, key, expected, value| {
            hand.check(key, &Bytes::copy_from_slice(expected))?;
            hand.compare_and_set(key, expected, value)
        }),
        Mutant::new(
            "set_if_absent_ends_keys_at_nul",
            "`set_if_absent` ends a key at its first NUL",
            &[atomic::conditions_tell_keys_apart],
        )
        .set_if_absent(|hand, key, value| {
            hand.set_if_absent(key.split('\0').next().unwrap_or_default(), value)
        }),
        Mutant::new(
            "plus_is_a_blank_to_conditions",
            "conditional writes take a plus in a key for a blank",
            &[atomic::conditions_tell_keys_apart],
        )
        .set_if_absent(|hand, key, value| hand.set_if_absent(&key.replace('+', " "), value))
        .compare_and_set(|hand, key, expected, value| {
            hand.compare_and_set(&key.replace('+', " "), expected, value)
        }),
        Mutant::new(
            "large_values_can_not_be_expected",
            "`compare_and_set` fails where the expected value and the new one are over 1.5 MiB together",
            &[atomic::what_can_not_be_held_is_refused],
        )
        .compare_and_set(|hand, key, expected, value| {
            match expected.len() + value.len() > 3 << 19 && hand.has(key)? {
                true => Err(Error::backend("request is too large")),
                false => hand.compare_and_set(key, expected, value),
            }
        }),
    ]
}

fn put(hand: &Hand, key: &str, value: Bytes) {
    let written = hand.now();
    let end = None;
    hand.put(
        key,
        Entry {
            value,
            written,
            end,
        },
    );
}
