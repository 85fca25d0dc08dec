//! Faults in keeping namespaces apart.

use std::hash::{DefaultHasher, Hash, Hasher};

use tck::{Bytes, Clause, namespaces};

use crate::{
    Mutant,
    clay::{Locate, exactly, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [joined(), folded(), reaching()].concat()
}

/// Names and keys that are joined to one text.
fn joined() -> Vec<Mutant> {
    let faults: [(&str, &str, Locate); 14] = [
        (
            "joined_by_nothing",
            "name and key are joined without a separator",
            |n, k| format!("{n}{k}"),
        ),
        (
            "joined_by_colon",
            "name and key are joined by a colon",
            |n, k| format!("{n}:{k}"),
        ),
        (
            "joined_by_two_colons",
            "name and key are joined by two colons",
            |n, k| format!("{n}::{k}"),
        ),
        (
            "joined_by_slash",
            "name and key are joined by a slash",
            |n, k| format!("{n}/{k}"),
        ),
        (
            "joined_by_dot",
            "name and key are joined by a dot",
            |n, k| format!("{n}.{k}"),
        ),
        (
            "joined_by_hyphen",
            "name and key are joined by a hyphen",
            |n, k| format!("{n}-{k}"),
        ),
        (
            "joined_by_underscore",
            "name and key are joined by an underscore",
            |n, k| format!("{n}_{k}"),
        ),
        (
            "joined_by_bar",
            "name and key are joined by a bar",
            |n, k| format!("{n}|{k}"),
        ),
        ("joined_by_nul", "name and key are joined by NUL", |n, k| {
            format!("{n}\0{k}")
        }),
        (
            "joined_by_unit_separator",
            "name and key are joined by the control character for it",
            |n, k| format!("{n}\u{1f}{k}"),
        ),
        (
            "joined_by_hash",
            "name and key are joined by a hash",
            |n, k| format!("{n}#{k}"),
        ),
        (
            "joined_with_doubled_colon",
            "colons in both are doubled, then they are joined by one",
            |n, k| format!("{}:{}", n.replace(':', "::"), k.replace(':', "::")),
        ),
        (
            "joined_with_escaped_name",
            "a colon in the name is escaped by a backslash, a backslash is not",
            |n, k| format!("{}:{k}", n.replace(':', "\\:")),
        ),
        (
            "joined_with_key_first",
            "key and name are joined by an at sign",
            |n, k| format!("{k}@{n}"),
        ),
    ];
    faults
        .into_iter()
        .map(|(name, fault, locate)| {
            Mutant::new(
                name,
                fault,
                &[namespaces::joined_names_and_keys_are_not_confused],
            )
            .locate(locate)
        })
        .collect()
}

/// Names of which something is lost.
fn folded() -> Vec<Mutant> {
    let twins = [namespaces::near_twin_names_are_told_apart];
    let odd = [namespaces::odd_names_stay_apart_or_are_refused];
    let begin = [namespaces::names_that_begin_alike_are_told_apart];
    let many = [namespaces::many_namespaces_stay_apart];
    let all = [
        namespaces::same_key_in_two_namespaces_holds_two_values,
        namespaces::key_is_absent_from_every_other_namespace,
        namespaces::deleting_in_one_namespace_leaves_the_others,
        namespaces::overwriting_in_one_namespace_leaves_the_others,
    ];
    let faults: [(&str, &str, &[&'static Clause], Locate); 17] = [
        (
            "namespace_ignored",
            "the namespace is ignored",
            &all,
            |_, k| k.to_owned(),
        ),
        (
            "namespace_lower_case",
            "names are told apart without case",
            &twins,
            |n, k| exactly(&n.to_lowercase(), k),
        ),
        (
            "namespace_trimmed",
            "blanks at the end of a name are dropped",
            &twins,
            |n, k| exactly(n.trim_end(), k),
        ),
        (
            "namespace_blanks_dropped",
            "blanks in a name are dropped",
            &twins,
            |n, k| exactly(&n.replace(' ', ""), k),
        ),
        (
            "namespace_composed",
            "names are normalised to composed Unicode",
            &twins,
            |n, k| exactly(&n.replace("e\u{301}", "é"), k),
        ),
        (
            "namespace_ascii_only",
            "what is not ASCII in a name becomes a question mark",
            &twins,
            |n, k| exactly(&n.replace(|c: char| !c.is_ascii(), "?"), k),
        ),
        (
            "namespace_ends_at_nul",
            "a name ends at its first NUL",
            &twins,
            |n, k| exactly(n.split('\0').next().unwrap_or(n), k),
        ),
        (
            "namespace_as_number",
            "a name that ends in a number is taken for one",
            &twins,
            |n, k| exactly(&n.replace("-01", "-1").replace("-1.0", "-1"), k),
        ),
        (
            "namespace_cut_at_32",
            "names are cut after 32 bytes",
            &twins,
            |n, k| exactly(n.get(..32).unwrap_or(n), k),
        ),
        (
            "namespace_cut_at_63",
            "names are cut after 63 bytes",
            &twins,
            |n, k| exactly(n.get(..63).unwrap_or(n), k),
        ),
        (
            "namespace_made_a_file_name",
            "odd characters in a name become underscores",
            &odd,
            |n, k| {
                exactly(
                    &n.replace(|c: char| !c.is_alphanumeric() && c != '-', "_"),
                    k,
                )
            },
        ),
        (
            "namespace_percent_decoded",
            "percent escapes in a name are decoded",
            &odd,
            |n, k| exactly(&n.replace("%2F", "/").replace("%3A", ":"), k),
        ),
        (
            "namespace_as_path",
            "a name is resolved like a path",
            &odd,
            |n, k| {
                exactly(
                    &n.replace("/..", "").replace("/.", "").replace("//", "/"),
                    k,
                )
            },
        ),
        (
            "namespace_without_controls",
            "control characters in a name are dropped",
            &odd,
            |n, k| exactly(&n.replace(|c: char| c.is_ascii_control(), ""), k),
        ),
        (
            "namespace_until_hyphen",
            "a name ends at its second hyphen",
            &begin,
            |n, k| {
                exactly(
                    &n.split('-')
                        .take(3)
                        .collect::<Vec<_>>()
                        .join("-")
                        .replace("users2", "users"),
                    k,
                )
            },
        ),
        (
            "namespace_singular",
            "an `s` at the end of a name is dropped",
            &begin,
            |n, k| exactly(n.trim_end_matches('s'), k),
        ),
        (
            "namespace_of_16",
            "names are hashed to 16 databases",
            &many,
            |n, k| {
                let mut hasher = DefaultHasher::new();
                n.hash(&mut hasher);
                format!("{}:{k}", hasher.finish() % 16)
            },
        ),
    ];
    faults
        .into_iter()
        .map(|(name, fault, caught_by, locate)| Mutant::new(name, fault, caught_by).locate(locate))
        .collect()
}

/// Operations that reach beyond their namespace.
fn reaching() -> Vec<Mutant> {
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
    ]
}

fn covers(stem: &str, place: &str, key: &str) -> bool {
    place
        .split_once(':')
        .is_some_and(|(_, rest)| rest.starts_with(stem) && rest.ends_with(key))
}
