//! Several callers at a time, callers that give up, and several handles.

use std::{pin::Pin, sync::Arc, time::Instant};

use bytes::Bytes;
use tck_api::{ErrorKind::InvalidKey, KeyValueStore};

use crate::{
    answer::{Answer, breach},
    check::Check,
    probe::{
        crowd::{Action, Meanwhile},
        dropping::{Cut, PARTS, ROUNDS, STEPS, is_old_or_new},
        keys::{length_of_long_keys, sized},
        payload::large_value,
    },
    recorder::Recorder,
    shown::Shown,
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
const WRITERS: usize = 6;

pub(super) async fn concurrent_writes_to_one_key_leave_one_of_them(store: &Subject) -> Check {
    writers_leave_one_of_them(store).await?;
    comes_and_goes(store).await
}

async fn writers_leave_one_of_them(store: &Subject) -> Check {
    let key: Arc<str> = store.key("contended").into();
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
    let Meanwhile { seen, .. } = store.while_writing(WRITERS, writes, judged).await?;
    seen.into_iter().flatten().collect::<Check>()?;
    match store.get(&key).await.ok()? {
        Some(value) => store.holds(&key, value).await,
        None => store.lacks(&key).await,
    }
}

pub(super) async fn reading_leaves_no_old_value_behind(store: &Subject) -> Check {
    for keys in store.heats() {
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
    let Meanwhile { seen, .. } = store.while_writing(1, writes, reads).await?;
    seen.into_iter().flatten().collect()
}

/// Reads and writes keys at the same moment, and reads them then by each of the handles.
async fn reads_meet_writes(
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

/// How long a mark is, and how many of them make a value.
const MARK: usize = 8;
const SMALL: usize = 64;
const LARGE: usize = 9_000;

/// How many marks make a large value.
fn marks_of_large(store: &Subject) -> usize {
    let limit = store.profile().largest_value.unwrap_or(usize::MAX);
    LARGE.min(limit / MARK)
}

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
    store.set(&store.key("neighbour"), "neighbour").await.ok()?;
    for drop in 0..STEPS * ROUNDS {
        let steps = drop % STEPS + 1;
        let is_first = drop < STEPS;
        let ended = given_up(store, drop, Cut::After(steps), is_first).await?;
        if steps == 1 && ended {
            // This store does everything in one step: there is nothing to drop.
            return Ok(());
        }
    }
    // Where each call takes long, so many steps are a small part of it.
    let begun = Instant::now();
    store.set(&store.key("measured"), "value").await.ok()?;
    let took = begun.elapsed();
    for part in 1..PARTS {
        let cut = Cut::At(took * part / PARTS);
        given_up(store, STEPS * ROUNDS + part, cut, true).await?;
    }
    Ok(())
}

/// Gives up one call of each kind, and says whether all had ended before.
async fn given_up(store: &Subject, drop: u32, cut: Cut, is_thorough: bool) -> Check<bool> {
    let provider = store.recorded();
    let neighbour = store.key("neighbour");
    // A write that was given up may still arrive, so each has a key of its own.
    let set = store.key(&format!("set-{drop}"));
    let deleted = store.key(&format!("deleted-{drop}"));
    store.set(&set, "old").await.ok()?;
    store.set(&deleted, "old").await.ok()?;
    let fresh = store.key(&format!("fresh-{drop}"));
    let ended = [
        cut.drop(provider.set(&fresh, Bytes::from_static(b"new")))
            .await,
        cut.drop(provider.set(&set, Bytes::from_static(b"new")))
            .await,
        cut.drop(provider.get(&neighbour)).await,
        cut.drop(provider.delete(&deleted)).await,
        cut.drop(provider.has(&deleted)).await,
    ];
    is_old_or_new(&store.get(&set).await)?;
    store.has(&set).await.is(true)?;
    if is_thorough {
        torn(store, drop, cut).await?;
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
    } else if store.has(&fresh).await.ok()? {
        store.get(&fresh).await.is_value("new")?;
    }
    if is_thorough {
        for key in [&set, &deleted, &fresh] {
            let again = store.set(key, "again").await;
            again.is_done("a write that was given up locks nobody out")?;
        }
    }
    Ok(ended == [true; 5])
}

/// A large value takes more steps.
async fn torn(store: &Subject, drop: u32, cut: Cut) -> Check {
    let [set, deleted] = ["set", "deleted"].map(|name| store.key(&format!("large-{name}-{drop}")));
    let size = large_value(store).len();
    let [old, new, other] = [b'o', b'n', b'x'].map(|byte| Bytes::from(vec![byte; size]));
    let provider = store.recorded();
    store.set(&set, old.clone()).await.ok()?;
    store.set(&deleted, other.clone()).await.ok()?;
    cut.drop(provider.get(&deleted)).await;
    store.get(&set).await.is_value(old.clone())?;
    cut.drop(provider.set(&set, new.clone())).await;
    cut.drop(provider.delete(&deleted)).await;
    let answer = store.get(&set).await;
    if !matches!(&answer.result, Ok(Some(value)) if *value == old) {
        answer.is_value(new)?;
    }
    let answer = store.get(&deleted).await;
    if !matches!(&answer.result, Ok(None)) {
        answer.is_value(other)?;
    }
    Ok(())
}

/// Also keys of which a notice to other handles may make something else.
async fn odd_keys_are_shared(store: &Subject, second: &Subject) -> Check {
    let long = sized(store, length_of_long_keys(store), "x", "");
    let odd = [
        "a b", "a,b", "a\nb", "a:b", "a*", "[a]", "a\"b", "é", "😀", "a%20b", "a\0b",
    ];
    for key in odd.map(|name| store.key(name)).into_iter().chain([long]) {
        if !store.set(&key, "first").await.is_done_unless(InvalidKey)? {
            continue;
        }
        second.holds(&key, "first").await?;
        store.set(&key, "second").await.is(())?;
        second.holds(&key, "second").await?;
        store.delete(&key).await.is(())?;
        second.lacks(&key).await?;
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
    // What a handle knows of a key counts no more, also where it does not get it.
    let asked = store.key("asked");
    second.lacks(&asked).await?;
    store.set(&asked, "there").await.ok()?;
    second.has(&asked).await.is(true)?;
    store.delete(&asked).await.ok()?;
    second.has(&asked).await.is(false)?;
    odd_keys_are_shared(store, &second).await?;
    // A large value may take another way.
    let (large, value) = (store.key("large"), large_value(store));
    let other = Bytes::from(vec![b'x'; value.len()]);
    for value in [value, other] {
        store.set(&large, value.clone()).await.ok()?;
        second.holds(&large, value).await?;
    }
    store.delete(&large).await.ok()?;
    second.lacks(&large).await?;
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
    writers_leave_one_of_them(&both).await?;
    for keys in store.heats().take(1) {
        let set = |caller: usize, key: &str| Action::set(key, format!("of {caller}"));
        both.meet_at(&keys, (0..4).collect(), set).await?;
        for key in &keys {
            let held = store.get(key).await.ok()?;
            second.get(key).await.is(held)?;
        }
    }
    // Every other caller is one of the second handle: each reads, and each writes.
    let reads = [true, false, false, true];
    for keys in store.heats().take(2) {
        reads_meet_writes(&both, &keys, &reads, &[store, &second]).await?;
    }
    // Handles come and go; the data stays as long as one of them does, and goes on.
    drop((both, second, third));
    store.holds(&key, "third").await?;
    store.holds(&replaced, "newer").await?;
    store.holds(&other, "of the third").await?;
    store.set(&key, "fourth").await.is(())?;
    store.holds(&key, "fourth").await?;
    let late = store.second_handle().await?;
    late.holds(&key, "fourth").await
}
