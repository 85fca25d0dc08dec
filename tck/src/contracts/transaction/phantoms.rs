//! Keys that come and go where a transaction has listed.

use tck_api::ErrorKind::Conflict;

use super::refusals::{at_odds, is_refused_unless_lower, not_refused};
use crate::{
    Isolation,
    answer::breach,
    check::Check,
    probe::listing::{ALL, TWO, Walk},
    subject::Subject,
};

pub(super) async fn phantom_is_refused(store: &Subject) -> Check {
    let prefix = store.key("name-");
    let [a, b] = ["name-a", "name-b"].map(|name| store.key(name));
    let (mut one, mut other) = (store.begin().await?, store.begin().await?);
    for transaction in [&mut one, &mut other] {
        let listed = transaction.walk(Walk::new(ALL), &prefix).await?;
        store.are_keys(&[""; 0], &listed)?;
    }
    at_odds(store, (one, (&a, "taken")), (other, (&b, "taken"))).await?;
    same_name_is_refused(store).await?;
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

/// Two who list take the same name, and two who list take the same key away.
async fn same_name_is_refused(store: &Subject) -> Check {
    let prefix = store.key("same-");
    let key = store.key("same-a");
    for (listed, value) in [(&[][..], Some("taken")), (&[&key], None)] {
        let (mut one, mut other) = (store.begin().await?, store.begin().await?);
        for transaction in [&mut one, &mut other] {
            let walked = transaction.walk(Walk::new(ALL), &prefix).await?;
            store.are_keys(listed, &walked)?;
        }
        let mut succeeded = 0;
        for mut transaction in [one, other] {
            let written = match value {
                Some(value) => transaction.set(&key, value).await,
                None => transaction.delete(&key).await,
            };
            let committed = transaction.commit_after(written).await;
            // A conflict that a write was told of may be closed by then.
            succeeded += usize::from(committed.is_done_unless(Conflict)?);
        }
        if succeeded > 1 && store.profile().isolation == Isolation::Serializable {
            return Err(not_refused(store));
        }
        if succeeded == 0 {
            let expected = "Ok(()) for one of the two".to_owned();
            let observed = "Err(conflict: …) for both".to_owned();
            return Err(breach(expected, observed, store.last_step()));
        }
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
            if !committed.is_done_unless(Conflict)? {
                return Ok(());
            }
        }
    }
    is_refused_unless_lower(store, transaction, &store.key("name-a")).await
}
