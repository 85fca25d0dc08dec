//! Keys in the order in which etcd keeps them.

use std::num::NonZeroUsize;

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::Moment;
use tck_api::{Error, Listing, Page, Result};

use crate::{
    EtcdStore,
    span::{Span, VALUES, Wanted, behind},
    store::alive,
};

/// How many keys are asked for at a time, at the most.
pub(crate) const KEYS: usize = 1_000;

impl EtcdStore {
    /// The names of the keys that begin with `prefix` and come after `after`.
    pub(crate) fn span(&self, prefix: &str, after: Option<&str>) -> Span {
        let first = format!("{}{prefix}", self.space);
        let end = behind(&first);
        let after = after.map(|after| format!("{}{after}\0", self.space));
        let start = after.map_or(first.clone(), |after| after.max(first));
        (start.into(), end)
    }

    /// The key that has this name.
    pub(crate) fn key(&self, name: &[u8]) -> Result<String> {
        let key = str::from_utf8(name).ok();
        let key = key.and_then(|name| name.strip_prefix(&self.space));
        let foreign = || Error::backend("a key that is no text, in the midst of the namespace");
        key.map(str::to_owned).ok_or_else(foreign)
    }
}

#[async_trait]
impl Listing for EtcdStore {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let keys = async {
            let wanted = Wanted {
                limit: limit.get().min(KEYS),
                revision: 0,
                keys_only: true,
            };
            let now = Moment::now();
            let span = self.span(prefix, after);
            let part = self.connection.part(span, wanted).await?;
            let living = self.connection.living(part.entries, 0, now).await?;
            let keys = living.iter().map(|living| self.key(&living.name));
            Ok(Page {
                items: keys.collect::<Result<_>>()?,
                next: part.next.map(|next| self.key(&next)).transpose()?,
            })
        };
        self.connection.bounded(keys).await
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        let wanted = Wanted {
            limit: limit.get().min(VALUES),
            revision: 0,
            keys_only: false,
        };
        let span = self.span(prefix, after);
        let part = self.connection.part(span, wanted).await?;
        let mut items = Vec::with_capacity(part.entries.len());
        for entry in part.entries {
            let key = self.key(&entry.key)?;
            if let Some(value) = alive(entry)? {
                items.push((key, value));
            }
        }
        let next = part.next.map(|next| self.key(&next)).transpose()?;
        Ok(Page { items, next })
    }
}
