//! Conditional writes side by side.

use bytes::Bytes;
use tck_api::{Atomic, KeyValueStore};

use crate::{
    answer::breach,
    check::Check,
    probe::{
        conditional::{CALLERS, Condition},
        crowd::Action,
    },
    shown::Shown,
    subject::Subject,
};

/// How often a race is run, each time on another key.
const ROUNDS: usize = 12;

/// How often each caller counts.
const COUNTED: usize = 25;

pub(super) async fn one_of_many_sets_an_absent_key(store: &Subject) -> Check {
    for round in 0..ROUNDS {
        let key = store.key(&round.to_string());
        store.one_wins(&key, Condition::Absent).await?;
    }
    Ok(())
}

pub(super) async fn one_of_many_replaces_a_value(store: &Subject) -> Check {
    for round in 0..ROUNDS {
        let key = store.key(&round.to_string());
        store.set(&key, "before").await.is(())?;
        let before = Bytes::from("before");
        store.one_wins(&key, Condition::Holds(before)).await?;
    }
    Ok(())
}

pub(super) async fn no_update_is_lost(store: &Subject) -> Check {
    let key = store.key("counter");
    store.set(&key, "0").await.is(())?;
    let counter = key.clone();
    let answers = store
        .crowd(vec![(); CALLERS], move |store, ()| {
            let key = counter.clone();
            async move {
                let (mut counted, mut refused) = (0, 0);
                while counted < COUNTED {
                    let got = store.get(&key).await;
                    let Ok(Some(held)) = got else {
                        return Err(breach("Ok(Some(…))".to_owned(), got.shown(), None));
                    };
                    let number = str::from_utf8(&held)
                        .ok()
                        .and_then(|text| text.parse().ok());
                    let Some::<usize>(number) = number else {
                        return Err(breach("a number".to_owned(), Ok(Some(held)).shown(), None));
                    };
                    let next = Bytes::from((number + 1).to_string());
                    match store.compare_and_set(&key, &held, next).await {
                        Ok(true) => counted += 1,
                        // Each refusal stands for a change by somebody else.
                        Ok(false) if refused < CALLERS * COUNTED => refused += 1,
                        Ok(false) => {
                            let expected = "Ok(false) only where somebody else has counted";
                            let observed = format!("Ok(false) for {refused} times and more");
                            return Err(breach(expected.to_owned(), observed, None));
                        }
                        failure => {
                            return Err(breach("Ok from every call".into(), failure.shown(), None));
                        }
                    }
                }
                Ok(())
            }
        })
        .await;
    answers.into_iter().collect::<Check>()?;
    store.holds(&key, (CALLERS * COUNTED).to_string()).await
}

pub(super) async fn deleted_key_is_not_brought_back(store: &Subject) -> Check {
    for round in 0..ROUNDS {
        let keys = contested(store, round);
        for key in &keys {
            store.set(key, "before").await.is(())?;
        }
        from_both_ends(store, &keys, Action::delete, false).await?;
        for key in &keys {
            store.lacks(key).await?;
        }
    }
    Ok(())
}

pub(super) async fn plain_write_is_not_lost_to_a_condition(store: &Subject) -> Check {
    let set = |key: &str| Action::set(key, "plain");
    for round in 0..ROUNDS {
        let keys = contested(store, round);
        let absent = round % 2 == 0;
        if !absent {
            for key in &keys {
                store.set(key, "before").await.is(())?;
            }
        }
        from_both_ends(store, &keys, set, absent).await?;
        for key in &keys {
            store.holds(key, "plain").await?;
        }
    }
    Ok(())
}

fn contested(store: &Subject, round: usize) -> Vec<String> {
    (0..CALLERS)
        .map(|number| store.key(&format!("{round}-{number}")))
        .collect()
}

/// Each key is written once on a condition and once without, by two who come from both ends.
async fn from_both_ends(
    store: &Subject,
    keys: &[String],
    plain: impl Fn(&str) -> Action,
    absent: bool,
) -> Check {
    let shares = keys.chunks(2).enumerate().flat_map(|(number, pair)| {
        let conditional = pair.iter().map(|key| (key.clone(), None)).collect();
        let backwards = pair.iter().rev();
        let plain = backwards
            .map(|key| (key.clone(), Some(plain(key))))
            .collect();
        // A busy machine may let them go in the order in which they came.
        if number % 2 == 0 {
            [conditional, plain]
        } else {
            [plain, conditional]
        }
    });
    let answers = store
        .crowd(
            shares.collect(),
            move |store, share: Vec<(String, Option<Action>)>| async move {
                for (key, plain) in share {
                    if let Some(plain) = plain {
                        plain.apply(&store).await?;
                        continue;
                    }
                    let after = Bytes::from("after");
                    let answer = if absent {
                        store.set_if_absent(&key, after).await
                    } else {
                        store.compare_and_set(&key, b"before", after).await
                    };
                    if answer.is_err() {
                        let expected = "Ok from every call".to_owned();
                        return Err(breach(expected, answer.shown(), None));
                    }
                }
                Ok(())
            },
        )
        .await;
    answers.into_iter().collect()
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
