//! A store that is closed and opened again.

use tck_api::ErrorKind::Conflict;

use super::refusals::not_refused;
use crate::{check::Check, subject::Subject};

pub(super) async fn reopened_store_holds_what_was_committed(store: &Subject) -> Check {
    let [deleted, kept, undone, dropped, refused] =
        ["deleted", "kept", "undone", "dropped", "refused"].map(|name| store.key(name));
    let keys: Vec<_> = (0..12)
        .map(|index| store.key(&format!("{index:02}")))
        .collect();
    let [overwritten_later, deleted_later] = ["overwritten", "gone"].map(|name| store.key(name));
    let holds_rest = async |alone: &Subject| {
        alone.holds(&overwritten_later, "plain").await?;
        alone.lacks(&deleted_later).await?;
        alone.holds(&kept, "kept").await?;
        alone.lacks(&undone).await?;
        alone.lacks(&dropped).await?;
        alone.lacks(&refused).await
    };

    let alone = store.opened("reopened").await?;
    alone.set_all(&[(&deleted, "old"), (&kept, "kept")]).await?;
    let mut committed = alone.begin().await?;
    for key in &keys {
        committed.set(key, "new").await.is(())?;
    }
    committed.delete(&deleted).await.is(())?;
    for key in [&overwritten_later, &deleted_later] {
        committed.set(key, "old").await.is(())?;
    }
    committed.commit().await.is(())?;
    // What came after it is the last, though it was no transaction.
    alone.set(&overwritten_later, "plain").await.is(())?;
    alone.delete(&deleted_later).await.is(())?;
    let mut rolled_back = alone.begin().await?;
    rolled_back.set(&undone, "lost").await.is(())?;
    rolled_back.set(&kept, "lost").await.is(())?;
    rolled_back.rollback().await.is(())?;
    let mut left = alone.begin().await?;
    left.set(&dropped, "lost").await.is(())?;
    left.delete(&kept).await.is(())?;
    drop(left);
    let mut late = alone.begin().await?;
    late.get(&kept).await.is_value("kept")?;
    alone.set(&kept, "changed").await.is(())?;
    if late
        .finishes(&[(&refused, "lost"), (&kept, "lost")])
        .await?
    {
        return Err(not_refused(store));
    }
    alone.set(&kept, "kept").await.is(())?;
    drop(alone);

    let alone = store.opened("reopened").await?;
    for key in &keys {
        alone.holds(key, "new").await?;
    }
    alone.lacks(&deleted).await?;
    holds_rest(&alone).await?;
    if store.profile().listing {
        let mut listed = keys.clone();
        listed.extend([kept.clone(), overwritten_later.clone()]);
        alone.lists(&store.key(""), &listed).await?;
    }
    let mut committed = alone.begin().await?;
    let (gone, rest) = keys.split_at(4);
    let (overwritten, untouched) = rest.split_at(4);
    for key in gone {
        committed.delete(key).await.is(())?;
    }
    for key in overwritten {
        committed.set(key, "newer").await.is(())?;
    }
    committed.set(&deleted, "again").await.is(())?;
    committed.commit().await.is(())?;
    drop(alone);

    let alone = store.opened("reopened").await?;
    for key in gone {
        alone.lacks(key).await?;
    }
    for key in overwritten {
        alone.holds(key, "newer").await?;
    }
    for key in untouched {
        alone.holds(key, "new").await?;
    }
    alone.holds(&deleted, "again").await?;
    holds_rest(&alone).await?;
    drop(alone);
    match store.profile().cache {
        true => deadlines_are_those_of_commits(store).await,
        false => Ok(()),
    }
}

async fn deadlines_are_those_of_commits(store: &Subject) -> Check {
    let [leased, cleared] = ["leased", "cleared"].map(|name| store.key(name));
    let ttl = store.first_ttl();
    let alone = store.opened("leased").await?;
    alone.set_with_ttl(&cleared, "old", ttl).await.is(())?;
    let mut committed = alone.begin().await?;
    committed.set(&cleared, "value").await.is(())?;
    let answer = committed.set_with_ttl(&leased, "value", ttl).await;
    answer.is(())?;
    // Conflicts where it takes so long that what is replaced has ended.
    let answer = committed.commit().await;
    drop(alone);
    if answer.is_done_unless(Conflict)? {
        store.wait(ttl + store.resolution()).await;
        let alone = store.opened("leased").await?;
        alone.lacks(&leased).await?;
        alone.holds(&cleared, "value").await?;
    }
    Ok(())
}
