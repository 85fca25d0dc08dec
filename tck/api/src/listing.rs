//! The keys of a store, in order and page by page.

use std::num::NonZeroUsize;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{KeyValueStore, Result};

/// A store whose keys can be listed.
///
/// Keys come in the order of their bytes, each once. One that is there during the whole
/// walk from page to page is listed, whatever comes and goes beside it; one that comes
/// meanwhile may be, and one that has gone before its page is not. Any text is a prefix, also
/// where it is no key that the store takes.
#[diagnostic::on_unimplemented(
    message = "the keys of `{Self}` can't be listed",
    label = "this does not implement `Listing`",
    note = "implement `tck::Listing` for it: `list`, beside `tck::KeyValueStore`"
)]
#[async_trait]
pub trait Listing: KeyValueStore {
    /// The first keys, `limit` at the most, that begin with `prefix` and come after
    /// `after`. No character of a prefix has a meaning of its own, and every key begins
    /// with the empty one.
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>>;

    /// Like [`list`](Self::list), each key with its value. Worth overriding where the
    /// backend can send both together.
    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        let Page { items: keys, next } = self.list(prefix, after, limit).await?;
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            // A key that went since it was listed is on no page any more.
            if let Some(value) = self.get(&key).await? {
                items.push((key, value));
            }
        }
        Ok(Page { items, next })
    }
}

/// A part of a listing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page<T> {
    /// What is on the page, in the order of the keys. A page may be shorter than asked
    /// for, and even empty, before the last one.
    pub items: Vec<T>,
    /// What the next page comes `after`, or `None` where there is no more.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The first of these items, `limit` at the most, which have their keys from `key`. One item
    /// more than that is enough to say that there is a next page.
    pub fn of(
        items: impl IntoIterator<Item = T>,
        limit: NonZeroUsize,
        key: impl FnOnce(&T) -> &str,
    ) -> Self {
        let mut items = items.into_iter();
        let page: Vec<_> = items.by_ref().take(limit.get()).collect();
        let last = items.next().and(page.last());
        let next = last.map(|last| key(last).to_owned());
        Self { items: page, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_whether_there_are_more() {
        let two = NonZeroUsize::MIN.saturating_add(1);
        for (keys, items, next) in [
            (&[][..], &[][..], None),
            (&["a"], &["a"], None),
            (&["a", "b"], &["a", "b"], None),
            (&["a", "b", "c"], &["a", "b"], Some("b")),
            (&["a", "b", "c", "d"], &["a", "b"], Some("b")),
        ] {
            let page = Page::of(keys.iter().copied(), two, |key| key);
            assert_eq!((page.items.as_slice(), page.next.as_deref()), (items, next));
        }
    }
}
