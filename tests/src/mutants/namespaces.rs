//! Faults of operations that reach beyond their namespace.

use tck::{Bytes, cache, namespaces};

use crate::{
    Mutant,
    clay::{exactly, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "has_looks_everywhere",
            "`has` finds a key in any namespace",
            &[namespaces::key_is_absent_from_every_other_namespace],
        )
        .has(|hand, key| {
            Ok(hand.has(key)?
                || hand
                    .entries()
                    .keys()
                    .any(|place| !key.is_empty() && place.ends_with(key)))
        }),
        Mutant::new(
            "get_falls_back",
            "`get` of a missing key looks in the namespace whose name comes first",
            &[namespaces::key_is_absent_from_every_other_namespace],
        )
        .get(|hand, key| match hand.get(key)? {
            None => Ok(hand
                .entries()
                .iter()
                .find(|(place, _)| place.ends_with(key))
                .map(|(_, entry)| entry.value.clone())),
            value => Ok(value),
        }),
        Mutant::new(
            "delete_reaches_everywhere",
            "`delete` removes the key from all namespaces",
            &[
                namespaces::deleting_in_one_namespace_leaves_the_others,
                namespaces::many_namespaces_stay_apart,
            ],
        )
        .delete(|hand, key| {
            hand.entries().retain(|place, _| !place.ends_with(key));
            Ok(())
        }),
        Mutant::new(
            "overwrite_reaches_everywhere",
            "a write to a key that exists writes to all namespaces that have it",
            &[namespaces::overwriting_in_one_namespace_leaves_the_others],
        )
        .write(|hand, key, value, ttl| {
            if hand.has(key)? {
                hand.entries()
                    .iter_mut()
                    .filter(|(place, _)| place.ends_with(key))
                    .for_each(|(_, entry)| entry.value = value.clone());
            }
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "deadline_reaches_everywhere",
            "a deadline holds for its key in all namespaces",
            &[cache::deadline_stays_in_its_namespace],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            let end = hand.entry(key).and_then(|entry| entry.end);
            hand.entries()
                .iter_mut()
                .filter(|(place, _)| !key.is_empty() && place.ends_with(key))
                .for_each(|(_, entry)| entry.end = end);
            Ok(())
        }),
        Mutant::new(
            "delete_by_name_prefix",
            "`delete` reaches the namespaces whose names begin with this one's",
            &[namespaces::names_that_begin_alike_are_told_apart],
        )
        .delete(|hand, key| {
            let ours = |place: &str| {
                place.split_once(':').is_some_and(|(_, rest)| {
                    rest.starts_with(&hand.namespace) && rest.ends_with(key)
                })
            };
            hand.entries().retain(|place, _| !ours(place));
            Ok(())
        }),
        Mutant::new(
            "name_is_a_pattern",
            "a namespace whose name ends in `*` covers those that begin with the rest",
            &[namespaces::odd_names_stay_apart_or_are_refused],
        )
        .get(|hand, key| match hand.namespace.strip_suffix('*') {
            Some(stem) => Ok(hand
                .entries()
                .iter()
                .find(|(place, _)| covers(stem, place, key))
                .map(|(_, entry)| entry.value.clone())),
            None => hand.get(key),
        }),
        Mutant::new(
            "name_is_a_deleting_pattern",
            "`delete` in a namespace whose name ends in `*` reaches those that begin with the rest",
            &[namespaces::odd_names_stay_apart_or_are_refused],
        )
        .delete(|hand, key| {
            if let Some(stem) = hand.namespace.strip_suffix('*') {
                hand.entries().retain(|place, _| !covers(stem, place, key));
            }
            hand.delete(key)
        }),
        Mutant::new(
            "holds_100_namespaces",
            "the namespace that was opened first is emptied when there are more than 100",
            &[namespaces::many_namespaces_stay_apart],
        )
        .open(|hand| {
            let mut opened = locked(&hand.server.memo);
            let number = Bytes::from(format!("{:05}", hand.number));
            opened.entry(hand.namespace.clone()).or_insert(number);
            if opened.len() > 100
                && let Some(first) = opened.iter().min_by_key(|(_, number)| *number)
            {
                let first = first.0.clone();
                opened.remove(&first);
                let begin = exactly(&first, "");
                hand.entries().retain(|place, _| !place.starts_with(&begin));
            }
        }),
        Mutant::new(
            "latest_namespace_wins",
            "a connection stays in the namespace that was selected last",
            &[namespaces::same_key_in_two_namespaces_holds_two_values],
        )
        .open(|hand| {
            locked(&hand.server.memo).insert(String::new(), Bytes::from(hand.namespace.clone()));
        })
        .get(|hand, key| {
            let selected = locked(&hand.server.memo)
                .get("")
                .cloned()
                .unwrap_or_default();
            let place = exactly(&String::from_utf8_lossy(&selected), key);
            Ok(hand.entries().get(&place).map(|entry| entry.value.clone()))
        }),
        Mutant::new(
            "namespace_made_twice",
            "two who open a namespace at the same time, which nobody has opened before, get two",
            &[namespaces::one_name_is_one_namespace],
        )
        .open(|hand| {
            let known = locked(&hand.server.memo).get(&hand.namespace).cloned();
            match known {
                Some(number) => hand.namespace += str::from_utf8(&number).unwrap_or_default(),
                None => _ = locked(&hand.memo).insert("new".to_owned(), Bytes::new()),
            }
        })
        .opened(|hand| {
            if locked(&hand.memo).contains_key("new") {
                let number = format!("#{}", hand.number);
                let name = hand.namespace.clone();
                hand.namespace += &number;
                locked(&hand.server.memo).insert(name, number.into());
            }
        }),
        Mutant::new(
            "hashed_keys_without_a_namespace",
            "keys over 200 bytes are replaced by their hash, and stand in no namespace then",
            &[namespaces::same_key_in_two_namespaces_holds_two_values],
        )
        .locate(|namespace, key| match key.len() {
            ..=200 => exactly(namespace, key),
            _ => exactly("", key),
        }),
        Mutant::new(
            "empty_key_without_a_namespace",
            "the empty key is one for all namespaces",
            &[namespaces::same_key_in_two_namespaces_holds_two_values],
        )
        .locate(|namespace, key| match key {
            "" => exactly("", ""),
            _ => exactly(namespace, key),
        }),
    ]
}

fn covers(stem: &str, place: &str, key: &str) -> bool {
    place
        .split_once(':')
        .is_some_and(|(_, rest)| rest.starts_with(stem) && rest.ends_with(key))
}
