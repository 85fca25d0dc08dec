//! Faults of what a transaction writes with a time to live: keys, values, ends.

use std::sync::Arc;

use tck::{Bytes, Result, transaction};

use super::marks::{is_marked, mark_leased};
use crate::{
    Mutant,
    clay::{Entry, Rules},
    deal::Deal,
};

pub(super) fn mutants() -> Vec<Mutant> {
    [taken(), ends()].concat()
}

/// What is taken, and as what.
fn taken() -> Vec<Mutant> {
    let exact = [transaction::keys_and_values_are_exact];
    let odd = [transaction::odd_ttls_are_taken_as_everywhere];
    vec![
        Mutant::new(
            "empty_lease_deletes",
            "a transaction that sets an empty value with a time to live deletes the key",
            &exact,
        )
        .deal_set(|deal, key, value, ttl| match ttl {
            Some(_) if value.is_empty() => deal.delete(key),
            _ => deal.set(key, value, ttl),
        }),
        Mutant::new(
            "leased_value_as_text",
            "values with a time to live go through text in a transaction",
            &exact,
        )
        .deal_set(|deal, key, value, ttl| match ttl {
            Some(_) => {
                let text = String::from_utf8_lossy(&value).into_owned();
                deal.set(key, text.into(), ttl)
            }
            None => deal.set(key, value, ttl),
        }),
        Mutant::new(
            "leased_value_cut",
            "a transaction stores the first 1,000 bytes of a value with a time to live",
            &exact,
        )
        .deal_set(|deal, key, mut value, ttl| {
            value.truncate(if ttl.is_some() { 1_000 } else { usize::MAX });
            deal.set(key, value, ttl)
        }),
        Mutant::new(
            "leased_key_trimmed",
            "a transaction takes keys with a time to live without blanks around them",
            &exact,
        )
        .deal_set(|deal, key, value, ttl| match ttl {
            Some(_) => deal.set(key.trim(), value, ttl),
            None => deal.set(key, value, ttl),
        }),
        Mutant::new(
            "leased_keys_of_any_length",
            "a transaction takes keys of any length with a time to live",
            &odd,
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| match ttl {
            Some(_) if !key.is_empty() => unchecked(deal, key, value, ttl),
            _ => deal.set(key, value, ttl),
        }),
        Mutant::new(
            "leased_empty_key",
            "a transaction takes the empty key with a time to live, which is refused elsewhere",
            &odd,
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| match ttl {
            Some(_) if key.is_empty() => unchecked(deal, key, value, ttl),
            _ => deal.set(key, value, ttl),
        }),
    ]
}

fn unchecked(
    deal: &mut Deal,
    key: &str,
    value: Bytes,
    ttl: Option<std::time::Duration>,
) -> Result<()> {
    deal.hand.check("key", &value)?;
    deal.writes.insert(key.to_owned(), Some((value, ttl)));
    Ok(())
}

/// When it ends.
fn ends() -> Vec<Mutant> {
    let from_commit = [transaction::ttl_counts_from_the_commit];
    vec![
        Mutant::new(
            "lease_of_the_same_value_spared",
            "a transaction gives no time to live to a value that is there already",
            &from_commit,
        )
        .commit(|deal| sparing_the_same(deal, true)),
        Mutant::new(
            "plain_set_of_the_same_value_spared",
            "a transaction does not clear the time to live of a value that is there already",
            &from_commit,
        )
        .commit(|deal| sparing_the_same(deal, false)),
        Mutant::new(
            "shorter_lease_ignored",
            "a transaction does not shorten the time that is left",
            &from_commit,
        )
        .commit(|deal| {
            let hand = Arc::clone(&deal.hand);
            let before = hand.entries().clone();
            deal.commit()?;
            let leased = deal.writes.iter().filter_map(|(key, written)| {
                written.as_ref()?.1?;
                Some((key, deal.alive(&before, key)?.end?))
            });
            for (key, end) in leased {
                if let Some(entry) = hand.entries().get_mut(&hand.at(key)) {
                    entry.end = entry.end.max(Some(end));
                }
            }
            Ok(())
        }),
        Mutant::new(
            "reading_in_a_transaction_extends",
            "a read in a transaction begins the time to live anew",
            &[transaction::keys_with_a_ttl_are_there],
        )
        .deal_get(|deal, key| {
            let got = deal.get(key)?;
            let hand = Arc::clone(&deal.hand);
            if let Some(entry) = hand.entries().get_mut(&hand.at(key))
                && let Some(end) = entry.end
                && hand.is_alive(entry)
            {
                let ttl = end - entry.written;
                entry.written = hand.now();
                entry.end = hand.now().checked_add(ttl);
            }
            Ok(got)
        }),
        Mutant::new(
            "comparison_keeps_a_committed_end",
            "`compare_and_set` keeps the time to live that a transaction has given",
            &[transaction::commits_count_for_conditions],
        )
        .commit(|deal| {
            mark_leased(deal);
            deal.commit()
        })
        .compare_and_set(|hand, key, expected, value| {
            let before = hand.entry(key).filter(|_| is_marked(hand, key));
            let stored = hand.compare_and_set(key, expected, value)?;
            if let (true, Some(before), Some(entry)) = (stored, before, hand.entry(key)) {
                let end = before.end;
                hand.put(key, Entry { end, ..entry });
            }
            Ok(stored)
        }),
    ]
}

/// Commits what changes something. A value with a time to live changes nothing where it is there
/// already, or one without.
fn sparing_the_same(deal: &mut Deal, leased: bool) -> Result<()> {
    let hand = Arc::clone(&deal.hand);
    deal.writes.retain(|key, written| {
        let Some((value, ttl)) = written else {
            return true;
        };
        let held = hand.entry(key).filter(|held| hand.is_alive(held));
        ttl.is_some() != leased || held.is_none_or(|held| held.value != *value)
    });
    deal.commit()
}
