//! How a listing is cut into pages.

use std::num::NonZeroUsize;

use tck_api::Page;

/// The first keys, and where the next page begins if there are more.
pub(crate) fn page<K: ToString>(
    keys: impl IntoIterator<Item = K>,
    limit: NonZeroUsize,
) -> Page<String> {
    let mut keys = keys.into_iter();
    let items: Vec<_> = keys
        .by_ref()
        .take(limit.get())
        .map(|key| key.to_string())
        .collect();
    let next = keys.next().and_then(|_| items.last().cloned());
    Page { items, next }
}
