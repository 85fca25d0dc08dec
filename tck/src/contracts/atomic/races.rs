//! Conditional writes side by side.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use tck_api::{Atomic, KeyValueStore};

use crate::{
    answer::{Answer, breach},
    check::Check,
    probe::{
        conditional::{CALLERS, Condition},
        crowd::Action,
        race::Effort,
    },
    recorder::Recorder,
    shown::Shown,
    subject::Subject,
};

/// How often each caller counts: at least, and at the most where the store is quick.
const COUNTED: usize = 15;
const COUNTED_AT_MOST: usize = 100;

pub(super) async fn one_of_many_sets_an_absent_key(store: &Subject) -> Check {
    for keys in store.heats(Effort::LONG) {
        store.one_wins(&keys, Condition::Absent).await?;
    }
    Ok(())
}

pub(super) async fn one_of_many_replaces_a_value(store: &Subject) -> Check {
    for keys in store.heats(Effort::LONG) {
        store.set_each(&keys, "before").await?;
        let before = Bytes::from("before");
        store.one_wins(&keys, Condition::Holds(before)).await?;
    }
    Ok(())
}

pub(super) async fn no_update_is_lost(store: &Subject) -> Check {
    let key = store.key("counter");
    store.set(&key, "0").await.is(())?;
    let (counter, changes) = (key.clone(), Arc::new(AtomicUsize::new(0)));
    let total = Arc::clone(&changes);
    let answers = store
        .crowd(vec![(); CALLERS], move |store, ()| {
            let (key, changes) = (counter.clone(), Arc::clone(&changes));
            async move { count(&store, &key, &changes).await }
        })
        .await?;
    answers.into_iter().collect::<Check>()?;
    let total = total.load(Ordering::SeqCst);
    store.holds(&key, total.to_string()).await
}

/// Adds one to a counter again and again.
async fn count(store: &Recorder, key: &str, changes: &AtomicUsize) -> Check {
    let effort = Effort::LONG.begin();
    let (mut counted, mut refused) = (0, 0);
    while counted < COUNTED || (counted < COUNTED_AT_MOST && !effort.is_over()) {
        let got = store.get(key).await;
        let Ok(Some(held)) = got else {
            return Err(breach(
                "Ok(Some(…))".to_owned(),
                got.shown(),
                store.last_step(),
            ));
        };
        let number = str::from_utf8(&held)
            .ok()
            .and_then(|text| text.parse().ok());
        let Some::<usize>(number) = number else {
            let observed = Ok(Some(held)).shown();
            return Err(breach("a number".to_owned(), observed, store.last_step()));
        };
        let next = Bytes::from((number + 1).to_string());
        match store.compare_and_set(key, &held, next).await {
            Ok(true) => {
                counted += 1;
                changes.fetch_add(1, Ordering::SeqCst);
            }
            // Each refusal stands for a change by somebody else, who may not have noted it yet.
            Ok(false) if refused < changes.load(Ordering::SeqCst) + CALLERS => refused += 1,
            Ok(false) => {
                let expected = "Ok(false) only where somebody else has counted";
                let observed = format!("Ok(false) {refused} times or more");
                return Err(breach(expected.to_owned(), observed, store.last_step()));
            }
            failure => return Answer::of(failure, store).ok().map(drop),
        }
    }
    Ok(())
}

pub(super) async fn deleted_key_is_not_brought_back(store: &Subject) -> Check {
    for keys in store.heats(Effort::LONG) {
        store.set_each(&keys, "before").await?;
        with_a_condition(store, &keys, Action::delete, false).await?;
        store.each_holds(&keys, None).await?;
    }
    for keys in store.heats(Effort::LONG) {
        made_anew(store, keys).await?;
    }
    Ok(())
}

/// Deletes keys while others set them where they are absent: who was told that he did so came
/// after the delete.
async fn made_anew(store: &Subject, keys: Vec<String>) -> Check {
    store.set_each(&keys, "before").await?;
    let answers = store
        .race_for(&keys, vec![true, false], |store, deletes, key| async move {
            let answer = match deletes {
                true => store.delete(&key).await.map(|()| false),
                false => store.set_if_absent(&key, "anew".into()).await,
            };
            Answer::of(answer, &store).ok()
        })
        .await?;
    let (mut made, mut gone) = (Vec::new(), keys.clone());
    for answers in answers {
        for (key, is_made) in keys.iter().zip(answers) {
            if is_made? {
                gone.retain(|gone| gone != key);
                made.push(key.clone());
            }
        }
    }
    store.each_holds(&made, Some("anew")).await?;
    store.each_holds(&gone, None).await
}

pub(super) async fn plain_write_is_not_lost_to_a_condition(store: &Subject) -> Check {
    let set = |key: &str| Action::set(key, "plain");
    // A write with a time to live is one as well.
    let ttl = store.lasting();
    let lease = move |key: &str| Action::write(key, "plain".into(), ttl);
    for keys in store.heats(Effort::LONG) {
        let (absent, held) = keys.split_at(keys.len() / 2);
        let (plain, leased) = absent.split_at(absent.len() / 2);
        with_a_condition(store, plain, set, true).await?;
        with_a_condition(store, leased, lease, true).await?;
        store.set_each(held, "before").await?;
        let (plain, leased) = held.split_at(held.len() / 2);
        with_a_condition(store, plain, set, false).await?;
        with_a_condition(store, leased, lease, false).await?;
        store.each_holds(&keys, Some("plain")).await?;
    }
    Ok(())
}

/// Writes each key once on a condition and once without, at the same time.
async fn with_a_condition(
    store: &Subject,
    keys: &[String],
    plain: impl Fn(&str) -> Action + Clone + Send + 'static,
    absent: bool,
) -> Check {
    let answers = store
        .race_for(keys, vec![false, true], move |store, is_plain, key| {
            let plain = plain(&key);
            async move {
                if is_plain {
                    return plain.apply(&store).await;
                }
                let after = Bytes::from("after");
                let answer = if absent {
                    store.set_if_absent(&key, after).await
                } else {
                    store.compare_and_set(&key, b"before", after).await
                };
                Answer::of(answer, &store).ok().map(drop)
            }
        })
        .await?;
    answers.into_iter().flatten().collect()
}

pub(super) async fn plain_writes_count_as_changes(store: &Subject) -> Check {
    let key = store.key("a");
    store.set(&key, "first").await.is(())?;
    store
        .compare_and_set(&key, "first", "second")
        .await
        .is(true)?;
    store.set(&key, "third").await.is(())?;
    store
        .compare_and_set(&key, "second", "lost")
        .await
        .is(false)?;
    store.holds(&key, "third").await?;
    // What counts is the value, not how often it was written.
    store.set(&key, "second").await.is(())?;
    store
        .compare_and_set(&key, "second", "fourth")
        .await
        .is(true)?;
    store.delete(&key).await.is(())?;
    store.set(&key, "fourth").await.is(())?;
    store
        .compare_and_set(&key, "third", "lost")
        .await
        .is(false)?;
    store
        .compare_and_set(&key, "fourth", "fifth")
        .await
        .is(true)?;
    store.delete(&key).await.is(())?;
    store.set_if_absent(&key, "sixth").await.is(true)?;
    store
        .compare_and_set(&key, "fifth", "lost")
        .await
        .is(false)?;
    store
        .compare_and_set(&key, "sixth", "last")
        .await
        .is(true)?;
    store.holds(&key, "last").await
}
