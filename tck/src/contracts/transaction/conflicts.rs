//! Transactions that get in each other's way.

use bytes::Bytes;
use tck_api::{ErrorKind::Conflict, Transaction};

use super::refusals::{at_odds, is_refused, is_refused_unless_lower, not_refused};
use crate::{
    Isolation,
    check::Check,
    probe::{race::Effort, retry::retried},
    subject::Subject,
};

pub(super) async fn lost_update_is_refused(store: &Subject) -> Check {
    let key = store.key("a");
    for (mine, theirs) in [("1", "2"), ("same", "same")] {
        store.set(&key, "0").await.is(())?;
        let (mut one, mut other) = (store.begin().await?, store.begin().await?);
        one.get(&key).await.is_value("0")?;
        other.get(&key).await.is_value("0")?;
        let first_won = store
            .one_succeeds((one, &[(&key, mine)]), (other, &[(&key, theirs)]))
            .await?;
        store
            .holds(&key, if first_won { mine } else { theirs })
            .await?;
    }
    Ok(())
}

pub(super) async fn write_skew_is_refused(store: &Subject) -> Check {
    let [a, b] = ["a", "b"].map(|name| store.key(name));
    store.set_all(&[(&a, "on call"), (&b, "on call")]).await?;
    let (mut one, mut other) = (store.begin().await?, store.begin().await?);
    for transaction in [&mut one, &mut other] {
        transaction.get(&a).await.is_value("on call")?;
        transaction.get(&b).await.is_value("on call")?;
    }
    at_odds(store, (one, (&a, "off")), (other, (&b, "off"))).await?;
    // The same where there is nothing yet.
    let [a, b] = ["c", "d"].map(|name| store.key(name));
    let (mut one, mut other) = (store.begin().await?, store.begin().await?);
    for transaction in [&mut one, &mut other] {
        transaction.get(&a).await.is_missing()?;
        transaction.get(&b).await.is_missing()?;
    }
    at_odds(store, (one, (&a, "off")), (other, (&b, "off"))).await?;
    what_was_read_counts(store, store).await?;
    if store.profile().isolation == Isolation::Serializable {
        one_of_two_is_off(store).await?;
    }
    Ok(())
}

/// Two who each read both keys and set their own, at the same moment, until they succeed.
async fn one_of_two_is_off(store: &Subject) -> Check {
    let pair = |group: &str| ["a", "b"].map(|name| format!("{group}-{name}"));
    for groups in store.heats(Effort::LONG) {
        let answers = store
            .race_for(&groups, vec![false, true], move |store, second, group| {
                let keys = pair(&group);
                async move {
                    let leave = async |transaction: &mut dyn Transaction| {
                        let mut all_stay = true;
                        for key in &keys {
                            all_stay &= transaction.get(key).await?.is_none();
                        }
                        let [a, b] = &keys;
                        if all_stay {
                            let own = if second { b } else { a };
                            transaction.set(own, Bytes::from("off")).await?;
                        }
                        Ok(())
                    };
                    retried(&store, leave).await
                }
            })
            .await?;
        answers.into_iter().flatten().collect::<Check>()?;
        for group in groups {
            let [a, b] = pair(&group);
            match store.get(&a).await.ok()? {
                Some(_) => store.lacks(&b).await?,
                None => store.holds(&b, "off").await?,
            }
        }
    }
    Ok(())
}

/// What others do to a key that a transaction has read.
#[derive(Clone, Copy)]
pub(super) enum Change {
    Set,
    Lease,
    Condition,
    Delete,
}

impl Change {
    /// Writes plainly where the store has no such way.
    pub(super) async fn apply(self, others: &Subject, key: &str, before: Option<&str>) -> Check {
        let atomic = others.profile().atomic;
        match (self, before) {
            (Self::Delete, _) => others.delete(key).await.is(()),
            (Self::Lease, _) => others.write(key, "new", others.lasting()).await.is(()),
            (Self::Condition, None) if atomic => others.set_if_absent(key, "new").await.is(true),
            (Self::Condition, Some(before)) if atomic => {
                let replaced = others.compare_and_set(key, before.to_owned(), "new");
                replaced.await.is(true)
            }
            (Self::Set | Self::Condition, _) => others.set(key, "new").await.is(()),
        }
    }
}

/// What was read counts whatever has changed it, also where another key is written.
pub(super) async fn what_was_read_counts(store: &Subject, others: &Subject) -> Check {
    for (number, (before, change)) in [
        (None, Change::Set),
        (None, Change::Lease),
        (None, Change::Condition),
        (Some("there"), Change::Lease),
        (Some("there"), Change::Condition),
        (Some("there"), Change::Delete),
    ]
    .into_iter()
    .enumerate()
    {
        let [read, built] = ["read", "built"].map(|name| store.key(&format!("{name}-{number}")));
        if let Some(before) = before {
            store.set(&read, before).await.is(())?;
        }
        let mut transaction = store.begin().await?;
        transaction.get(&read).await.is(before.map(Into::into))?;
        change.apply(others, &read, before).await?;
        is_refused_unless_lower(store, transaction, &built).await?;
    }
    Ok(())
}

pub(super) async fn missing_key_conflicts_as_well(store: &Subject) -> Check {
    let [never, deleted] = ["a", "b"].map(|name| store.key(name));
    let (mut one, mut other) = (store.begin().await?, store.begin().await?);
    one.get(&never).await.is_missing()?;
    other.get(&never).await.is_missing()?;
    let first_won = store
        .one_succeeds((one, &[(&never, "1")]), (other, &[(&never, "2")]))
        .await?;
    store
        .holds(&never, if first_won { "1" } else { "2" })
        .await?;

    let emptied = store.key("c");
    let mut transaction = store.begin().await?;
    transaction.get(&emptied).await.is_missing()?;
    store.set(&emptied, "").await.is(())?;
    is_refused(store, transaction, &emptied, "lost").await?;

    store.set(&deleted, "there").await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.get(&deleted).await.is_value("there")?;
    let mut deleting = store.begin().await?;
    let answer = deleting.delete(&deleted).await;
    let deleting_succeeds = if answer.is_error(Conflict) {
        false
    } else {
        answer.is(())?;
        deleting.finishes(&[]).await?
    };
    if deleting_succeeds {
        is_refused(store, transaction, &deleted, "back").await?;
        store.lacks(&deleted).await
    } else {
        transaction.commit().await.is(())
    }
}

pub(super) async fn plain_writes_conflict_as_well(store: &Subject) -> Check {
    let [a, b, c] = ["a", "b", "c"].map(|name| store.key(name));
    store.set_all(&[(&a, "old"), (&b, "old")]).await?;
    let mut transaction = store.begin().await?;
    transaction.get(&a).await.is_value("old")?;
    store.set(&a, "new").await.is(())?;
    is_refused(store, transaction, &a, "lost").await?;
    store.holds(&a, "new").await?;

    // Nor is it forgotten over other writes, or taken for none by a weak hash.
    store.set(&a, "plumless").await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.get(&a).await.is_value("plumless")?;
    store.set(&a, "buckeroo").await.is(())?;
    let others = (0..300).map(|number| store.key(&number.to_string()));
    store.set_each(&others.collect::<Vec<_>>(), "other").await?;
    is_refused(store, transaction, &a, "lost").await?;
    // Nor where it was written as often as a counter of a byte needs to be where it was.
    let mut transaction = store.begin().await?;
    transaction.get(&a).await.is_value("buckeroo")?;
    for number in 0..256 {
        store.set(&a, number.to_string()).await.is(())?;
    }
    is_refused(store, transaction, &a, "lost").await?;
    store.set(&a, "new").await.is(())?;
    // What is read after a write counts as well.
    let mut transaction = store.begin().await?;
    let own = transaction.set(&store.key("own"), "own").await;
    own.is(())?;
    transaction.get(&a).await.is_value("new")?;
    store.set(&a, "newer").await.is(())?;
    is_refused(store, transaction, &a, "lost").await?;
    store.set(&a, "new").await.is(())?;

    let mut transaction = store.begin().await?;
    transaction.get(&b).await.is_value("old")?;
    store.delete(&b).await.is(())?;
    is_refused(store, transaction, &b, "back").await?;
    store.lacks(&b).await?;

    // Nor does it count anew where a key is made again.
    store.set(&b, "first").await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.get(&b).await.is_value("first")?;
    store.delete(&b).await.is(())?;
    store.set(&b, "second").await.is(())?;
    is_refused(store, transaction, &b, "lost").await?;
    store.holds(&b, "second").await?;

    let mut transaction = store.begin().await?;
    transaction.get(&c).await.is_missing()?;
    store.set(&c, "new").await.is(())?;
    is_refused(store, transaction, &c, "lost").await?;
    store.holds(&c, "new").await?;

    let mut transaction = store.begin().await?;
    transaction.get(&a).await.is_value("new")?;
    store.set(&a, "newer").await.is(())?;
    let answer = transaction.delete(&a).await;
    if !answer.is_error(Conflict) {
        answer.is(())?;
        if transaction.finishes(&[]).await? {
            return Err(not_refused(store));
        }
    }
    store.holds(&a, "newer").await
}

pub(super) async fn conflict_changes_nothing_and_can_be_tried_again(store: &Subject) -> Check {
    let [before, read, after] = ["a", "b", "c"].map(|name| store.key(name));
    store.set_all(&[(&before, "old"), (&read, "old")]).await?;
    let mut transaction = store.begin().await?;
    transaction.get(&read).await.is_value("old")?;
    transaction.set(&before, "lost").await.is(())?;
    let kept = store.key("d");
    store.set(&kept, "kept").await.is(())?;
    // It has been written since this transaction began, which may count at once.
    transaction.delete(&kept).await.is_done_unless(Conflict)?;
    store.set(&read, "new").await.is(())?;
    let writes: [(&str, &str); 2] = [(&after, "lost"), (&read, "lost")];
    if transaction.finishes(&writes).await? {
        return Err(not_refused(store));
    }
    store.holds_all(&[(&before, "old"), (&read, "new")]).await?;
    store.lacks(&after).await?;
    if store.profile().listing {
        store.lists(&after, &[""; 0]).await?;
        store.lists(&kept, &[&kept]).await?;
    }
    store.holds(&kept, "kept").await?;
    if store.profile().atomic {
        store.set_if_absent(&after, "free").await.is(true)?;
    }

    let mut again = store.begin().await?;
    again.get(&read).await.is_value("new")?;
    for key in [&before, &read, &after] {
        again.set(key, "won").await.is(())?;
    }
    again.commit().await.is(())?;
    store
        .holds_all(&[(&before, "won"), (&read, "won"), (&after, "won")])
        .await
}

pub(super) async fn different_keys_do_not_conflict(store: &Subject) -> Check {
    let [a, b, new_a, new_b] = ["a", "b", "c", "d"].map(|name| store.key(name));
    store.set_all(&[(&a, "old"), (&b, "old")]).await?;
    let (mut one, mut other) = (store.begin().await?, store.begin().await?);
    for (transaction, key, new) in [(&mut one, &a, &new_a), (&mut other, &b, &new_b)] {
        transaction.get(key).await.is_value("old")?;
        transaction.get(new).await.is_missing()?;
        transaction.set(key, "new").await.is(())?;
        transaction.set(new, "new").await.is(())?;
    }
    one.commit().await.is(())?;
    other.commit().await.is(())?;
    let entries = [&a, &b, &new_a, &new_b].map(|key| (key.as_str(), "new"));
    store.holds_all(&entries).await?;

    let mut many = Vec::new();
    for number in 0..20 {
        let key = store.key(&number.to_string());
        let mut transaction = store.begin().await?;
        transaction.set(&key, "new").await.is(())?;
        many.push(transaction);
    }
    for transaction in many {
        transaction.commit().await.is(())?;
    }
    Ok(())
}
