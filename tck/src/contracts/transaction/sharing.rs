//! Transactions on several handles and in several namespaces.

use tck_api::Transactional;

use super::{conflicts::is_refused_unless_lower, races::increments_side_by_side_add_up};
use crate::{
    check::Check,
    probe::listing::{ALL, Walk},
    subject::Subject,
};

pub(super) async fn transactions_of_two_handles_conflict(store: &Subject) -> Check {
    let second = store.second_handle().await?;
    let key = store.key("a");
    store.set(&key, "0").await.is(())?;
    let (mut one, mut other) = (store.begin().await?, second.begin().await?);
    one.get(&key).await.is_value("0")?;
    other.get(&key).await.is_value("0")?;
    let first_won = store
        .one_succeeds((one, &[(&key, "1")]), (other, &[(&key, "2")]))
        .await?;
    let winner = if first_won { "1" } else { "2" };
    store.holds(&key, winner).await?;
    second.holds(&key, winner).await?;

    // What one handle has read before is old when the other has written.
    store.set(&key, "3").await.is(())?;
    let mut reading = second.begin().await?;
    reading.get(&key).await.is_value("3")?;
    reading.commit().await.is(())?;
    store.set(&key, "4").await.is(())?;
    let mut reading = second.begin().await?;
    // Nor does one that comes in between end a transaction.
    drop(store.second_handle().await?);
    reading.get(&key).await.is_value("4")?;
    reading.set(&key, "5").await.is(())?;
    reading.commit().await.is(())?;
    store.holds(&key, "5").await?;
    let mut writing = second.begin().await?;
    writing.set(&key, "6").await.is(())?;
    writing.commit().await.is(())?;
    store.holds(&key, "6").await?;
    if store.profile().listing {
        listings_of_two_handles(store, &second).await?;
    }
    increments_side_by_side_add_up(&store.beside(&second)).await?;

    // A transaction outlives its handle.
    let mut begun = second.recorded().begin().await;
    drop(second);
    if let Ok(transaction) = &mut begun {
        let set = transaction.set(&key, "last".into()).await;
        store.answer(set).is(())?;
    }
    let committed = match begun {
        Ok(transaction) => transaction.commit().await,
        Err(error) => Err(error),
    };
    store.answer(committed).is(())?;
    store.holds(&key, "last").await
}

/// What one handle has listed is old when the other has written.
async fn listings_of_two_handles(store: &Subject, second: &Subject) -> Check {
    let prefix = store.key("list-");
    let [a, b, built] = ["list-a", "list-b", "c"].map(|name| store.key(name));
    let mut listing = second.begin().await?;
    let listed = listing.walk(Walk::new(ALL), &prefix).await?;
    store.are_keys(&[""; 0], &listed)?;
    store.set(&a, "new").await.is(())?;
    is_refused_unless_lower(store, listing, &built).await?;
    let mut listing = second.begin().await?;
    let listed = listing.walk(Walk::new(ALL), &prefix).await?;
    store.are_keys(&[&a], &listed)?;
    listing.rollback().await.is(())?;

    second.lists(&prefix, &[&a]).await?;
    let mut writing = store.begin().await?;
    writing.set(&b, "new").await.is(())?;
    writing.commit().await.is(())?;
    second.lists(&prefix, &[&a, &b]).await?;
    let mut writing = store.begin().await?;
    writing.delete(&a).await.is(())?;
    writing.commit().await.is(())?;
    second.lists(&prefix, &[&b]).await
}

pub(super) async fn other_namespaces_do_not_conflict(store: &Subject) -> Check {
    let neighbour = store.neighbour("other").await?;
    let key = store.key("a");
    store.set(&key, "mine").await.is(())?;
    neighbour.set(&store.key("b"), "theirs").await.is(())?;
    let (mut one, mut other) = (store.begin().await?, neighbour.begin().await?);
    one.get(&key).await.is_value("mine")?;
    other.get(&key).await.is_missing()?;
    if store.profile().listing {
        let listed = one.walk(Walk::new(ALL), "").await?;
        store.are_keys(&[&key], &listed)?;
    }
    one.set(&key, "mine, anew").await.is(())?;
    other.set(&key, "theirs").await.is(())?;
    one.commit().await.is(())?;
    other.commit().await.is(())?;
    store.holds(&key, "mine, anew").await?;
    neighbour.holds(&key, "theirs").await?;
    let mut one = store.begin().await?;
    one.delete(&key).await.is(())?;
    one.commit().await.is(())?;
    neighbour.holds(&key, "theirs").await
}
