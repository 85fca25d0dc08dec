//! Faults in telling keys apart.

use std::hash::{DefaultHasher, Hash, Hasher};

use tck::{EmptyKey, Error, cache, kv_store};

use crate::{
    Mutant,
    clay::{Hand, Locate, Rules, exactly},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [lossy(), cut(), limits(), literally()].concat()
}

/// Keys that are changed on their way to the backend.
fn lossy() -> Vec<Mutant> {
    let faults: [(&str, &str, Locate); 29] = [
        (
            "key_lower_case",
            "keys are told apart without case",
            |n, k| exactly(n, &k.to_lowercase()),
        ),
        (
            "key_ascii_lower_case",
            "keys are told apart without case in ASCII",
            |n, k| exactly(n, &k.to_ascii_lowercase()),
        ),
        (
            "key_upper_case",
            "keys are turned to upper case, ß to SS",
            |n, k| exactly(n, &k.to_uppercase()),
        ),
        (
            "key_composed",
            "keys are normalised to composed Unicode",
            |n, k| exactly(n, &composed(k)),
        ),
        (
            "key_compatible",
            "keys are normalised by compatibility",
            |n, k| exactly(n, &k.replace('\u{fb01}', "fi").replace('\u{ff41}', "a")),
        ),
        (
            "key_marks_reordered",
            "combining marks are put in order",
            |n, k| exactly(n, &k.replace("\u{301}\u{323}", "\u{323}\u{301}")),
        ),
        ("key_without_accents", "accents are dropped", |n, k| {
            exactly(
                n,
                &k.replace(['\u{301}', '\u{30a}'], "")
                    .replace('é', "e")
                    .replace('ñ', "n"),
            )
        }),
        (
            "key_look_alikes",
            "letters that look alike are taken for one",
            |n, k| exactly(n, &k.replace('\u{430}', "a")),
        ),
        (
            "key_without_invisibles",
            "characters without width are dropped",
            |n, k| exactly(n, &k.replace(['\u{200b}', '\u{feff}', '\u{ad}'], "")),
        ),
        (
            "key_ascii_only",
            "what is not ASCII becomes a question mark",
            |n, k| exactly(n, &k.replace(|c: char| !c.is_ascii(), "?")),
        ),
        (
            "key_basic_plane_only",
            "what is beyond 16 bits becomes a replacement character",
            |n, k| exactly(n, &k.replace(|c: char| c > '\u{ffff}', "\u{fffd}")),
        ),
        ("key_16_bits", "characters are cut to 16 bits", |n, k| {
            exactly(n, &k.replace('\u{1f600}', "\u{f600}"))
        }),
        ("key_trimmed", "blanks at both ends are dropped", |n, k| {
            exactly(n, k.trim())
        }),
        (
            "key_trimmed_at_end",
            "blanks at the end are dropped",
            |n, k| exactly(n, k.trim_end_matches(' ')),
        ),
        ("key_blanks_folded", "several blanks become one", |n, k| {
            exactly(n, &k.replace("  ", " "))
        }),
        (
            "key_line_end_dropped",
            "a line end at the end is dropped",
            |n, k| exactly(n, k.trim_end_matches(['\r', '\n'])),
        ),
        (
            "key_controls_dropped",
            "control characters are dropped",
            |n, k| {
                exactly(
                    n,
                    &k.replace(|c: char| c.is_ascii_control() && c != '\0', ""),
                )
            },
        ),
        ("key_ends_at_nul", "a key ends at its first NUL", |n, k| {
            exactly(n, k.split('\0').next().unwrap_or(k))
        }),
        (
            "key_as_number",
            "a key of digits is taken for a number",
            |n, k| exactly(n, &numbers(k)),
        ),
        ("key_as_path", "a key is resolved like a path", |n, k| {
            exactly(n, &path(k))
        }),
        (
            "key_slashes_folded",
            "several slashes become one",
            |n, k| exactly(n, &k.replace("//", "/")),
        ),
        (
            "key_slash_at_end_dropped",
            "a slash at the end is dropped",
            |n, k| exactly(n, k.trim_end_matches('/')),
        ),
        (
            "key_backslash_is_slash",
            "a backslash becomes a slash",
            |n, k| exactly(n, &k.replace('\\', "/")),
        ),
        (
            "key_percent_decoded",
            "percent escapes are decoded",
            |n, k| {
                exactly(
                    n,
                    &k.replace("%20", " ")
                        .replace("%2F", "/")
                        .replace("%2f", "/")
                        .replace("%25", "%")
                        .replace("%5C", "\\"),
                )
            },
        ),
        ("key_plus_is_blank", "a plus becomes a blank", |n, k| {
            exactly(n, &k.replace('+', " "))
        }),
        ("key_unquoted", "quotes around a key are dropped", |n, k| {
            exactly(n, &k.replace(['\'', '"'], ""))
        }),
        (
            "key_escapes_folded",
            "a doubled backslash or percent becomes one",
            |n, k| exactly(n, &k.replace("\\\\", "\\").replace("%%", "%")),
        ),
        (
            "key_made_a_file_name",
            "what is no letter, digit, dot or hyphen becomes an underscore",
            |n, k| {
                exactly(
                    n,
                    &k.replace(|c: char| !c.is_alphanumeric() && c != '.' && c != '-', "_"),
                )
            },
        ),
        (
            "key_colon_doubled",
            "colons are separators, of which empty parts are dropped",
            |n, k| exactly(n, &k.replace("::", ":")),
        ),
    ];
    faults
        .into_iter()
        .map(|(name, fault, locate)| {
            Mutant::new(name, fault, &[kv_store::keys_are_told_apart_exactly]).locate(locate)
        })
        .collect()
}

/// Keys of which only a part is looked at.
fn cut() -> Vec<Mutant> {
    let faults: [(&str, &str, Locate); 9] = [
        ("key_cut_at_63", "keys are cut after 63 bytes", |n, k| {
            exactly(n, head(k, 63))
        }),
        ("key_cut_at_64", "keys are cut after 64 bytes", |n, k| {
            exactly(n, head(k, 64))
        }),
        ("key_cut_at_128", "keys are cut after 128 bytes", |n, k| {
            exactly(n, head(k, 128))
        }),
        ("key_cut_at_250", "keys are cut after 250 bytes", |n, k| {
            exactly(n, head(k, 250))
        }),
        ("key_cut_at_255", "keys are cut after 255 bytes", |n, k| {
            exactly(n, head(k, 255))
        }),
        (
            "key_cut_at_1024",
            "keys are cut after 1024 bytes",
            |n, k| exactly(n, head(k, 1024)),
        ),
        (
            "key_cut_at_32767",
            "keys are cut after 32767 bytes",
            |n, k| exactly(n, head(k, 32_767)),
        ),
        (
            "key_length_in_16_bits",
            "the length of a key is counted in 16 bits",
            |n, k| exactly(n, head(k, k.len() % 65_536)),
        ),
        (
            "key_end_only",
            "only the last 32 bytes of a long key count",
            |n, k| {
                exactly(
                    n,
                    k.get(k.len().saturating_sub(32)..k.len() - usize::from(k.len() > 64))
                        .unwrap_or(k),
                )
            },
        ),
    ];
    let cut = faults.into_iter().map(|(name, fault, locate)| {
        Mutant::new(
            name,
            fault,
            &[kv_store::long_keys_are_kept_whole_or_refused],
        )
        .locate(locate)
    });
    let few_slots = Mutant::new(
        "key_hashed_to_16_bits",
        "keys with the same hash of 16 bits share a slot",
        &[kv_store::many_keys_are_all_kept],
    )
    .locate(|n, k| {
        let mut hasher = DefaultHasher::new();
        k.hash(&mut hasher);
        exactly(n, &format!("{:04x}", hasher.finish() as u16))
    });
    cut.chain([few_slots]).collect()
}

/// Faults in what a store refuses.
fn limits() -> Vec<Mutant> {
    let strict =
        |name, fault, caught_by: &[_]| Mutant::new(name, fault, caught_by).rules(Rules::STRICT);
    vec![
        Mutant::new(
            "long_key_stored_then_refused",
            "a long key is refused after it was stored cut",
            &[kv_store::long_keys_are_kept_whole_or_refused],
        )
        .write(|hand, key, value, ttl| match key.len() > 250 {
            true => {
                hand.write(head(key, 250), value, ttl)?;
                Err(Error::invalid_key("too long"))
            }
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "long_key_fails_untyped",
            "a long key is refused as a failure of the backend",
            &[kv_store::long_keys_are_kept_whole_or_refused],
        )
        .write(|hand, key, value, ttl| match key.len() > 250 {
            true => Err(Error::backend("CLIENT_ERROR bad command line format")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "short_limit",
            "keys of more than 50 bytes are refused",
            &[kv_store::long_keys_are_kept_whole_or_refused],
        )
        .write(|hand, key, value, ttl| match key.len() > 50 {
            true => Err(Error::invalid_key("too long")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "limit_counts_characters",
            "the limit of keys counts characters and not bytes",
            &[kv_store::longest_declared_key_is_held],
        )
        .declares(Rules {
            longest_key: Some(200),
            ..Rules::NONE
        })
        .write(|hand, key, value, ttl| match key.chars().count() > 200 {
            true => Err(Error::invalid_key("too long")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "limit_forgotten",
            "a longest key is declared and longer ones are stored",
            &[kv_store::longest_declared_key_is_held],
        )
        .declares(Rules {
            longest_key: Some(200),
            ..Rules::NONE
        }),
        strict(
            "limit_includes_the_namespace",
            "the limit of keys counts the namespace as well",
            &[kv_store::longest_declared_key_is_held],
        )
        .write(
            |hand, key, value, ttl| match key.len() + hand.namespace.len() > 200 {
                true => Err(Error::invalid_key("too long")),
                false => hand.write(key, value, ttl),
            },
        ),
        strict(
            "limit_is_off_by_one",
            "a key of just the longest length is refused",
            &[kv_store::longest_declared_key_is_held],
        )
        .write(|hand, key, value, ttl| match key.len() >= 200 {
            true => Err(Error::invalid_key("too long")),
            false => hand.write(key, value, ttl),
        }),
        strict(
            "limit_forgotten_on_get",
            "a key that is too long is missing instead of refused",
            &[kv_store::longest_declared_key_is_held],
        )
        .get(|hand, key| {
            if key.len() > 200 {
                Ok(None)
            } else {
                hand.get(key)
            }
        }),
        strict(
            "limit_forgotten_on_has",
            "`has` answers false for a key that is too long",
            &[kv_store::longest_declared_key_is_held],
        )
        .has(|hand, key| {
            if key.len() > 200 {
                Ok(false)
            } else {
                hand.has(key)
            }
        }),
        strict(
            "limit_forgotten_on_delete",
            "`delete` answers Ok for a key that is too long",
            &[kv_store::longest_declared_key_is_held],
        )
        .delete(|hand, key| {
            if key.len() > 200 {
                Ok(())
            } else {
                hand.delete(key)
            }
        }),
        Mutant::new(
            "empty_key_refused",
            "the empty key is refused although it is declared accepted",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .write(|hand, key, value, ttl| match key.is_empty() {
            true => Err(Error::invalid_key("empty")),
            false => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "empty_key_is_any_key",
            "`get` of the empty key answers the first value there is",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .get(|hand, key| match key.is_empty() {
            true => Ok(hand
                .entries()
                .values()
                .next()
                .map(|entry| entry.value.clone())),
            false => hand.get(key),
        }),
        Mutant::new(
            "empty_key_deletes_all",
            "`delete` of the empty key removes everything",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .delete(|hand, key| {
            if key.is_empty() {
                hand.entries().clear();
            }
            hand.delete(key)
        }),
        Mutant::new(
            "empty_key_stored",
            "the empty key is stored although it is declared refused",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .declares(Rules {
            empty_key: EmptyKey::Refused,
            ..Rules::NONE
        }),
        strict(
            "empty_key_missing",
            "`get` of the empty key misses although it is declared refused",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .get(|hand, key| {
            if key.is_empty() {
                Ok(None)
            } else {
                hand.get(key)
            }
        }),
        strict(
            "empty_key_deleted",
            "`delete` of the empty key answers Ok although it is declared refused",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .delete(|hand, key| {
            if key.is_empty() {
                Ok(())
            } else {
                hand.delete(key)
            }
        }),
        strict(
            "empty_key_absent",
            "`has` of the empty key answers false although it is declared refused",
            &[kv_store::empty_key_follows_the_declared_policy],
        )
        .has(|hand, key| {
            if key.is_empty() {
                Ok(false)
            } else {
                hand.has(key)
            }
        }),
    ]
}

/// Keys that reach further than themselves.
fn literally() -> Vec<Mutant> {
    let deletes = Mutant::new;
    vec![
        Mutant::new(
            "write_reaches_the_last_key",
            "a write to a key also changes the key before it in order",
            &[kv_store::one_key_leaves_the_others_alone],
        )
        .write(|hand, key, value, ttl| {
            let place = hand.at(key);
            if let Some((_, before)) = hand.entries().range_mut(..place).next_back() {
                before.value = value.clone();
            }
            hand.write(key, value, ttl)
        }),
        deletes(
            "delete_removes_everything",
            "`delete` empties the store",
            &[
                kv_store::one_key_leaves_the_others_alone,
                cache::expiring_one_key_leaves_the_others_alone,
            ],
        )
        .get(|hand, key| {
            if hand.entry(key).is_some_and(|entry| !hand.is_alive(&entry)) {
                hand.entries().clear();
            }
            hand.get(key)
        })
        .delete(|hand, _| {
            hand.entries().clear();
            Ok(())
        }),
        deletes(
            "delete_by_prefix",
            "`delete` removes all keys that begin with the key",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| retain(hand, key, |other, key| !other.starts_with(key))),
        deletes(
            "delete_by_parent",
            "`delete` removes what lies below the key",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| {
            retain(hand, key, |other, key| {
                other != key
                    && !other.starts_with(&format!("{key}/"))
                    && !other.starts_with(&format!("{key}:"))
            })
        }),
        deletes(
            "delete_by_glob",
            "`delete` takes `*` and `?` for wildcards",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| {
            retain(hand, key, |other, key| {
                !matches(key.as_bytes(), other.as_bytes(), b'*', b'?')
            })
        }),
        deletes(
            "delete_by_like",
            "`delete` takes `%` and `_` for wildcards",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| {
            retain(hand, key, |other, key| {
                !matches(key.as_bytes(), other.as_bytes(), b'%', b'_')
            })
        }),
        deletes(
            "delete_by_expression",
            "`delete` takes `.` for any character",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| {
            retain(hand, key, |other, key| {
                !matches(key.as_bytes(), other.as_bytes(), b'\0', b'.')
            })
        }),
        deletes(
            "delete_by_character_set",
            "`delete` takes `[12]` for one of two characters",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| {
            for choice in ["1", "2"] {
                hand.delete(&key.replace("[12]", choice))?;
            }
            Ok(())
        }),
        deletes(
            "delete_by_alternatives",
            "`delete` takes `{1,2}` for a choice",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| {
            for choice in ["1", "2"] {
                hand.delete(&key.replace("{1,2}", choice))?;
            }
            Ok(())
        }),
        deletes(
            "delete_of_several",
            "`delete` takes `|` for a separator of keys",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| key.split('|').try_for_each(|key| hand.delete(key))),
        deletes(
            "delete_of_the_parent_directory",
            "`delete` resolves `..` and removes what is below",
            &[kv_store::delete_takes_its_key_literally],
        )
        .delete(|hand, key| match key.strip_suffix("user/..") {
            Some(parent) => retain(hand, parent, |other, key| !other.starts_with(key)),
            None => hand.delete(key),
        }),
        deletes(
            "delete_breaks_the_probe_chain",
            "`delete` makes the next key in the table unreachable",
            &[
                kv_store::many_keys_are_all_kept,
                kv_store::one_key_leaves_the_others_alone,
            ],
        )
        .delete(|hand, key| {
            hand.delete(key)?;
            let place = hand.at(key);
            let next = hand
                .entries()
                .range(place..)
                .next()
                .map(|(next, _)| next.clone());
            if let Some(next) = next {
                hand.entries().remove(&next);
            }
            Ok(())
        }),
        Mutant::new(
            "value_of_a_longer_key",
            "`get` of a missing key answers a key that begins with it",
            &[kv_store::delete_takes_its_key_literally],
        )
        .get(|hand, key| {
            let place = hand.at(key);
            let entries = hand.entries();
            let found = entries
                .range(place.clone()..)
                .next()
                .filter(|(at, _)| at.starts_with(&place));
            Ok(found.map(|(_, entry)| entry.value.clone()))
        }),
    ]
}

fn composed(key: &str) -> String {
    key.replace("e\u{301}", "\u{e9}")
        .replace('\u{212b}', "\u{c5}")
        .replace("A\u{30a}", "\u{c5}")
}

fn numbers(key: &str) -> String {
    match key.rsplit_once('-') {
        Some((mark, number)) => match number.parse::<f64>() {
            Ok(number) => format!("{mark}-{number}"),
            Err(_) => key.to_owned(),
        },
        None => key.to_owned(),
    }
}

fn path(key: &str) -> String {
    let mut parts = Vec::new();
    for part in key.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn head(key: &str, length: usize) -> &str {
    key.get(..length).unwrap_or(key)
}

/// Removes the key and all keys of its namespace that are not to be kept.
fn retain(hand: &Hand, key: &str, keep: fn(&str, &str) -> bool) -> tck::Result<()> {
    let space = exactly(&hand.namespace, "");
    hand.entries().retain(|place, _| {
        place
            .strip_prefix(&space)
            .is_none_or(|other| keep(other, key))
    });
    hand.delete(key)
}

/// Whether a text matches a pattern with a wildcard for many and one for one character.
fn matches(pattern: &[u8], text: &[u8], many: u8, one: u8) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((&byte, rest)), _) if byte == many => {
            matches(rest, text, many, one)
                || text
                    .split_first()
                    .is_some_and(|(_, shorter)| matches(pattern, shorter, many, one))
        }
        (Some((&byte, pattern)), Some((&other, text))) if byte == one || byte == other => {
            matches(pattern, text, many, one)
        }
        _ => false,
    }
}
