//! Keys in order, out of a bucket that orders their names, and may order them by folders.

use std::num::NonZeroUsize;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use omni_kv_parts::{Sealed, keys_of, page_of};
use tck_api::{Error, Listing, Page, Result};

use crate::{S3Store, path::key};

/// How many objects are asked for at a time.
const AT_A_TIME: usize = 16;

/// The bucket knows no deadlines. So each page asks for the names of all keys, a thousand in a
/// request, and looks at every object on it.
#[async_trait]
impl Listing for S3Store {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let page = self.page(prefix, after, limit, false).await?;
        Ok(keys_of(page))
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        self.page(prefix, after, limit, true).await
    }
}

impl S3Store {
    /// A page of keys with their values, or with the beginning of these.
    async fn page(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
        is_whole: bool,
    ) -> Result<Page<(String, Bytes)>> {
        let folder = Path::parse(&self.folder).map_err(Error::backend)?;
        let paths = self.bucket.paths(&folder).await?;
        let keys = paths
            .into_iter()
            .filter_map(|path| Some((key(&self.folder, &path)?, path)));
        let Page { items, next } = page_of(keys, prefix, after, limit);
        let pairs = stream::iter(items)
            .map(async |(key, path)| {
                let sealed = if is_whole {
                    self.bucket.read(&path).await?.map(|(sealed, _)| sealed)
                } else {
                    self.bucket.peek(&path).await?
                };
                let value = sealed.and_then(Sealed::alive);
                Result::Ok(value.map(|value| (key, value)))
            })
            .buffered(AT_A_TIME);
        let items = pairs.try_filter_map(async |pair| Ok(pair));
        let items = items.try_collect().await?;
        Ok(Page { items, next })
    }
}
