//! Several callers at a time, callers that give up, and several handles.

use bytes::Bytes;
use tck_api::KeyValueStore;

use crate::{
    answer::breach,
    check::Check,
    probe::{
        crowd::Action,
        dropping::{ROUNDS, STEPS, drop_after},
    },
    shown::Shown,
    subject::Subject,
};

pub(super) async fn concurrent_writes_to_different_keys_are_all_kept(store: &Subject) -> Check {
    let keys: Vec<String> = (0..64).map(|index| store.key(&index.to_string())).collect();
    for round in 0..3 {
        let sets = keys
            .iter()
            .map(|key| Action::set(key, format!("{round} {key}")));
        store.side_by_side(sets.collect()).await?;
        let all = keys
            .iter()
            .map(|key| Action::holds(key, Some(format!("{round} {key}").into())));
        store.side_by_side(all.collect()).await?;
        let changes = keys.iter().enumerate().map(|(index, key)| match index % 2 {
            0 => Action::delete(key),
            _ => Action::set(key, format!("again {round} {key}")),
        });
        store.side_by_side(changes.collect()).await?;
        let changed = keys.iter().enumerate().map(|(index, key)| match index % 2 {
            0 => Action::holds(key, None),
            _ => Action::holds(key, Some(format!("again {round} {key}").into())),
        });
        store.side_by_side(changed.collect()).await?;
    }
    Ok(())
}

pub(super) async fn concurrent_writes_to_one_key_leave_one_of_them(store: &Subject) -> Check {
    let key = store.key("a");
    let values: Vec<Bytes> = (b'a'..=b'p')
        .map(|letter| Bytes::from(vec![letter; 512]))
        .collect();
    store.set(&key, vec![b'a'; 512]).await.ok()?;
    let writes = values.iter().map(|value| Action::set(&key, value.clone()));
    let seen = store.read_while_writing(&key, writes.collect()).await?;
    let last = (store.get(&key).await.result, store.has(&key).await.result);
    for (got, has) in seen.into_iter().chain([last]) {
        if !matches!(&got, Ok(Some(value)) if values.contains(value)) {
            let expected = "one of the 16 values, 512 times the same letter, at every moment";
            return Err(breach(expected.to_owned(), got.shown(), None));
        }
        if !matches!(has, Ok(true)) {
            let expected = "Ok(true) at every moment: the key is never deleted";
            return Err(breach(expected.to_owned(), has.shown(), None));
        }
    }
    // A key that comes and goes meanwhile, and is not there at first.
    let key = store.key("b");
    let writes = values
        .iter()
        .enumerate()
        .map(|(index, value)| match index % 2 {
            0 => Action::set(&key, value.clone()),
            _ => Action::delete(&key),
        });
    let seen = store.read_while_writing(&key, writes.collect()).await?;
    for (got, has) in seen {
        if !matches!(&got, Ok(None)) && !matches!(&got, Ok(Some(value)) if values.contains(value)) {
            let expected = "Ok(None) or one of 8 values, 512 times the same letter";
            return Err(breach(expected.to_owned(), got.shown(), None));
        }
        if has.is_err() {
            return Err(breach("Ok".to_owned(), has.shown(), None));
        }
    }
    match store.get(&key).await.ok()? {
        Some(value) => store.holds(&key, value).await,
        None => store.lacks(&key).await,
    }
}

pub(super) async fn dropped_call_leaves_old_or_new_value(store: &Subject) -> Check {
    let neighbour = store.key("neighbour");
    store.set(&neighbour, "neighbour").await.ok()?;
    let provider = store.recorded();
    for drop in 0..STEPS * ROUNDS {
        let steps = drop % STEPS + 1;
        // A write that was given up may still arrive, so each has a key of its own.
        let set = store.key(&format!("set-{drop}"));
        let deleted = store.key(&format!("deleted-{drop}"));
        store.set(&set, "old").await.ok()?;
        store.set(&deleted, "old").await.ok()?;
        let fresh = store.key(&format!("fresh-{drop}"));
        let ended = [
            drop_after(steps, provider.set(&fresh, Bytes::from_static(b"new"))).await,
            drop_after(steps, provider.set(&set, Bytes::from_static(b"new"))).await,
            drop_after(steps, provider.get(&neighbour)).await,
            drop_after(steps, provider.delete(&deleted)).await,
            drop_after(steps, provider.has(&deleted)).await,
        ];
        let answer = store.get(&set).await;
        if !matches!(&answer.result, Ok(Some(value)) if value == "old" || value == "new") {
            let expected = r#"Ok(Some("old")) or Ok(Some("new"))"#.to_owned();
            return Err(breach(expected, answer.result.shown(), answer.step));
        }
        store.get(&neighbour).await.is_value("neighbour")?;
        store.has(&neighbour).await.is(true)?;
        let answer = store.get(&deleted).await;
        if matches!(&answer.result, Ok(None)) {
            store.has(&deleted).await.is(false)?;
        } else {
            answer.is_value("old")?;
            // Where it is gone by now, the delete arrived in between.
            let has = store.has(&deleted).await;
            if store.get(&deleted).await.ok()?.is_some() {
                has.is(true)?;
            }
        }
        let answer = store.get(&fresh).await;
        if !matches!(&answer.result, Ok(None)) {
            answer.is_value("new")?;
            store.has(&fresh).await.is(true)?;
        }
        if steps == 1 && ended == [true; 5] {
            // This store does everything in one step: there is nothing to drop.
            return Ok(());
        }
    }
    Ok(())
}

pub(super) async fn second_handle_sees_the_same_data(store: &Subject) -> Check {
    let second = store.second_handle().await?;
    let key = store.key("a");
    second.lacks(&key).await?;
    store.set(&key, "first").await.ok()?;
    second.holds(&key, "first").await?;
    second.set(&key, "second").await.ok()?;
    store.holds(&key, "second").await?;
    store.delete(&key).await.ok()?;
    second.lacks(&key).await?;
    second.set(&key, "third").await.ok()?;
    store.holds(&key, "third").await?;
    let third = store.second_handle().await?;
    third.holds(&key, "third").await?;
    let other = store.key("b");
    third.set(&other, "of the third").await.ok()?;
    // Handles come and go; the data stays as long as one of them does.
    drop((second, third));
    store.holds(&key, "third").await?;
    store.holds(&other, "of the third").await
}
