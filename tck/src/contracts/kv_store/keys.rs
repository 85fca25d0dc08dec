//! Keys are told apart exactly, whatever they look like.

use tck_api::ErrorKind::InvalidKey;

use crate::{
    EmptyKey,
    check::Check,
    probe::keys::{is_refused_everywhere, length_of_long_keys, longest_key, sized, told_apart},
    subject::Subject,
};

pub(super) async fn one_key_leaves_the_others_alone(store: &Subject) -> Check {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| store.key(name));
    for (key, value) in [(&a, "same"), (&b, "same"), (&c, "same"), (&d, "4")] {
        store.set(key, value).await.ok()?;
    }
    store.set(&b, "changed").await.ok()?;
    store.delete(&c).await.ok()?;
    store.holds(&a, "same").await?;
    store.holds(&b, "changed").await?;
    store.lacks(&c).await?;
    store.holds(&d, "4").await?;
    // Where values are kept once for all keys, this one has come and gone.
    store.set(&d, "same").await.ok()?;
    store.delete(&d).await.ok()?;
    store.holds(&a, "same").await?;
    store.lacks(&d).await
}

pub(super) async fn keys_are_told_apart_exactly(store: &Subject) -> Check {
    told_apart(store, None).await
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
    let mut held = Vec::new();
    for key in neighbours.map(|name| store.key(name)) {
        if store.set(&key, "stays").await.is_done_unless(InvalidKey)? {
            held.push(key);
        }
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
        if store.delete(&pattern).await.is_done_unless(InvalidKey)? {
            store.lacks(&pattern).await?;
        }
        // Right after each, so that the story ends with the one that reached too far.
        for key in &held {
            store.get(key).await.is_value("stays")?;
        }
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
    for (filling, length) in ["x", "😀"]
        .into_iter()
        .flat_map(|filling| lengths.map(|length| (filling, length)))
    {
        let [one, other] = ["1", "2"].map(|end| sized(store, length, filling, end));
        let answer = store.set(&one, "one").await;
        if length <= GUARANTEED && filling == "x" {
            answer.is_done("every store must hold keys of 64 bytes")?;
        } else if !answer.is_done_unless(InvalidKey)? {
            store.set(&other, "other").await.is_refused(&[InvalidKey])?;
            for key in [&one, &other] {
                is_refused_everywhere(store, key).await?;
            }
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
        store.set(&other, "other").await.is(())?;
        store.holds(&one, "one").await?;
        store.holds(&other, "other").await?;
        if length <= 4_096 {
            differs_inside(store, &one).await?;
        }
        store.delete(&one).await.ok()?;
        store.lacks(&one).await?;
        store.holds(&other, "other").await?;
        store.delete(&other).await.ok()?;
    }
    Ok(())
}

/// Keys as long as this one, with the same end, that differ in the middle or behind the mark.
async fn differs_inside(store: &Subject, key: &str) -> Check {
    let begins = store.key("").len();
    for place in [begins, begins.midpoint(key.len())] {
        let Some((before, rest)) = key.split_at_checked(place) else {
            continue;
        };
        let Some(after) = rest.strip_prefix('x').filter(|after| !after.is_empty()) else {
            continue;
        };
        let twin = format!("{before}y{after}");
        store.set(&twin, "twin").await.is(())?;
        store.holds(key, "one").await?;
        store.holds(&twin, "twin").await?;
        store.delete(&twin).await.is(())?;
        store.holds(key, "one").await?;
    }
    Ok(())
}

pub(super) async fn longest_declared_key_is_held(store: &Subject) -> Check {
    let limit = longest_key(store);
    for filling in ["x", "é", "語", "😀", "%", "/"] {
        let length = length_of_long_keys(store);
        // What the store refuses for its letters says nothing about lengths.
        let short = store.key(filling);
        let answer = store.set(&short, "short").await;
        if filling != "x" && answer.is_error(InvalidKey) {
            continue;
        }
        answer.is(())?;
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

pub(super) async fn empty_key_follows_the_declared_policy(store: &Subject) -> Check {
    match store.profile().empty_key {
        EmptyKey::Accepted => {
            let other = store.key("a");
            store.set(&other, "other").await.ok()?;
            store.lacks("").await?;
            store.set("", "value").await.is(())?;
            store.holds("", "value").await?;
            // A blank is another key, or none.
            let blank = store.get(" ").await;
            if !blank.is_error(InvalidKey) {
                blank.is_missing()?;
            }
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
