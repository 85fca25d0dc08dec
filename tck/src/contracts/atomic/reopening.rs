//! A store that is closed and opened again.

use crate::{check::Check, subject::Subject};

pub(super) async fn reopened_store_holds_what_conditions_wrote(store: &Subject) -> Check {
    let [made, replaced, deleted] = ["a", "b", "c"].map(|name| store.key(name));
    let alone = store.opened("reopened").await?;
    alone.set(&replaced, "old").await.is(())?;
    alone.set(&deleted, "old").await.is(())?;
    alone.delete(&deleted).await.is(())?;
    alone.set_if_absent(&made, "made").await.is(true)?;
    let answer = alone.compare_and_set(&replaced, "old", "replaced").await;
    answer.is(true)?;
    drop(alone);

    let alone = store.opened("reopened").await?;
    alone.set_if_absent(&made, "lost").await.is(false)?;
    let answer = alone.compare_and_set(&replaced, "old", "lost").await;
    answer.is(false)?;
    let answer = alone.compare_and_set(&deleted, "old", "lost").await;
    answer.is(false)?;
    alone.holds(&made, "made").await?;
    alone.holds(&replaced, "replaced").await?;
    alone.lacks(&deleted).await?;
    alone.set_if_absent(&deleted, "again").await.is(true)?;
    let answer = alone.compare_and_set(&made, "made", "replaced").await;
    answer.is(true)?;
    drop(alone);

    let alone = store.opened("reopened").await?;
    alone.holds(&deleted, "again").await?;
    alone.holds(&made, "replaced").await?;
    alone.holds(&replaced, "replaced").await
}
