//! Commits side by side, and as those see them who use no transactions.

use std::sync::Arc;

use bytes::Bytes;
use tck_api::Transaction;

use super::races::{TIMES, read_beside};
use crate::{
    answer::breach,
    check::Check,
    probe::{race::Effort, retry::retried, view::View},
    recorder::Recorder,
    shown::Shown,
    subject::Subject,
};

/// How many set the same keys, and how many keys.
const SETTERS: usize = 4;
const TOGETHER: usize = 40;

pub(super) async fn commits_side_by_side_stay_whole(store: &Subject) -> Check {
    let keys: Arc<[String]> = (0..TOGETHER)
        .map(|number| store.key(&format!("{number:02}")))
        .collect();
    store.set_each(&keys, "before").await?;
    let (of_setters, of_readers) = (Arc::clone(&keys), Arc::clone(&keys));
    let seen = read_beside(
        store,
        SETTERS,
        async move |store: &Recorder, caller| set_together(store, &of_setters, caller).await,
        async move |store: &Recorder| {
            let read = some_of(store, &of_readers).await?;
            Ok((read, store.last_step()))
        },
    )
    .await?;
    for (read, step) in seen {
        if read.iter().any(|value| Some(value) != read.first()) {
            let expected = "the same value under every key in every transaction".to_owned();
            let shown: Vec<_> = read.into_iter().map(|value| Ok(value).shown()).collect();
            return Err(breach(expected, shown.join(", "), step));
        }
    }
    let last = store.get(&store.key("00")).await.ok()?;
    for key in keys.iter() {
        store.get(key).await.is(last.clone())?;
    }
    Ok(())
}

/// Sets all keys to the same value again and again, without reading any.
async fn set_together(store: &Recorder, keys: &[String], caller: usize) -> Check {
    let effort = Effort::LONG.begin();
    for time in 0..TIMES {
        if time >= TIMES / 4 && effort.is_over() {
            break;
        }
        let value = Bytes::from(format!("{caller} {time}"));
        let set = async |transaction: &mut dyn Transaction| {
            for key in keys {
                transaction.set(key, value.clone()).await?;
            }
            Ok(())
        };
        retried(store, set).await?;
    }
    Ok(())
}

/// Some of the keys, far from each other, read in one transaction.
async fn some_of(store: &Recorder, keys: &[String]) -> Check<Vec<Option<Bytes>>> {
    let read = async |transaction: &mut dyn Transaction| {
        let mut values = Vec::new();
        for key in keys.iter().step_by(TOGETHER / 3) {
            values.push(transaction.get(key).await?);
        }
        Ok(values)
    };
    retried(store, read).await
}

/// How often a caller looks whether a commit shows: until it does, but for one that fails.
const LOOKS: usize = 1_000;

pub(super) async fn commits_show_whole_to_all(store: &Subject) -> Check {
    let views = View::of(store);
    for groups in store.heats(Effort::LONG) {
        for (groups, view) in groups.chunks(groups.len() / views.len()).zip(views) {
            if *view != View::Listed {
                // Some are there already.
                for group in groups.iter().step_by(2) {
                    store.set_each(&of_group(group).1, "old").await?;
                }
            }
            let callers = vec![None, Some(*view)];
            let answers = store
                .race_for(groups, callers, |store, view, group| async move {
                    let (prefix, keys) = of_group(&group);
                    match view {
                        None => commit_new(&store, &keys).await,
                        Some(view) => view.is_whole(&store, &prefix, &keys, LOOKS).await,
                    }
                })
                .await?;
            answers.into_iter().flatten().collect::<Check>()?;
        }
    }
    Ok(())
}

/// What the keys of a commit begin with, and the keys.
fn of_group(group: &str) -> (String, [String; 4]) {
    let prefix = format!("{group}-");
    let keys = ["a", "b", "c", "d"].map(|name| format!("{prefix}{name}"));
    (prefix, keys)
}

async fn commit_new(store: &Recorder, keys: &[String]) -> Check {
    let set = async |transaction: &mut dyn Transaction| {
        for key in keys {
            transaction.set(key, Bytes::from("new")).await?;
        }
        Ok(())
    };
    retried(store, set).await
}
