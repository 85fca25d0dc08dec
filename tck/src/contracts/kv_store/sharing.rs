//! Several callers at a time, callers that give up, and several handles.

use std::{pin::Pin, sync::Arc};

use bytes::Bytes;
use tck_api::KeyValueStore;

use crate::{
    answer::{Answer, breach},
    check::Check,
    probe::{
        crowd::{Action, Meanwhile},
        dropping::{ROUNDS, STEPS, drop_after, is_old_or_new},
        payload::pattern,
    },
    recorder::Recorder,
    shown::Shown,
    subject::Subject,
};

pub(super) async fn concurrent_writes_to_different_keys_are_all_kept(store: &Subject) -> Check {
    let keys = different_keys(store);
    store.all_at_once(sets_of(&keys, "first")).await?;
    most_go(store, &keys, "first").await?;
    store.side_by_side(sets_of(&keys, "second")).await?;
    most_go(store, &keys, "second").await
}

fn different_keys(store: &Subject) -> Vec<String> {
    (0..64).map(|index| store.key(&index.to_string())).collect()
}

fn sets_of(keys: &[String], value: &str) -> Vec<Action> {
    keys.iter()
        .map(|key| Action::set(key, format!("{value} {key}")))
        .collect()
}

/// Reads these keys and changes most of them, side by side.
async fn most_go(store: &Subject, keys: &[String], value: &str) -> Check {
    let set = |key| Some(format!("{value} {key}").into());
    let changed = |key| format!("{value} {key}, changed");
    let all = keys.iter().map(|key| Action::reads(key, set(key)));
    store.side_by_side(all.collect()).await?;
    // So few stay that a table shrinks.
    let all = || keys.iter().enumerate();
    let changes = all().filter_map(|(index, key)| match index % 16 {
        0 => None,
        8 => Some(Action::set(key, changed(key))),
        _ => Some(Action::delete(key)),
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
const WRITERS: usize = 6;

pub(super) async fn concurrent_writes_to_one_key_leave_one_of_them(store: &Subject) -> Check {
    let key: Arc<str> = store.key("a").into();
    store.set(&key, marked(0, 0, SMALL)).await.ok()?;
    let written = Arc::clone(&key);
    let writes = move |writer, round| {
        let value = marked(writer, round + 1, SMALL);
        vec![Action::set(&written, value)]
    };
    let Meanwhile { seen, rounds } = store.while_writing(WRITERS, writes, reads(&key)).await?;
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
    store.has(&key).await.is(true)?;
    comes_and_goes(store).await
}

/// A key that is there and is not, and is not there at first. Its values are large.
async fn comes_and_goes(store: &Subject) -> Check {
    let key: Arc<str> = store.key("b").into();
    let limit = store.profile().largest_value.unwrap_or(usize::MAX);
    let marks = LARGE.min(limit / MARK);
    let written = Arc::clone(&key);
    let writes = move |writer: usize, round| {
        vec![match writer % 2 {
            0 => Action::set(&written, marked(writer, round, marks)),
            _ => Action::delete(&written),
        }]
    };
    let Meanwhile { seen, .. } = store.while_writing(WRITERS, writes, reads(&key)).await?;
    for (got, has) in seen.into_iter().flatten() {
        if !matches!(got.result, Ok(None)) {
            mark_in(&got, marks)?;
        }
        has.ok()?;
    }
    match store.get(&key).await.ok()? {
        Some(value) => store.holds(&key, value).await,
        None => store.lacks(&key).await,
    }
}

pub(super) async fn reading_leaves_no_old_value_behind(store: &Subject) -> Check {
    for keys in store.heats() {
        store.set_each(&keys, "old").await?;
        let (set, deleted) = keys.split_at(keys.len() / 2);
        for (keys, new) in [(set, Some("new")), (deleted, None)] {
            let act = move |reads, key: &str| match (reads, new) {
                (true, _) => Action::get(key),
                (false, Some(new)) => Action::set(key, new),
                (false, None) => Action::delete(key),
            };
            store.meet_at(keys, vec![true, false], act).await?;
            store.each_holds(keys, new).await?;
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

/// How long a mark is, and how many of them make a value.
const MARK: usize = 8;
const SMALL: usize = 64;
const LARGE: usize = 1_500;

/// A value that says who has written it, and when, again and again, so that a mixture shows.
fn marked(writer: usize, round: usize, marks: usize) -> Bytes {
    format!("{writer}:{round:05} ").repeat(marks).into()
}

/// Who has written the value that was read, and when. It has to be whole.
fn mark_in(got: &Answer<Option<Bytes>>, marks: usize) -> Check<(usize, usize)> {
    let Some((writer, round)) = got.result.as_ref().ok().and_then(first_mark) else {
        let expected = "a value that was written, at every moment".to_owned();
        return Err(breach(expected, got.result.shown(), got.step));
    };
    got.is_value(marked(writer, round, marks))?;
    Ok((writer, round))
}

fn first_mark(value: &Option<Bytes>) -> Option<(usize, usize)> {
    let mark = value.as_ref()?.split(|byte| *byte == b' ').next()?;
    let (writer, round) = str::from_utf8(mark).ok()?.split_once(':')?;
    Some((writer.parse().ok()?, round.parse().ok()?))
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
        is_old_or_new(&store.get(&set).await)?;
        if drop < STEPS {
            torn(store, drop, steps).await?;
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

/// A large value takes more steps.
async fn torn(store: &Subject, drop: u32, steps: u32) -> Check {
    let key = store.key(&format!("large-{drop}"));
    let size = store
        .profile()
        .largest_value
        .unwrap_or(usize::MAX)
        .min(70_000);
    let [old, new] = [b'o', b'n'].map(|byte| Bytes::from(vec![byte; size]));
    store.set(&key, old.clone()).await.ok()?;
    drop_after(steps, store.recorded().set(&key, new.clone())).await;
    let answer = store.get(&key).await;
    if matches!(&answer.result, Ok(Some(value)) if *value == old) {
        return Ok(());
    }
    answer.is_value(new)
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
    // What one handle has done before, it does again where another was in between.
    store.set(&key, "second").await.ok()?;
    second.set(&key, "third").await.ok()?;
    store.set(&key, "second").await.ok()?;
    second.holds(&key, "second").await?;
    store.delete(&key).await.ok()?;
    second.set(&key, "third").await.ok()?;
    store.delete(&key).await.ok()?;
    second.lacks(&key).await?;
    second.set(&key, "third").await.ok()?;
    // A large value may take another way.
    let largest = store.profile().largest_value.unwrap_or(usize::MAX);
    let (large, value) = (store.key("large"), pattern(largest.min(70_000)));
    store.set(&large, value.clone()).await.ok()?;
    second.holds(&large, value).await?;
    let gone = store.key("gone");
    store.set(&gone, "gone").await.ok()?;
    store.delete(&gone).await.ok()?;
    let third = store.second_handle().await?;
    third.holds(&key, "third").await?;
    third.lacks(&gone).await?;
    let [other, replaced] = ["b", "c"].map(|name| store.key(name));
    third.set(&other, "of the third").await.ok()?;
    third.set(&replaced, "of the third").await.ok()?;
    store.set(&replaced, "newer").await.ok()?;
    let (keys, both) = (different_keys(store), store.beside(&second));
    both.side_by_side(sets_of(&keys, "first")).await?;
    most_go(&both, &keys, "first").await?;
    // Handles come and go; the data stays as long as one of them does.
    drop((second, third));
    store.holds(&key, "third").await?;
    store.holds(&replaced, "newer").await?;
    store.holds(&other, "of the third").await
}
