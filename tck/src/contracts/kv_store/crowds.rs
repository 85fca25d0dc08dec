//! Several callers at a time.

use std::{pin::Pin, sync::Arc};

use bytes::Bytes;
use tck_api::KeyValueStore;

use super::marks::{SMALL, mark_in, marked, marks_of_large};
use crate::{
    answer::Answer,
    check::Check,
    probe::{
        crowd::{Action, Meanwhile},
        race::Effort,
    },
    recorder::Recorder,
    subject::Subject,
};

pub(super) async fn concurrent_writes_to_different_keys_are_all_kept(store: &Subject) -> Check {
    one_comes_as_the_last_goes(store).await?;
    let keys = different_keys(store);
    store.all_at_once(sets_of(&keys, "first")).await?;
    most_go(store, &keys, "first").await?;
    store.side_by_side(sets_of(&keys, "second")).await?;
    most_go(store, &keys, "second").await?;
    // Large ones may pass through a place of their own.
    let marks = marks_of_large(store);
    let large = || keys.iter().take(16).enumerate();
    let value = |index| marked(0, index, marks);
    let sets = large().map(|(index, key)| Action::set(key, value(index)));
    store.side_by_side(sets.collect()).await?;
    let reads = large().map(|(index, key)| Action::reads(key, Some(value(index))));
    store.side_by_side(reads.collect()).await
}

/// How often the only key there is goes while another comes.
const TURNS: usize = 4;

/// What cleans up behind the last key must not take the next one along.
async fn one_comes_as_the_last_goes(store: &Subject) -> Check {
    let key = |turn: usize| store.key(&format!("turn-{turn}"));
    store.set(&key(0), "value").await.is(())?;
    for turn in 0..TURNS {
        let (gone, next) = (key(turn), key(turn + 1));
        let mut both = vec![Action::delete(&gone), Action::set(&next, "value")];
        // Who comes last to the start may be the first to leave it.
        both.rotate_left(turn % 2);
        store.all_at_once(both).await?;
        store.lacks(&gone).await?;
        store.holds(&next, "value").await?;
    }
    store.delete(&key(TURNS)).await.is(())
}

pub(super) fn different_keys(store: &Subject) -> Vec<String> {
    (0..64).map(|index| store.key(&index.to_string())).collect()
}

pub(super) fn sets_of(keys: &[String], value: &str) -> Vec<Action> {
    keys.iter()
        .map(|key| Action::set(key, format!("{value} {key}")))
        .collect()
}

/// Reads these keys and changes most of them, side by side.
pub(super) async fn most_go(store: &Subject, keys: &[String], value: &str) -> Check {
    let set = |key| Some(format!("{value} {key}").into());
    let changed = |key| format!("{value} {key}, changed");
    let all = keys.iter().map(|key| Action::reads(key, set(key)));
    store.side_by_side(all.collect()).await?;
    // So few stay that a table shrinks.
    let all = || keys.iter().enumerate();
    let changes = all().map(|(index, key)| match index % 16 {
        // Those that stay are there at every moment.
        0 => Action::holds(key, set(key)),
        8 => Action::set(key, changed(key)),
        _ => Action::delete(key),
    });
    store.side_by_side(changes.collect()).await?;
    let left = all().map(|(index, key)| match index % 16 {
        0 => Action::holds(key, set(key)),
        8 => Action::holds(key, Some(changed(key).into())),
        _ => Action::holds(key, None),
    });
    store.side_by_side(left.collect()).await
}

/// How many write to the same key.
const WRITERS: usize = 4;

pub(super) async fn concurrent_writes_to_one_key_leave_one_of_them(store: &Subject) -> Check {
    writers_leave_one_of_them(store).await?;
    comes_and_goes(store).await
}

pub(super) async fn writers_leave_one_of_them(store: &Subject) -> Check {
    let key: Arc<str> = store.key("contended").into();
    store.set(&key, marked(0, 0, SMALL)).await.ok()?;
    let written = Arc::clone(&key);
    let writes = move |writer, round| {
        let value = marked(writer, round + 1, SMALL);
        vec![Action::set(&written, value)]
    };
    let Meanwhile { seen, rounds } = store
        .while_writing(Effort::BRIEF, WRITERS, writes, reads(&key))
        .await?;
    for seen in seen {
        let mut latest = [0; WRITERS];
        for (got, has) in seen {
            let (writer, round) = mark_in(&got, SMALL)?;
            has.is(true)?;
            match latest.get_mut(writer) {
                Some(latest) if *latest <= round => *latest = round,
                _ => {
                    return got.is_not("no value that its writer has replaced, once that was seen");
                }
            }
        }
    }
    let last = store.get(&key).await;
    let (writer, round) = mark_in(&last, SMALL)?;
    if rounds.get(writer) != Some(&round) {
        return last.is_not("the last value of one of the writers, when all of them are done");
    }
    store.has(&key).await.is(true)
}

/// A key that is there and is not, and is not there at first. Its values are large.
async fn comes_and_goes(store: &Subject) -> Check {
    let key: Arc<str> = store.key("comes-and-goes").into();
    let marks = marks_of_large(store);
    let written = Arc::clone(&key);
    let writes = move |writer: usize, round| {
        vec![match writer % 2 {
            0 => Action::set(&written, marked(writer, round, marks)),
            _ => Action::delete(&written),
        }]
    };
    // Judged as they are read: nobody has room for all of them.
    let reads = reads(&key);
    let judged = move |store| {
        let answers = reads(store);
        async move {
            let (got, has) = answers.await;
            if !matches!(got.result, Ok(None)) {
                mark_in(&got, marks)?;
            }
            has.ok().map(drop)
        }
    };
    let Meanwhile { seen, .. } = store
        .while_writing(Effort::BRIEF, WRITERS, writes, judged)
        .await?;
    seen.into_iter().flatten().collect::<Check>()?;
    match store.get(&key).await.ok()? {
        Some(value) => store.holds(&key, value).await,
        None => store.lacks(&key).await,
    }
}

pub(super) async fn reading_leaves_no_old_value_behind(store: &Subject) -> Check {
    for keys in store.heats(Effort::BRIEF) {
        reads_meet_writes(store, &keys, &[true, false], &[store]).await?;
    }
    // Nor does who has written get the answer to a question from before.
    let key: Arc<str> = store.key("asked").into();
    store.set(&key, "0").await.ok()?;
    let written = Arc::clone(&key);
    let writes = move |_, round: usize| {
        let value = Bytes::from(round.to_string());
        let set = Action::set(&written, value.clone());
        vec![set, Action::reads(&written, Some(value))]
    };
    let reads = move |store: Arc<Recorder>| {
        let key = Arc::clone(&key);
        async move { Action::get(&key).apply(&store).await }
    };
    let Meanwhile { seen, .. } = store.while_writing(Effort::BRIEF, 1, writes, reads).await?;
    seen.into_iter().flatten().collect()
}

/// Reads and writes keys at the same moment, and reads them then by each of the handles.
pub(super) async fn reads_meet_writes(
    store: &Subject,
    keys: &[String],
    reads: &[bool],
    handles: &[&Subject],
) -> Check {
    store.set_each(keys, "old").await?;
    let (set, deleted) = keys.split_at(keys.len() / 2);
    for (keys, new) in [(set, Some("new")), (deleted, None)] {
        let act = move |reads, key: &str| match (reads, new) {
            (true, _) => Action::get(key),
            (false, Some(new)) => Action::set(key, new),
            (false, None) => Action::delete(key),
        };
        store.meet_at(keys, reads.to_vec(), act).await?;
        for handle in handles {
            handle.each_holds(keys, new).await?;
        }
    }
    Ok(())
}

/// What both ways of reading have answered.
type Reads = (Answer<Option<Bytes>>, Answer<bool>);

fn reads(
    key: &Arc<str>,
) -> impl Fn(Arc<Recorder>) -> Pin<Box<dyn Future<Output = Reads>>> + Clone + Send + 'static {
    let key = Arc::clone(key);
    move |store| {
        let key = Arc::clone(&key);
        Box::pin(async move {
            let got = Answer::of(store.get(&key).await, &store);
            let has = Answer::of(store.has(&key).await, &store);
            (got, has)
        })
    }
}
