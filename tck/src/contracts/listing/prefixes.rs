//! Which keys a prefix selects.

use std::num::NonZeroUsize;

use crate::{
    check::Check,
    probe::keys::{length_of_long_keys, sized},
    subject::Subject,
};

pub(super) async fn prefix_selects_the_keys_that_begin_with_it(store: &Subject) -> Check {
    let names = [
        "u", "us", "user", "user-1", "user-10", "user-11", "user-2", "users", "v",
    ];
    let keys = store
        .keep(names.map(|name| store.key(name)).to_vec())
        .await?;
    let mut prefixes = keys.clone();
    prefixes.extend(["", "user-", "user-12", "ser", "x"].map(|name| store.key(name)));
    prefixes.push(String::new());
    // In the middle of a key and at its end, but not at its beginning.
    prefixes.push("user".to_owned());
    list_by_each(store, &keys, &prefixes).await?;

    let longest = length_of_long_keys(store);
    let long = ["1", "2"].map(|end| sized(store, longest, "x", end));
    let long = store.keep(long.to_vec()).await?;
    list_by_each(store, &long, &long).await?;
    let common = sized(store, longest - 1, "x", "");
    store.lists_by(NonZeroUsize::MIN, &common, &long).await
}

pub(super) async fn prefix_is_taken_literally(store: &Subject) -> Check {
    let names = [
        "a", "ab", "axb", "a*", "a*b", "a%", "a%b", "a_", "a_b", "a?", "a?b", "a\\", "a\\b",
        "a\\*", "a[b]", "a[", "ab]", "a.b", "a.*", "a'", "a''", "a\"", "a{b}", "a$", "a^", "^a",
        "a|b", "a(b", "a+", "aa", "a b", "a/", "a/b", "a//b", "a/../b", "a:", "*", "%", "_", "?",
        ".", ".*", "%%", "__", "\\",
    ];
    let keys = store
        .keep(names.map(|name| store.key(name)).to_vec())
        .await?;
    let prefixes = names.map(|name| store.key(name));
    list_by_each(store, &keys, &prefixes).await
}

pub(super) async fn prefix_is_exact_in_case_and_form(store: &Subject) -> Check {
    let names = [
        "key",
        "Key",
        "KEY",
        "keys",
        "é",
        "éa",
        "e\u{301}",
        "e",
        "ea",
        "\u{7f}",
        "\u{7f}a",
        "\u{80}",
        "\u{d7ff}",
        "\u{d7ff}a",
        "\u{e000}",
        "\u{ffff}",
        "\u{ffff}a",
        "\u{10ffff}",
        "\u{10ffff}a",
        "a\u{10ffff}\u{10ffff}b",
        "z",
        "za",
    ];
    let keys = store
        .keep(names.map(|name| store.key(name)).to_vec())
        .await?;
    let prefixes = [
        "key",
        "Key",
        "k",
        "K",
        "é",
        "e",
        "e\u{301}",
        "\u{7f}",
        "\u{d7ff}",
        "\u{e000}",
        "\u{ffff}",
        "\u{10ffff}",
        "a\u{10ffff}",
        "z",
        "",
    ];
    let prefixes = prefixes.map(|name| store.key(name));
    list_by_each(store, &keys, &prefixes).await?;
    // Also where there is nothing else in it: the namespace is this check's own.
    let last = ["\u{10ffff}", "\u{10ffff}\u{10ffff}", "\u{10ffff}a"];
    let last = store.keep(last.map(str::to_owned).to_vec()).await?;
    list_by_each(store, &last, &last).await
}

/// Lists by each prefix and expects what a comparison of texts selects.
async fn list_by_each(store: &Subject, keys: &[String], prefixes: &[String]) -> Check {
    for prefix in prefixes {
        let selected: Vec<_> = keys.iter().filter(|key| key.starts_with(prefix)).collect();
        store.lists(prefix, &selected).await?;
    }
    Ok(())
}
