//! Set, get, has and delete on a few keys.

use crate::{check::Check, subject::Subject};

pub(super) async fn set_and_get_value(store: &Subject) -> Check {
    let key = store.key("a");
    store.set(&key, "value").await.ok()?;
    store.get(&key).await.is_value("value")?;
    store.get(&key).await.is_value("value")
}

pub(super) async fn get_non_existent_key_returns_none(store: &Subject) -> Check {
    store.get(&store.key("a")).await.is_missing()
}

pub(super) async fn set_overwrites_existing_value(store: &Subject) -> Check {
    let key = store.key("a");
    let alike_to_a_checksum = ["Aa", "BB", "plumless", "buckeroo"];
    for value in ["first", "the second, and longer", "3rd", ""]
        .into_iter()
        .chain(alike_to_a_checksum)
    {
        store.set(&key, value).await.ok()?;
        store.get(&key).await.is_value(value)?;
    }
    // A version that is counted in a byte comes round.
    for version in 0..260 {
        store.set(&key, version.to_string()).await.ok()?;
        store.get(&key).await.is_value(version.to_string())?;
    }
    Ok(())
}

pub(super) async fn delete_removes_key(store: &Subject) -> Check {
    let key = store.key("a");
    store.set(&key, "value").await.ok()?;
    store.delete(&key).await.ok()?;
    store.get(&key).await.is_missing()
}

pub(super) async fn delete_is_idempotent(store: &Subject) -> Check {
    let key = store.key("a");
    store.delete(&key).await.is(())?;
    store.set(&key, "value").await.ok()?;
    store.delete(&key).await.is(())?;
    store.delete(&key).await.is(())
}

pub(super) async fn set_is_idempotent(store: &Subject) -> Check {
    let key = store.key("a");
    for _ in 0..3 {
        store.set(&key, "value").await.is(())?;
        store.get(&key).await.is_value("value")?;
    }
    store.delete(&key).await.ok()?;
    store.get(&key).await.is_missing()
}

pub(super) async fn set_after_delete_stores_again(store: &Subject) -> Check {
    let key = store.key("a");
    for value in ["first", "second", "third"] {
        store.set(&key, value).await.ok()?;
        store.holds(&key, value).await?;
        store.delete(&key).await.ok()?;
        store.lacks(&key).await?;
    }
    Ok(())
}

pub(super) async fn reading_creates_nothing(store: &Subject) -> Check {
    let key = store.key("a");
    for _ in 0..3 {
        store.has(&key).await.is(false)?;
        store.get(&key).await.is_missing()?;
    }
    store.has(&key).await.is(false)
}

pub(super) async fn has_tells_present_from_absent(store: &Subject) -> Check {
    let key = store.key("a");
    store.has(&key).await.is(false)?;
    store.set(&key, "value").await.ok()?;
    store.has(&key).await.is(true)?;
    store.set(&key, "").await.ok()?;
    store.has(&key).await.is(true)?;
    store.delete(&key).await.ok()?;
    store.has(&key).await.is(false)
}

pub(super) async fn every_read_path_agrees_after_every_change(store: &Subject) -> Check {
    let keys = ["a", "b", "c"].map(|name| store.key(name));
    let mut model = [None; 3];
    // Each turn changes one key; in the course of them every state follows every other.
    let turns = [
        (0, Some("1")),
        (1, Some("2")),
        (0, Some("3")),
        (2, Some("4")),
        (1, None),
        (0, None),
        (1, Some("5")),
        (1, Some("5")),
        (2, Some("6")),
        (1, None),
        (2, None),
        (0, Some("7")),
    ];
    for (turn, value) in turns {
        for (index, (key, current)) in keys.iter().zip(&mut model).enumerate() {
            if index == turn {
                match value {
                    Some(value) => store.set(key, value).await.ok()?,
                    None => store.delete(key).await.ok()?,
                }
                *current = value;
            }
        }
        for (key, current) in keys.iter().zip(model) {
            match current {
                Some(value) => store.holds(key, value).await?,
                None => store.lacks(key).await?,
            }
        }
    }
    Ok(())
}
