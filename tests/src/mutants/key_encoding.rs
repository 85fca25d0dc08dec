//! Faults that change keys on their way to the backend.

use tck::kv_store;

use crate::{
    Mutant,
    clay::{Locate, exactly},
};

pub(super) fn mutants() -> Vec<Mutant> {
    let faults: [(&str, &str, Locate); 30] = [
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
            "key_parts_sorted",
            "the parts of a key between ampersands are sorted",
            |n, k| {
                let (mark, parts) = k.rsplit_once('-').unwrap_or(("", k));
                let mut parts: Vec<_> = parts.split('&').collect();
                parts.sort_unstable();
                exactly(n, &format!("{mark}-{}", parts.join("&")))
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
