//! What conditional writes leave in listings.

use bytes::Bytes;

use crate::{check::Check, subject::Subject};

pub(super) async fn conditional_writes_show_in_listings(store: &Subject) -> Check {
    let [a, b, c] = ["a", "b", "c"].map(|name| store.key(name));
    // A listing that is kept would be out of date from here on.
    store.lists("", &[""; 0]).await?;
    for key in [&b, &a] {
        store.set_if_absent(key, "first").await.is(true)?;
    }
    store.lists("", &[&a, &b]).await?;
    store.set_if_absent(&a, "lost").await.is(false)?;
    store.compare_and_set(&c, "first", "lost").await.is(false)?;
    store.lists("", &[&a, &b]).await?;
    store.delete(&a).await.is(())?;
    store.lists("", &[&b]).await?;
    store.set_if_absent(&a, "again").await.is(true)?;
    store.compare_and_set(&b, "lost", "lost").await.is(false)?;
    let entries = [(a.clone(), "again"), (b.clone(), "first")];
    store
        .lists_pairs(&entries.map(|(key, value)| (key, Bytes::from(value))))
        .await?;
    store
        .compare_and_set(&b, "first", "second")
        .await
        .is(true)?;
    store.holds(&b, "second").await?;
    store.lists("", &[&a, &b]).await?;
    let entries = [(a, "again"), (b, "second")];
    store
        .lists_pairs(&entries.map(|(key, value)| (key, Bytes::from(value))))
        .await
}
