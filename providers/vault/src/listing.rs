//! Keys in order, out of a server that lists names without their values.

use std::num::NonZeroUsize;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use omni_kv_parts::{keys_of, page_of};
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
        let page = self.list_with_values(prefix, after, limit).await?;
        Ok(keys_of(page))
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        let names = self.connection.names(&format!("{}/", self.folder)).await?;
        let keys = names
            .into_iter()
            .filter_map(|name| Some((Self::ROOM.text(&name)?, name)));
        let Page { items, next } = page_of(keys, prefix, after, limit);
        let pairs = stream::iter(items)
            .map(async |(key, name)| {
                let name = format!("{}/{name}", self.folder);
                let (value, _) = self.latest(&name).await?;
                Result::Ok(value.map(|value| (key, value)))
            })
            .buffered(AT_A_TIME);
        let items = pairs.try_filter_map(async |pair| Ok(pair));
        let items = items.try_collect().await?;
        Ok(Page { items, next })
    }
}
