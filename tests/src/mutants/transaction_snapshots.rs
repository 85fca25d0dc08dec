//! Faults of transactions whose reads are of different moments.

use tck::transaction;

use crate::Mutant;

pub(super) fn mutants() -> Vec<Mutant> {
    let one_moment = transaction::reads_are_of_one_moment;
    vec![
        Mutant::new(
            "reads_the_present",
            "a transaction reads what is stored at the time of the read",
            &[one_moment],
        )
        .deal_get(|deal, key| {
            deal.get(key)?;
            match deal.writes.contains_key(key) {
                true => deal.get(key),
                false => deal.hand.get(key),
            }
        }),
        Mutant::new(
            "first_reads_of_different_moments",
            "a transaction keeps what it has read, and reads other keys as they are",
            &[one_moment],
        )
        .deal_get(|deal, key| {
            if !deal.reads.contains(key) {
                let place = deal.hand.at(key);
                match deal.hand.entry(key) {
                    Some(entry) => deal.seen.insert(place, entry),
                    None => deal.seen.remove(&place),
                };
            }
            deal.get(key)
        }),
        Mutant::new(
            "deletes_show_in_snapshots",
            "what is deleted meanwhile is missing in a transaction that goes on reading",
            &[one_moment],
        )
        .deal_get(|deal, key| {
            let value = deal.get(key)?;
            let own = deal.writes.contains_key(key);
            Ok(value.filter(|_| own || deal.hand.entry(key).is_some()))
        }),
        Mutant::new(
            "lists_the_present",
            "a listing in a transaction is of the present",
            &[one_moment],
        )
        .deal_list(|deal, prefix, after, limit| {
            let present = deal.hand.entries().clone();
            let seen = std::mem::replace(&mut deal.seen, present);
            let listed = deal.list(prefix, after, limit);
            deal.seen = seen;
            listed
        }),
    ]
}
