//! Faults that take different names of namespaces for one.

use std::hash::{DefaultHasher, Hash, Hasher};

use tck::{Clause, namespaces};

use crate::{
    Mutant,
    clay::{Locate, exactly},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [joined(), folded()].concat()
}

/// Names and keys that are joined to one text.
fn joined() -> Vec<Mutant> {
    let faults: [(&str, &str, Locate); 15] = [
        (
            "length_of_the_name_in_a_byte",
            "the length of the name stands before name and key, in one byte",
            |n, k| format!("{}:{n}{k}", n.len() as u8),
        ),
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
    let faults: [(&str, &str, &[&'static Clause], Locate); 21] = [
        (
            "namespace_plus_is_a_blank",
            "a plus in a name becomes a blank",
            &twins,
            |n, k| exactly(&n.replace('+', " "), k),
        ),
        (
            "namespace_hyphen_is_an_underscore",
            "hyphens in a name become underscores",
            &twins,
            |n, k| exactly(&n.replace('-', "_"), k),
        ),
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
            "namespace_cut_at_100",
            "names are cut after 100 bytes",
            &twins,
            |n, k| exactly(n.get(..100).unwrap_or(n), k),
        ),
        (
            "namespace_cut_at_255",
            "names are cut after 255 bytes",
            &twins,
            |n, k| exactly(n.get(..255).unwrap_or(n), k),
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
