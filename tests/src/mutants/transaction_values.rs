//! Faults of transactions that show in single keys and values.

use tck::{Bytes, Error, transaction};

use crate::{Mutant, clay::Rules};

pub(super) fn mutants() -> Vec<Mutant> {
    let exact = transaction::keys_and_values_are_exact;
    let refused = transaction::what_can_not_be_held_is_refused;
    vec![
        Mutant::new(
            "transaction_writes_text",
            "values pass through text in a transaction",
            &[exact],
        )
        .deal_set(|deal, key, value, ttl| deal.set(key, as_text(&value), ttl)),
        Mutant::new(
            "transaction_reads_text",
            "a transaction reads values as text",
            &[exact],
        )
        .deal_get(|deal, key| Ok(deal.get(key)?.map(|value| as_text(&value)))),
        Mutant::new(
            "transaction_cuts_values",
            "a transaction stores the first 1,000 bytes of a value",
            &[exact],
        )
        .deal_set(|deal, key, mut value, ttl| {
            value.truncate(1_000);
            deal.set(key, value, ttl)
        }),
        Mutant::new(
            "stored_empty_value_is_missing",
            "a transaction reads a stored empty value as missing",
            &[exact],
        )
        .deal_get(|deal, key| {
            let own = deal.writes.contains_key(key);
            Ok(deal.get(key)?.filter(|value| own || !value.is_empty()))
        }),
        Mutant::new(
            "empty_value_deletes",
            "a transaction that sets an empty value deletes the key",
            &[exact],
        )
        .commit(|deal| {
            for written in deal.writes.values_mut() {
                if written.as_ref().is_some_and(|(value, _)| value.is_empty()) {
                    *written = None;
                }
            }
            deal.commit()
        }),
        Mutant::new(
            "transaction_folds_keys",
            "a transaction takes keys in lower case",
            &[exact],
        )
        .deal_set(|deal, key, value, ttl| deal.set(&key.to_lowercase(), value, ttl))
        .deal_get(|deal, key| deal.get(&key.to_lowercase())),
        Mutant::new(
            "transaction_trims_keys",
            "a transaction takes keys without blanks around them",
            &[exact],
        )
        .deal_set(|deal, key, value, ttl| deal.set(key.trim(), value, ttl))
        .deal_get(|deal, key| deal.get(key.trim())),
        Mutant::new(
            "transaction_cuts_keys_silently",
            "a transaction looks at the first 100 bytes of a key",
            &[exact],
        )
        .deal_set(|deal, key, value, ttl| deal.set(key.get(..100).unwrap_or(key), value, ttl))
        .deal_get(|deal, key| deal.get(key.get(..100).unwrap_or(key))),
        Mutant::new(
            "transaction_refuses_the_longest_key",
            "a transaction refuses keys of the longest length",
            &[exact],
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| match key.len() < 200 {
            true => deal.set(key, value, ttl),
            false => Err(Error::invalid_key("too long")),
        }),
        Mutant::new(
            "transaction_refuses_large_values",
            "a transaction takes half of the largest value",
            &[exact],
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| {
            let (size, limit) = (value.len(), 50_000);
            match size > limit {
                true => Err(Error::TooLarge { size, limit }),
                false => deal.set(key, value, ttl),
            }
        }),
        Mutant::new(
            "transaction_without_limits",
            "values of any size are stored by a transaction",
            &[refused],
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| {
            deal.writes.insert(key.to_owned(), Some((value, ttl)));
            Ok(())
        }),
        Mutant::new(
            "transaction_cuts_keys",
            "a transaction cuts long keys",
            &[refused],
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| {
            let key: String = key.chars().take(200).collect();
            deal.set(&key, value, ttl)
        }),
        Mutant::new(
            "refused_write_is_left_out",
            "what can't be held is left out, and the rest committed",
            &[refused],
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| {
            let _ = deal.set(key, value, ttl);
            Ok(())
        }),
        Mutant::new(
            "transaction_takes_the_empty_key",
            "a transaction takes the empty key, which is refused elsewhere",
            &[refused],
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| match key.is_empty() {
            true => {
                deal.writes.insert(String::new(), Some((value, ttl)));
                Ok(())
            }
            false => deal.set(key, value, ttl),
        }),
    ]
}

fn as_text(value: &Bytes) -> Bytes {
    Bytes::from(String::from_utf8_lossy(value).into_owned())
}
