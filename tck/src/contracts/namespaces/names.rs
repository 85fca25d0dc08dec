//! Names of namespaces are told apart exactly, and from the keys in them.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    rc::Rc,
};

use tck_api::ErrorKind::InvalidKey;

use crate::{check::Check, subject::Subject};

pub(super) async fn names_that_begin_alike_are_told_apart(base: &Subject) -> Check {
    let names = ["user", "users", "users2", "users-archive", "u"];
    let keys = ["key", "s", "2", "-archive"].map(|name| base.key(name));
    let mut stores = Vec::new();
    for name in names {
        let store = base.neighbour(name).await?;
        for key in &keys {
            store.set(key, name).await.ok()?;
        }
        stores.push((name, store));
    }
    for (name, store) in &stores {
        for key in &keys {
            store.holds(key, *name).await?;
        }
    }
    // The shorter names go first: what begins like them must stay.
    for gone in ["u", "user", "users"] {
        for (name, store) in &stores {
            for key in &keys {
                if *name == gone {
                    store.delete(key).await.ok()?;
                }
            }
        }
        for (name, store) in &stores {
            if name.len() > gone.len() {
                for key in &keys {
                    store.holds(key, *name).await?;
                }
            }
        }
    }
    // Nor do others pay for a handle that goes.
    for (name, store) in &stores {
        for key in &keys {
            store.set(key, *name).await.ok()?;
        }
    }
    stores.retain(|(name, _)| !["u", "users"].contains(name));
    for (name, store) in &stores {
        for key in &keys {
            store.holds(key, *name).await?;
        }
    }
    Ok(())
}

pub(super) async fn near_twin_names_are_told_apart(base: &Subject) -> Check {
    let long = [60, 120, 128, 255, 1_024].map(|length| "x".repeat(length));
    let long = long
        .iter()
        .flat_map(|long| [format!("-{long}1"), format!("-{long}2")]);
    let names = [
        "-name",
        "-Name",
        "-NAME",
        "-name ",
        "-name  ",
        " -name",
        "-na me",
        "-é",
        "-e\u{301}",
        "-ﬁ",
        "-fi",
        "-ａ",
        "-a",
        "-1",
        "-01",
        "-1.0",
        "-n",
        "-n\0",
        "-n\0a",
        "-n_n",
        "-n-n",
        "-n+n",
        "-n n",
        "-name\n",
        "-name\t",
        "-😀",
        "-😁",
        "-?",
        // Alike to a weak hash: of Java, djb2, CRC-32, a sum.
        "-Aa",
        "-BB",
        "-Ab",
        "-BA",
        "-plumless",
        "-buckeroo",
        "-ad",
        "-bc",
    ]
    .map(str::to_owned);
    let names: Vec<_> = names.into_iter().chain(long).collect();
    apart(base, &names).await
}

pub(super) async fn odd_names_stay_apart_or_are_refused(base: &Subject) -> Check {
    let names = [
        "",
        ":",
        "/",
        "//",
        "/..",
        "/../",
        "/.",
        ".",
        "..",
        "*",
        "-*",
        "?",
        "%",
        "_",
        "[a-z]",
        "{a}",
        "\\",
        "\\*",
        "'",
        "\"",
        "`",
        "$",
        "^",
        "|",
        ",",
        ";",
        "#",
        "@",
        "&",
        "=",
        "+",
        "%2F",
        "%3A",
        "::",
        "\r\n",
        "\0",
        "\u{7f}",
        "/a",
        "/a/b",
        "a",
        "-a",
        "' OR '1'='1",
        "\"}",
        "\r\nflush_all\r\n",
        "~",
        "<",
        ">",
        "(",
        ")",
    ]
    .map(str::to_owned);
    apart(base, &names).await
}

/// Sets the same keys in all namespaces that are not refused; each holds its own.
async fn apart(base: &Subject, names: &[String]) -> Check {
    let keys = ["key", "*"].map(|name| base.key(name));
    let mut held = Vec::new();
    for (index, name) in names.iter().enumerate() {
        if let Some(store) = base.odd_namespace(name).await? {
            let store = Rc::new(store);
            for key in &keys {
                let answer = store.get(key).await;
                // A name may leave no room for a key, and the key may be an odd one.
                if !answer.is_error(InvalidKey) {
                    answer.is_missing()?;
                }
                let value = index.to_string();
                let answer = store.set(key, value.clone()).await;
                if !answer.is_error(InvalidKey) {
                    answer.is(())?;
                    held.push((index, Rc::clone(&store), key, value));
                }
            }
        }
    }
    for (_, store, key, value) in &held {
        store.get(key).await.is_value(value.clone())?;
    }
    // One half is emptied, and then the other: each must leave what the other holds.
    for emptied in [0, 1] {
        for (index, store, key, value) in &held {
            if index % 2 == emptied {
                store.delete(key).await.ok()?;
            } else if emptied == 1 {
                store.set(key, value.clone()).await.ok()?;
            }
        }
        for (index, store, key, value) in &held {
            match index % 2 == emptied {
                true => store.lacks(key).await?,
                false => store.holds(key, value.clone()).await?,
            }
        }
    }
    Ok(())
}

/// A name that is 256 bytes longer than another begins like it, and its rest stands in the key.
async fn length_in_a_byte(base: &Subject) -> Check {
    let rest = "x".repeat(256);
    let [short, long] = [
        base.odd_namespace("-l").await?,
        base.odd_namespace(&format!("-l{rest}")).await?,
    ];
    let (Some(short), Some(long)) = (short, long) else {
        return Ok(());
    };
    let key = base.key("key");
    for (store, key) in [(&short, format!("{rest}{key}")), (&long, key)] {
        let answer = store.get(&key).await;
        if !answer.is_error(InvalidKey) {
            answer.is_missing()?;
            store.set(&key, "value").await.is(())?;
        }
    }
    Ok(())
}

pub(super) async fn joined_names_and_keys_are_not_confused(base: &Subject) -> Check {
    length_in_a_byte(base).await?;
    let separators = [
        ":", "::", ":::", "/", "//", ".", "..", "-", "--", "_", "__", "|", "\\", "\\\\", "\\:",
        "%", "%3A", "%2F", "#", "@", "$", "~", "+", "=", ",", ";", " ", "\0", "\u{1}", "\u{1f}",
        "\u{ff}", "\n", "\t", "->", "/:", "", "0", "1", "x", "'", "\"", "&", "?", "!", "*",
    ];
    for (index, separator) in separators.into_iter().enumerate() {
        // Every way to cut «a S b S c» into a name and a key, and the ways to double S.
        let (s, i, mark) = (separator, format!("-{index}"), base.mark());
        let places = [
            (format!("{i}a"), format!("b{s}c")),
            (format!("{i}a{s}b"), "c".to_owned()),
            (format!("{i}a{s}"), format!("b{s}c")),
            (format!("{i}a"), format!("{s}b{s}c")),
            (format!("{i}a{s}b{s}"), "c".to_owned()),
            (format!("{i}a{s}b"), format!("{s}c")),
            (format!("{i}a"), format!("b{s}{s}c")),
            // Escapes that are not escaped themselves, and keys that stand in front.
            (format!("{i}a\\"), format!("b{s}c")),
            (format!("{i}b"), format!("c{s}{mark}{i}a")),
            (format!("{i}a{s}{mark}{i}b"), "c".to_owned()),
        ];
        let (mut opened, mut held) = (BTreeMap::new(), Vec::new());
        for (name, key) in &places {
            let store = match opened.entry(name) {
                Entry::Occupied(opened) => opened.into_mut(),
                Entry::Vacant(new) => new.insert(base.odd_namespace(name).await?.map(Rc::new)),
            };
            if let Some(store) = store {
                let place = format!("{name:?} {key:?}");
                let answer = store.set(key, place.clone()).await;
                if !answer.is_error(InvalidKey) {
                    answer.is(())?;
                    held.push((Rc::clone(store), key.clone(), place));
                }
            }
        }
        for (store, key, place) in &held {
            store.get(key).await.is_value(place.clone())?;
        }
    }
    Ok(())
}
