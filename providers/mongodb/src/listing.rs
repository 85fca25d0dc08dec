//! Keys in the order that the index of ids has.

use std::num::NonZeroUsize;

use async_trait::async_trait;
use bytes::Bytes;
use mongodb::bson::{Document, doc};
use omni_kv_parts::keys_of;
use tck_api::{Error, Listing, Page, Result};

use crate::{
    MongoStore,
    entry::{ID, alive, opened},
};

#[async_trait]
impl Listing for MongoStore {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let page = self.page(prefix, after, limit, doc! { ID: 1 }).await?;
        Ok(keys_of(page))
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        let Page { items, next } = self.page(prefix, after, limit, doc! {}).await?;
        let items = items
            .into_iter()
            .map(|(key, entry)| Ok((key, opened(entry)?)))
            .collect::<Result<_>>()?;
        Ok(Page { items, next })
    }
}

impl MongoStore {
    async fn page(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
        projection: Document,
    ) -> Result<Page<(String, Document)>> {
        let first = format!("{}{prefix}", self.space);
        let mut ids = doc! { "$gte": &first };
        if let Some(end) = end(&first) {
            ids.insert("$lt", end);
        }
        if let Some(after) = after {
            ids.insert("$gt", format!("{}{after}", self.space));
        }
        let mut filter = alive();
        filter.insert(ID, ids);
        // One more than asked for says whether there are more. Zero is without a limit.
        let wanted = i64::try_from(limit.get())
            .ok()
            .and_then(|limit| limit.checked_add(1));
        let limited = wanted.unwrap_or_default();
        let found = self.collection.find(filter, limited, projection);
        let entries = self.collection.run(found).await?;
        let entries = entries.into_iter();
        let items = entries.map(|entry| Ok((self.key(&entry)?, entry)));
        let items = items.collect::<Result<Vec<_>>>()?;
        Ok(Page::of(items, limit, |(key, _)| key))
    }

    fn key(&self, entry: &Document) -> Result<String> {
        let id = entry.get_str(ID).map_err(Error::backend)?;
        let key = id.strip_prefix(&self.space);
        let other = || Error::backend("an id that was not asked for");
        key.map(str::to_owned).ok_or_else(other)
    }
}

/// The first text that comes after all that begin with this one.
fn end(prefix: &str) -> Option<String> {
    let mut rest = prefix.chars();
    while let Some(last) = rest.next_back() {
        // The next that there is: some numbers are no characters.
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            return Some(format!("{}{next}", rest.as_str()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_after_all_that_begin_alike() {
        assert_eq!(end("space/").as_deref(), Some("space0"));
        assert_eq!(end("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(end("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(end("\u{10ffff}"), None);
    }
}
