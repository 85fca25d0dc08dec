//! Faults of the wrapping that carries the deadline of a value.

use tck::{Bytes, cache};

use crate::Mutant;

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "deadline_before_the_value",
            "what looks like a deadline in front of a plain value is dropped",
            &[cache::values_with_a_ttl_are_exact],
        )
        .get(|hand, key| {
            let value = hand.get(key)?;
            let plain = |value: Bytes| match value.split_first_chunk::<20>() {
                Some((head, rest)) if *head == [0; 20] => Bytes::copy_from_slice(rest),
                _ => value,
            };
            Ok(value.map(plain))
        }),
        Mutant::new(
            "deadline_as_text",
            "a value that begins with a number and a bar loses both",
            &[cache::values_with_a_ttl_are_exact],
        )
        .get(|hand, key| {
            Ok(hand
                .get(key)?
                .map(|value| Bytes::copy_from_slice(value.strip_prefix(b"1|").unwrap_or(&value))))
        }),
        Mutant::new(
            "value_with_ttl_as_text",
            "values with a time to live go through text",
            &[cache::values_with_a_ttl_are_exact],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(
                key,
                Bytes::from(String::from_utf8_lossy(&value).into_owned()),
                ttl,
            )
        }),
        Mutant::new(
            "empty_value_with_ttl_is_not_stored",
            "an empty value with a time to live is skipped",
            &[cache::values_with_a_ttl_are_exact],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            if value.is_empty() {
                Ok(())
            } else {
                hand.write(key, value, ttl)
            }
        }),
        Mutant::new(
            "empty_value_never_expires",
            "an empty value loses its deadline",
            &[cache::expired_key_is_absent_on_every_read_path],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let ttl = ttl.filter(|_| !value.is_empty());
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "value_with_ttl_cut",
            "a value with a time to live is cut after 64 KiB",
            &[cache::values_with_a_ttl_are_exact],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value.slice(..value.len().min(65_536)), ttl)
        }),
        Mutant::new(
            "large_value_never_expires",
            "a value of more than 64 KiB loses its deadline",
            &[cache::expired_key_is_absent_on_every_read_path],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let ttl = ttl.filter(|_| value.len() <= 65_536);
            hand.write(key, value, ttl)
        }),
    ]
}
