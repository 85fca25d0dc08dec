//! Transactions that get in each other's way.

use std::num::NonZeroUsize;

use tck_api::ErrorKind::{Closed, Conflict};

use crate::{
    Isolation,
    answer::breach,
    check::{Check, Stop},
    probe::{
        listing::{ALL, TWO, Walk},
        transaction::Attempt,
    },
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
            // More often than old values may be kept.
            for _ in 0..20 {
                store.set(&b, "newer").await.is(())?;
            }
            store.set_all(&[(&a, "new"), (&b, "new")]).await?;
        }
        store.set(&c, "new").await.is(())?;
        let sees_the_past = transaction.still_holds(&b, "old").await?
            && transaction.still_holds(&a, "old").await?
            && transaction.still_lacks(&c).await?
            && (!store.profile().listing
                || still_lists(store, &mut transaction, "", &[&a, &b]).await?);
        // It has seen one moment, and changes nothing: that may succeed.
        if sees_the_past {
            transaction.commit().await.is_done_unless_conflict()?;
        } else {
            transaction.rollback().await.is(())?;
        }
    }
    conflict_is_not_forgotten(store).await?;
    if store.profile().listing {
        let before = store.walk(Walk::new(ALL), "").await?;
        let mut transaction = store.begin().await?;
        let listed = transaction.walk(Walk::new(ALL), "").await?;
        store.are_keys(&before, &listed)?;
        let new = store.key("new");
        store.set(&new, "new").await.is(())?;
        still_lists(store, &mut transaction, "", &before).await?;
    }
    Ok(())
}

/// A transaction that was told of a conflict by a read can't be committed.
async fn conflict_is_not_forgotten(store: &Subject) -> Check {
    let [read, written, other] = ["read", "written", "other"].map(|name| store.key(name));
    store.set_all(&[(&read, "old"), (&written, "old")]).await?;
    let mut transaction = store.begin().await?;
    transaction.get(&read).await.is_value("old")?;
    let set = transaction.set(&written, "lost").await;
    set.is_done_unless_conflict()?;
    store.set(&read, "new").await.is(())?;
    if transaction.get(&other).await.is_error(Conflict) {
        let answer = transaction.commit().await;
        answer.is_refused(&[Conflict, Closed])?;
        store.holds(&written, "old").await?;
    }
    Ok(())
}

/// Expects the keys of the moment that this transaction sees, or a conflict.
pub(super) async fn still_lists(
    store: &Subject,
    transaction: &mut Attempt<'_>,
    prefix: &str,
    expected: &[impl AsRef<str>],
) -> Check<bool> {
    for limit in [NonZeroUsize::MIN, ALL] {
        let mut walk = Walk::new(limit);
        while let Some(after) = walk.next() {
            let page = transaction.list(prefix, after.as_deref(), limit).await;
            if page.is_error(Conflict) {
                return Ok(false);
            }
            store.at_last_step(walk.take(page.result, String::as_str))?;
        }
        store.are_keys(expected, &walk.items)?;
    }
    Ok(true)
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
        let listed = transaction.walk(Walk::new(ALL), &prefix).await?;
        store.are_keys(&[""; 0], &listed)?;
    }
    at_odds(store, (one, (&a, "taken")), (other, (&b, "taken"))).await?;
    for (listed, changed) in [
        (Listed::Whole, Change::Set("c")),
        (Listed::Whole, Change::Set("z")),
        (Listed::Whole, Change::Exchange),
        (Listed::Whole, Change::Delete("d")),
        (Listed::Whole, Change::SetIfAbsent),
        (Listed::Whole, Change::Lease),
        (Listed::Whole, Change::CommittedDelete("d")),
        (Listed::Everything, Change::Set("c")),
        (Listed::AfterAWrite, Change::Set("c")),
        (Listed::TwoKeys, Change::Set("c")),
        (Listed::TwoKeys, Change::Delete("b")),
        (Listed::Behind("b"), Change::Set("c")),
    ] {
        listing_is_refused(store, listed, changed).await?;
    }
    Ok(())
}

/// What a transaction lists of the keys `b`, `d`, `f` and `x`.
enum Listed {
    Whole,
    Everything,
    AfterAWrite,
    TwoKeys,
    Behind(&'static str),
}

/// What others do meanwhile: they make a key, `c` if nothing else is said, delete one, or both.
enum Change {
    Set(&'static str),
    Exchange,
    SetIfAbsent,
    Lease,
    Delete(&'static str),
    CommittedDelete(&'static str),
}

/// Expects a conflict where a transaction has listed something and others change it.
async fn listing_is_refused(store: &Subject, listed: Listed, change: Change) -> Check {
    let key = |name: &str| store.key(&format!("list-{name}"));
    store.keep(["b", "d", "f", "x"].map(key).to_vec()).await?;
    let (prefix, new) = (key(""), key("c"));
    for gone in [&new, &key("z")] {
        store.delete(gone).await.is(())?;
    }
    let mut transaction = store.begin().await?;
    let elsewhere = store.key("other-");
    transaction.walk(Walk::new(ALL), &elsewhere).await?;
    match listed {
        Listed::Whole => transaction.walk(Walk::new(ALL), &prefix).await.map(drop)?,
        Listed::AfterAWrite => {
            let own = transaction.set(&store.key("own"), "own").await;
            own.is(())?;
            transaction.walk(Walk::new(ALL), &prefix).await.map(drop)?;
        }
        Listed::Everything => transaction.walk(Walk::new(ALL), "").await.map(drop)?,
        Listed::Behind(name) => {
            let walk = Walk::after(ALL, &key(name));
            transaction.walk(walk, &prefix).await.map(drop)?;
        }
        Listed::TwoKeys => {
            // A page may be short, or empty.
            let mut walk = Walk::new(TWO);
            while walk.items.len() < 2 && transaction.step(&mut walk, &prefix).await? {}
        }
    }
    match change {
        Change::SetIfAbsent if store.profile().atomic => {
            store.set_if_absent(&new, "new").await.is(true)?;
        }
        Change::Lease => store.write(&new, "new", store.lasting()).await.is(())?,
        Change::SetIfAbsent => store.set(&new, "new").await.is(())?,
        Change::Set(name) => store.set(&key(name), "new").await.is(())?,
        Change::Exchange => {
            store.delete(&key("d")).await.is(())?;
            store.set(&new, "new").await.is(())?;
        }
        Change::Delete(name) => store.delete(&key(name)).await.is(())?,
        Change::CommittedDelete(name) => {
            let mut another = store.begin().await?;
            let deleted = another.delete(&key(name)).await;
            let committed = another.commit_after(deleted).await;
            if !committed.is_done_unless_conflict()? {
                return Ok(());
            }
        }
    }
    is_refused_unless_lower(store, transaction, &store.key("name-a")).await
}

/// Expects a conflict of a transaction that builds on what it has listed, unless a lower level
/// is declared.
pub(super) async fn is_refused_unless_lower(
    store: &Subject,
    listing: Attempt<'_>,
    key: &str,
) -> Check {
    let done = listing.finishes(&[(key, "built on it")]).await?;
    if done && store.profile().isolation == Isolation::Serializable {
        return Err(not_refused(store));
    }
    Ok(())
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

/// Expects that a transaction which has read what is no more can't write on.
pub(super) async fn is_refused(
    store: &Subject,
    reading: Attempt<'_>,
    key: &str,
    value: &str,
) -> Check {
    if reading.finishes(&[(key, value)]).await? {
        return Err(not_refused(store));
    }
    Ok(())
}

fn not_refused(store: &Subject) -> Stop {
    breach(
        "Err(conflict: …)".to_owned(),
        "Ok(())".to_owned(),
        store.last_step(),
    )
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
    transaction.delete(&kept).await.is_done_unless_conflict()?;
    store.set(&read, "new").await.is(())?;
    let writes: [(&str, &str); 2] = [(&after, "lost"), (&read, "lost")];
    if transaction.finishes(&writes).await? {
        return Err(not_refused(store));
    }
    store.holds_all(&[(&before, "old"), (&read, "new")]).await?;
    store.lacks(&after).await?;
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
