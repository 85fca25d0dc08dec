//! Transactions that get in each other's way.

use crate::{
    Isolation,
    check::Check,
    probe::{listing::ALL, transaction::Attempt},
    subject::Subject,
};

pub(super) async fn reads_are_of_one_moment(store: &Subject) -> Check {
    for deletes in [false, true] {
        let [a, b, c] = ["a", "b", "c"].map(|name| store.key(name));
        store.set_all(&[(&a, "old"), (&b, "old")]).await?;
        store.delete(&c).await.is(())?;
        let mut transaction = store.begin().await?;
        transaction.get(&a).await.is_value("old")?;
        if deletes {
            store.delete(&a).await.is(())?;
            store.delete(&b).await.is(())?;
        } else {
            store.set_all(&[(&a, "new"), (&b, "new")]).await?;
        }
        store.set(&c, "new").await.is(())?;
        let sees_the_past = transaction.still_holds(&b, "old").await?
            && transaction.still_holds(&a, "old").await?
            && transaction.still_lacks(&c).await?;
        // It has seen one moment, and changes nothing: that may succeed.
        if sees_the_past {
            transaction.commit().await.is_done_unless_conflict()?;
        }
    }
    Ok(())
}

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
    at_odds(store, (one, (&a, "off")), (other, (&b, "off"))).await
}

pub(super) async fn phantom_is_refused(store: &Subject) -> Check {
    let prefix = store.key("name-");
    let [a, b] = ["name-a", "name-b"].map(|name| store.key(name));
    let (mut one, mut other) = (store.begin().await?, store.begin().await?);
    for transaction in [&mut one, &mut other] {
        let page = transaction.list(&prefix, None, ALL).await.ok()?;
        store.are_keys(&[""; 0], &page.items)?;
    }
    at_odds(store, (one, (&a, "taken")), (other, (&b, "taken"))).await
}

/// Of two transactions of which each has read what the other writes, one succeeds, unless
/// a lower level is declared.
async fn at_odds(
    store: &Subject,
    (one, its_write): (Attempt<'_>, (&str, &str)),
    (other, others_write): (Attempt<'_>, (&str, &str)),
) -> Check {
    if store.profile().isolation == Isolation::Snapshot {
        one.finishes(&[its_write]).await?;
        other.finishes(&[others_write]).await?;
        return Ok(());
    }
    store
        .one_succeeds((one, &[its_write]), (other, &[others_write]))
        .await
        .map(drop)
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

    store.set(&deleted, "there").await.is(())?;
    let mut transaction = store.begin().await?;
    transaction.get(&deleted).await.is_value("there")?;
    let mut deleting = store.begin().await?;
    deleting.delete(&deleted).await.is(())?;
    if deleting.finishes(&[]).await? {
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

    let mut transaction = store.begin().await?;
    transaction.get(&b).await.is_value("old")?;
    store.delete(&b).await.is(())?;
    is_refused(store, transaction, &b, "back").await?;
    store.lacks(&b).await?;

    let mut transaction = store.begin().await?;
    transaction.get(&c).await.is_missing()?;
    store.set(&c, "new").await.is(())?;
    is_refused(store, transaction, &c, "lost").await?;
    store.holds(&c, "new").await
}

/// Expects that a transaction which has read what is no more can't write on.
async fn is_refused(store: &Subject, reading: Attempt<'_>, key: &str, value: &str) -> Check {
    if reading.finishes(&[(key, value)]).await? {
        return Err(crate::answer::breach(
            "Err(conflict: …)".to_owned(),
            "Ok(())".to_owned(),
            store.last_step(),
        ));
    }
    Ok(())
}

pub(super) async fn conflict_changes_nothing_and_can_be_tried_again(store: &Subject) -> Check {
    let [before, read, after] = ["a", "b", "c"].map(|name| store.key(name));
    store.set_all(&[(&before, "old"), (&read, "old")]).await?;
    let mut transaction = store.begin().await?;
    transaction.get(&read).await.is_value("old")?;
    transaction.set(&before, "lost").await.is(())?;
    store.set(&read, "new").await.is(())?;
    let writes: [(&str, &str); 2] = [(&after, "lost"), (&read, "lost")];
    if transaction.finishes(&writes).await? {
        return is_refused(store, store.begin().await?, &after, "lost").await;
    }
    store.holds_all(&[(&before, "old"), (&read, "new")]).await?;
    store.lacks(&after).await?;

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
    store.holds_all(&entries).await
}
