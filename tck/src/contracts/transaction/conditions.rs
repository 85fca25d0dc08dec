//! Transactions beside conditional writes.

use bytes::Bytes;
use tck_api::{Atomic, Transaction};

use super::refusals::is_refused;
use crate::{
    answer::{Answer, breach},
    check::Check,
    probe::{race::Effort, retry::retried},
    recorder::Recorder,
    subject::Subject,
};

pub(super) async fn conditional_writes_conflict_as_well(store: &Subject) -> Check {
    let [a, b] = ["a", "b"].map(|name| store.key(name));
    store.set(&a, "old").await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.get(&a).await.is_value("old")?;
    store.compare_and_set(&a, "old", "new").await.is(true)?;
    is_refused(store, transaction, &a, "lost").await?;
    store.holds(&a, "new").await?;

    let mut transaction = store.begin().await?;
    transaction.get(&b).await.is_missing()?;
    store.set_if_absent(&b, "new").await.is(true)?;
    is_refused(store, transaction, &b, "lost").await?;
    store.holds(&b, "new").await
}

pub(super) async fn commits_count_for_conditions(store: &Subject) -> Check {
    let [a, b, c] = ["a", "b", "c"].map(|name| store.key(name));
    let mut unfinished = store.begin().await?;
    unfinished.set(&c, "never").await.is(())?;
    store.set_if_absent(&c, "first").await.is(true)?;
    unfinished.rollback().await.is(())?;
    store.holds(&c, "first").await?;
    let mut unfinished = store.begin().await?;
    unfinished.set(&c, "never").await.is(())?;
    store.compare_and_set(&c, "never", "lost").await.is(false)?;
    store
        .compare_and_set(&c, "first", "second")
        .await
        .is(true)?;
    unfinished.rollback().await.is(())?;
    let mut unfinished = store.begin().await?;
    unfinished.delete(&c).await.is(())?;
    store.set_if_absent(&c, "lost").await.is(false)?;
    unfinished.rollback().await.is(())?;
    // A commit of the value that is there changes it for none.
    let mut same = store.begin().await?;
    same.set(&c, "second").await.is(())?;
    same.commit().await.is(())?;
    store
        .compare_and_set(&c, "second", "third")
        .await
        .is(true)?;
    // By a condition as well, so that a version that it keeps would be known.
    store.set_if_absent(&a, "old").await.is(true)?;
    let mut transaction = store.begin().await?;
    for key in [&a, &b] {
        transaction.set(key, "new").await.is(())?;
    }
    transaction.commit().await.is(())?;
    store.compare_and_set(&a, "old", "lost").await.is(false)?;
    store.set_if_absent(&b, "lost").await.is(false)?;
    store.holds_all(&[(&a, "new"), (&b, "new")]).await?;
    store.compare_and_set(&a, "new", "newer").await.is(true)?;

    let mut transaction = store.begin().await?;
    for key in [&a, &b] {
        transaction.delete(key).await.is(())?;
    }
    transaction.commit().await.is(())?;
    store.compare_and_set(&a, "newer", "back").await.is(false)?;
    store.lacks(&a).await?;
    store.set_if_absent(&b, "again").await.is(true)?;
    store.holds(&b, "again").await?;
    if !store.profile().cache {
        return Ok(());
    }
    store
        .timed(async |ttl| {
            let [leased, expired] = ["leased", "expired"].map(|name| store.key(name));
            let mut transaction = store.begin().await?;
            for key in [&leased, &expired] {
                let written = transaction.set_with_ttl(key, "lease", ttl).await;
                written.is(())?;
            }
            let lease = store.lease_by(ttl, transaction.commit()).await?;
            let answer = store.set_if_absent(&leased, "lost").await;
            answer.within(&lease)?.is(false)?;
            let answer = store.compare_and_set(&leased, "lease", "plain").await;
            answer.within(&lease)?.is(true)?;
            store.wait_until_gone(&lease).await;
            store.holds(&leased, "plain").await?;
            store.set_if_absent(&expired, "next").await.is(true)?;
            store.holds(&expired, "next").await
        })
        .await
}

pub(super) async fn commits_and_conditions_exclude_each_other(store: &Subject) -> Check {
    for keys in store.heats(Effort::LONG) {
        let (held, absent) = keys.split_at(keys.len() / 2);
        store.set_each(held, "before").await?;
        one_changes(store, held, Some("before")).await?;
        one_changes(store, absent, None).await?;
    }
    Ok(())
}

/// Changes each key by a transaction and by a condition at the same time.
async fn one_changes(store: &Subject, keys: &[String], before: Option<&'static str>) -> Check {
    let answers = store
        .race_for(
            keys,
            vec![true, false],
            move |store, commits, key| async move {
                let has_changed = match commits {
                    true => commit_where(&store, &key, before).await,
                    false => {
                        let value = Bytes::from("condition");
                        let answer = match before {
                            Some(before) => {
                                store.compare_and_set(&key, before.as_bytes(), value).await
                            }
                            None => store.set_if_absent(&key, value).await,
                        };
                        Answer::of(answer, &store).ok()
                    }
                };
                Ok((has_changed?, store.last_step()))
            },
        )
        .await?;
    let mut answers = answers.into_iter();
    let (committed, conditional) = (answers.next(), answers.next());
    let both = committed
        .into_iter()
        .flatten()
        .zip(conditional.into_iter().flatten());
    for (key, (commit, condition)) in keys.iter().zip(both) {
        let ((by_commit, one_step), (by_condition, other_step)) = (commit?, condition?);
        let winner = match (by_commit, by_condition) {
            (true, false) => "commit",
            (false, true) => "condition",
            (both, _) => {
                let expected = "a change by the transaction or by the condition".to_owned();
                let observed = if both {
                    "a change by both"
                } else {
                    "a change by neither"
                };
                let step = one_step.max(other_step);
                return Err(breach(expected, observed.to_owned(), step));
            }
        };
        store.get(key).await.is_value(winner)?;
    }
    Ok(())
}

/// Sets a key in a transaction where it is as it was. Says whether it was.
async fn commit_where(store: &Recorder, key: &str, before: Option<&str>) -> Check<bool> {
    let change = async |transaction: &mut dyn Transaction| {
        let held = transaction.get(key).await?;
        let is_as_before = held.as_deref() == before.map(str::as_bytes);
        if is_as_before {
            transaction.set(key, Bytes::from("commit")).await?;
        }
        Ok(is_as_before)
    };
    retried(store, change).await
}
