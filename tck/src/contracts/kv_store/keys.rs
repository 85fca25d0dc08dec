//! Keys are told apart exactly, whatever they look like.

use tck_api::ErrorKind::InvalidKey;

use super::twins::NEAR_TWINS;
use crate::{EmptyKey, check::Check, subject::Subject};

pub(super) async fn one_key_leaves_the_others_alone(store: &Subject) -> Check {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| store.key(name));
    for (key, value) in [(&a, "1"), (&b, "2"), (&c, "3"), (&d, "4")] {
        store.set(key, value).await.ok()?;
    }
    store.set(&b, "changed").await.ok()?;
    store.delete(&c).await.ok()?;
    store.holds(&a, "1").await?;
    store.holds(&b, "changed").await?;
    store.lacks(&c).await?;
    store.holds(&d, "4").await
}

pub(super) async fn keys_are_told_apart_exactly(store: &Subject) -> Check {
    let longest = store.profile().longest_key.unwrap_or(usize::MAX);
    let mut held = Vec::new();
    for (index, twin) in NEAR_TWINS.iter().enumerate() {
        // Ahead and behind: what is trimmed or split off may be at either end.
        for key in [store.key(twin), format!("{twin}{}", store.key(""))] {
            if key.len() > longest {
                continue;
            }
            let value = format!("{index} {key}");
            let answer = store.set(&key, value.clone()).await;
            if answer.is_error(InvalidKey) {
                store.get(&key).await.is_refused(&[InvalidKey])?;
                continue;
            }
            answer.is(())?;
            held.push((key, value));
        }
    }
    for (key, value) in &held {
        store.holds(key, value.clone()).await?;
    }
    // One half goes, the other half stays.
    for (index, (key, _)) in held.iter().enumerate() {
        if index % 2 == 0 {
            store.delete(key).await.ok()?;
        }
    }
    for (index, (key, value)) in held.iter().enumerate() {
        if index % 2 == 0 {
            store.lacks(key).await?;
        } else {
            store.holds(key, value.clone()).await?;
        }
    }
    Ok(())
}

pub(super) async fn delete_takes_its_key_literally(store: &Subject) -> Check {
    let neighbours = [
        "user:1",
        "user:2",
        "user:1:name",
        "user/1",
        "userX1",
        "u",
        "us",
    ];
    let neighbours = neighbours.map(|name| store.key(name));
    for key in &neighbours {
        store.set(key, "stays").await.ok()?;
    }
    let patterns = [
        "user",
        "user:",
        "user:*",
        "user?1",
        "*",
        "%",
        "user%",
        "user_1",
        "user:[12]",
        "user:{1,2}",
        "user.1",
        ".*",
        "user:.*",
        "user/",
        "user/..",
        "us*",
        "user:1:",
        "",
        "^user",
        "user:1|user:2",
    ];
    for pattern in patterns {
        let pattern = store.key(pattern);
        let answer = store.delete(&pattern).await;
        if !answer.is_error(InvalidKey) {
            answer.is(())?;
            store.lacks(&pattern).await?;
        }
    }
    for key in &neighbours {
        store.holds(key, "stays").await?;
    }
    Ok(())
}

/// What every store must hold, declared limit or not.
const GUARANTEED: usize = 64;

pub(super) async fn long_keys_are_kept_whole_or_refused(store: &Subject) -> Check {
    let lengths = [
        GUARANTEED, 65, 100, 128, 129, 200, 250, 251, 255, 256, 257, 512, 1024, 1025, 4096, 16_384,
        65_535, 65_536,
    ];
    for length in lengths {
        let [one, other] = ["1", "2"].map(|end| sized(store, length, "x", end));
        let answer = store.set(&one, "one").await;
        if length > GUARANTEED && answer.is_error(InvalidKey) {
            store.set(&other, "other").await.is_refused(&[InvalidKey])?;
            // Nothing is stored under what is left of the key when it is cut.
            for kept in lengths.iter().filter(|kept| **kept < length) {
                if let Some(cut) = one.get(..*kept) {
                    let answer = store.get(cut).await;
                    if !answer.is_error(InvalidKey) {
                        answer.is_missing()?;
                    }
                }
            }
            continue;
        }
        answer.is(())?;
        store.set(&other, "other").await.is(())?;
        store.holds(&one, "one").await?;
        store.holds(&other, "other").await?;
        store.delete(&one).await.ok()?;
        store.lacks(&one).await?;
        store.holds(&other, "other").await?;
    }
    Ok(())
}

pub(super) async fn longest_declared_key_is_held(store: &Subject) -> Check {
    let limit = store.profile().longest_key;
    for filling in ["x", "é", "語", "😀", "%", "/"] {
        let length = limit.unwrap_or(255);
        let [one, other] = ["1", "2"].map(|end| sized(store, length, filling, end));
        store.set(&one, "one").await.is(())?;
        store.set(&other, "other").await.is(())?;
        store.holds(&one, "one").await?;
        store.holds(&other, "other").await?;
        if limit.is_some() {
            let over = format!("{one}1");
            store.set(&over, "over").await.is_refused(&[InvalidKey])?;
            store.get(&over).await.is_refused(&[InvalidKey])?;
            store.has(&over).await.is_refused(&[InvalidKey])?;
            store.delete(&over).await.is_refused(&[InvalidKey])?;
            store.holds(&one, "one").await?;
        }
    }
    Ok(())
}

/// A key of exactly `length` bytes: the check's own mark, a filling, an end.
fn sized(store: &Subject, length: usize, filling: &str, end: &str) -> String {
    let mut key = store.key("");
    while key.len() + filling.len() + end.len() <= length {
        key.push_str(filling);
    }
    while key.len() + end.len() < length {
        key.push('x');
    }
    key.push_str(end);
    key
}

pub(super) async fn empty_key_follows_the_declared_policy(store: &Subject) -> Check {
    match store.profile().empty_key {
        EmptyKey::Accepted => {
            let other = store.key("a");
            store.set(&other, "other").await.ok()?;
            store.lacks("").await?;
            store.set("", "value").await.is(())?;
            store.holds("", "value").await?;
            store.delete("").await.is(())?;
            store.lacks("").await?;
            store.holds(&other, "other").await
        }
        EmptyKey::Refused => {
            store.set("", "value").await.is_refused(&[InvalidKey])?;
            store.get("").await.is_refused(&[InvalidKey])?;
            store.has("").await.is_refused(&[InvalidKey])?;
            store.delete("").await.is_refused(&[InvalidKey])
        }
    }
}
