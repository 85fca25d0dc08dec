//! Keys in order, out of a server that lists names without their values.

use std::num::NonZeroUsize;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use tck_api::{Listing, Page, Result};

use crate::VaultStore;

/// How many values are asked for at a time.
const AT_A_TIME: usize = 16;

/// Vault names all keys of a folder at once, those that are deleted or expired as well. So each
/// page asks for all names, and for the value of every key on it.
#[async_trait]
impl Listing for VaultStore {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let Page { items, next } = self.list_with_values(prefix, after, limit).await?;
        let items = items.into_iter().map(|(key, _)| key).collect();
        Ok(Page { items, next })
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        let names = self.connection.names(&format!("{}/", self.folder)).await?;
        let mut keys: Vec<_> = names
            .into_iter()
            .filter_map(|name| Some((Self::ROOM.text(&name)?, name)))
            .filter(|(key, _)| key.starts_with(prefix))
            .filter(|(key, _)| after.is_none_or(|after| after < key.as_str()))
            .collect();
        keys.sort_unstable();
        let mut keys = keys.into_iter();
        let mut items = Vec::new();
        // What is absent takes no place on the page.
        while items.len() < limit.get() && keys.len() > 0 {
            let wanted: Vec<_> = keys.by_ref().take(limit.get() - items.len()).collect();
            let pairs = stream::iter(wanted)
                .map(async |(key, name)| {
                    let name = format!("{}/{name}", self.folder);
                    let (value, _) = self.latest(&name).await?;
                    Result::Ok(value.map(|value| (key, value)))
                })
                .buffered(AT_A_TIME);
            let pairs: Vec<_> = pairs.try_collect().await?;
            items.extend(pairs.into_iter().flatten());
        }
        let last = items.last().filter(|_| keys.len() > 0);
        let next = last.map(|(key, _)| key.clone());
        Ok(Page { items, next })
    }
}
