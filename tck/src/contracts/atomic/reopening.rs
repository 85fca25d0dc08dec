//! A store that is closed and opened again.

use crate::{check::Check, subject::Subject};

pub(super) async fn reopened_store_holds_what_conditions_wrote(store: &Subject) -> Check {
    let [made, replaced, deleted] = ["a", "b", "c"].map(|name| store.key(name));
    let ttl = store.profile().cache.then(|| store.first_ttl());
    let alone = store.opened("reopened").await?;
    alone.set(&replaced, "old").await.is(())?;
    alone.set(&deleted, "old").await.is(())?;
    alone.delete(&deleted).await.is(())?;
    alone.set_if_absent(&made, "made").await.is(true)?;
    let answer = alone.compare_and_set(&replaced, "old", "replaced").await;
    answer.is(true)?;
    // What came after them is the last, though it had no condition.
    let [overwritten, gone] = ["e", "f"].map(|name| store.key(name));
    for key in [&overwritten, &gone] {
        alone.set_if_absent(key, "old").await.is(true)?;
    }
    alone.set(&overwritten, "plain").await.is(())?;
    alone.delete(&gone).await.is(())?;
    drop(alone);

    let alone = store.opened("reopened").await?;
    alone.holds(&overwritten, "plain").await?;
    alone.lacks(&gone).await?;
    alone.set_if_absent(&made, "lost").await.is(false)?;
    let answer = alone.compare_and_set(&replaced, "old", "lost").await;
    answer.is(false)?;
    let answer = alone.compare_and_set(&deleted, "old", "lost").await;
    answer.is(false)?;
    alone.holds(&made, "made").await?;
    alone.holds(&replaced, "replaced").await?;
    alone.lacks(&deleted).await?;
    alone.set_if_absent(&deleted, "again").await.is(true)?;
    alone.set_if_absent(&replaced, "lost").await.is(false)?;
    let answer = alone.compare_and_set(&made, "made", "replaced").await;
    answer.is(true)?;
    let leased = store.key("d");
    alone.write(&leased, "old", ttl).await.is(())?;
    let answer = alone.compare_and_set(&leased, "old", "value").await;
    if answer.is(true).is_err() {
        // It took so long that it has ended.
        alone.set_if_absent(&leased, "value").await.is(true)?;
    }
    drop(alone);
    if let Some(ttl) = ttl {
        store.wait(ttl + store.resolution()).await;
    }

    let alone = store.opened("reopened").await?;
    alone.holds(&deleted, "again").await?;
    alone.holds(&made, "replaced").await?;
    alone.holds(&replaced, "replaced").await?;
    alone.holds(&leased, "value").await
}
