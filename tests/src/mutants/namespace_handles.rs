//! Faults of namespaces that come and go, and of what stands beside their data.

use std::sync::atomic::Ordering;

use tck::{Bytes, cache, listing, namespaces};

use crate::{
    Mutant,
    clay::{Entry, exactly, locked, page},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [handles(), joined()].concat()
}

fn handles() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "handle_cleans_up_what_begins_like_it",
            "a handle that goes takes along the namespaces whose names begin with its own",
            &[namespaces::names_that_begin_alike_are_told_apart],
        )
        .close(|hand| {
            let begins_like = |namespace: &str| {
                namespace.len() > hand.namespace.len() && namespace.starts_with(&hand.namespace)
            };
            for ((namespace, key), _) in hand.named() {
                if begins_like(&namespace) {
                    hand.entries().remove(&exactly(&namespace, &key));
                }
            }
        }),
        Mutant::new(
            "place_of_one_that_went_is_given_on",
            "the next namespace that is opened gets what one holds that went",
            &[namespaces::key_is_absent_from_every_other_namespace],
        )
        .shut(|hand| {
            let name = Bytes::from(hand.namespace.clone());
            locked(&hand.server.memo).insert("free".to_owned(), name);
        })
        .reopen(|hand| {
            let free = locked(&hand.server.memo).remove("free");
            let free = String::from_utf8_lossy(&free.unwrap_or_default()).into_owned();
            if !free.is_empty() && free != hand.namespace {
                for ((namespace, key), entry) in hand.named() {
                    if namespace == free {
                        hand.entries().remove(&exactly(&free, &key));
                        hand.put(&key, entry);
                    }
                }
            }
        }),
        Mutant::new(
            "two_that_come_at_once_get_one_number",
            "two namespaces that are opened at the same moment are one",
            &[namespaces::key_is_absent_from_every_other_namespace],
        )
        .open(|hand| {
            let known = locked(&hand.server.memo).get(&hand.namespace).cloned();
            let next = hand.server.count.load(Ordering::SeqCst);
            let number = known.unwrap_or_else(|| next.to_string().into());
            let number = String::from_utf8_lossy(&number).into_owned();
            locked(&hand.memo).insert("name".to_owned(), hand.namespace.clone().into());
            hand.namespace = number;
        })
        .opened(|hand| {
            let name = locked(&hand.memo).remove("name").unwrap_or_default();
            let name = String::from_utf8_lossy(&name).into_owned();
            let number = Bytes::from(hand.namespace.clone());
            if locked(&hand.server.memo).insert(name, number).is_none() {
                hand.count();
            }
        }),
        Mutant::new(
            "large_values_of_all_are_kept_once",
            "a delete of a large value takes along those that are equal to it",
            &[namespaces::same_key_in_two_namespaces_holds_two_values],
        )
        .delete(|hand, key| {
            let value = hand.get(key)?.filter(|value| value.len() > 10_000);
            hand.delete(key)?;
            if let Some(value) = value {
                hand.entries().retain(|_, entry| entry.value != value);
            }
            Ok(())
        }),
    ]
}

fn joined() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "odd_namespaces_are_listed_by_their_raw_names",
            "a namespace is stored by its escaped name, and listed by its own",
            &[listing::other_namespaces_are_not_listed],
        )
        .list(|hand, prefix, after, limit| {
            let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
            match hand.namespace.chars().all(is_plain) {
                true => hand.list(prefix, after, limit),
                false => Ok(page(Vec::new(), after, limit)),
            }
        }),
        Mutant::new(
            "deadlines_are_kept_by_joined_names",
            "what ends is known by the name of its namespace, a colon and its key",
            &[cache::deadline_stays_in_its_namespace],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            let end = hand.entry(key).and_then(|entry| entry.end);
            let joined = format!("{}:{key}", hand.namespace);
            for ((namespace, key), entry) in hand.named() {
                if format!("{namespace}:{key}") == joined {
                    let entry = Entry { end, ..entry };
                    hand.entries().insert(exactly(&namespace, &key), entry);
                }
            }
            Ok(())
        }),
    ]
}
