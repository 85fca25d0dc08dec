//! Faults of what a transaction writes: over what is there, after a delete, beside what is refused.

use tck::{Error, transaction};

use crate::{
    Mutant,
    clay::{Rules, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let deletes = [transaction::deletes_are_part_of_it];
    let exact = [transaction::keys_and_values_are_exact];
    let own = [transaction::read_your_writes];
    let limits = [transaction::what_can_not_be_held_is_refused];
    vec![
        Mutant::new(
            "own_lease_covers_a_plain_set",
            "a transaction reads the value that it has leased and then set plainly",
            &own,
        )
        .deal_set(|deal, key, value, ttl| {
            if ttl.is_some() {
                locked(&deal.hand.memo).insert(key.to_owned(), value.clone());
            }
            deal.set(key, value, ttl)
        })
        .deal_get(|deal, key| {
            let got = deal.get(key)?;
            Ok(got.map(|got| locked(&deal.hand.memo).get(key).cloned().unwrap_or(got)))
        }),
        Mutant::new(
            "own_lease_is_not_deleted",
            "a transaction still reads what it has leased and deleted",
            &own,
        )
        .deal_delete(|deal, key| match deal.writes.get(key) {
            Some(Some((_, Some(_)))) => Ok(()),
            _ => deal.delete(key),
        }),
        Mutant::new(
            "leased_after_a_delete_and_gone",
            "a key that a transaction deletes and then leases is deleted",
            &deletes,
        )
        .deal_set(|deal, key, value, ttl| match deal.writes.get(key) {
            Some(None) if ttl.is_some() => Ok(()),
            _ => deal.set(key, value, ttl),
        }),
        Mutant::new(
            "last_value_is_not_committed_again",
            "a commit leaves out the value that a key held last, deleted or not",
            &deletes,
        )
        .set(|hand, key, value, ttl| {
            locked(&hand.server.memo).insert(hand.at(key), value.clone());
            hand.write(key, value, ttl)
        })
        .commit(|deal| {
            let last = locked(&deal.hand.server.memo).clone();
            let at = |key: &str| deal.hand.at(key);
            let writes = deal.writes.clone();
            deal.writes = writes
                .into_iter()
                .filter(|(key, written)| {
                    let value = written.as_ref().map(|(value, _)| value);
                    value.is_none() || last.get(&at(key)) != value
                })
                .collect();
            deal.commit()
        }),
        Mutant::new(
            "delete_uncovers_what_was_committed",
            "a delete of what was set over a commit shows the committed value again",
            &deletes,
        )
        .commit(|deal| {
            for (key, written) in &deal.writes {
                if let Some((value, _)) = written {
                    locked(&deal.hand.server.memo).insert(deal.hand.at(key), value.clone());
                }
            }
            deal.commit()
        })
        .delete(|hand, key| {
            let covered = locked(&hand.server.memo).remove(&hand.at(key));
            let held = hand.entry(key).map(|held| held.value);
            match covered.filter(|covered| held.is_some_and(|held| held != covered)) {
                Some(covered) => hand.write(key, covered, None),
                None => hand.delete(key),
            }
        }),
        Mutant::new(
            "transaction_deletes_by_blanks",
            "a transaction takes a plus for a blank where it deletes",
            &exact,
        )
        .deal_delete(|deal, key| deal.delete(&key.replace('+', " "))),
        Mutant::new(
            "too_large_aborts_in_silence",
            "after a value that was too large a commit answers Ok and stores nothing",
            &limits,
        )
        .rules(Rules::STRICT)
        .deal_set(|deal, key, value, ttl| {
            let done = deal.set(key, value, ttl);
            if matches!(done, Err(Error::TooLarge { .. })) {
                deal.writes.clear();
            }
            done
        }),
        Mutant::new(
            "refused_read_aborts_in_silence",
            "after the read of a key that is refused a commit answers Ok and stores nothing",
            &limits,
        )
        .rules(Rules::STRICT)
        .deal_get(|deal, key| {
            let got = deal.get(key);
            if got.is_err() {
                deal.writes.clear();
            }
            got
        }),
    ]
}
