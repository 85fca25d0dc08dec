//! Keys in order, out of a database that keeps none.

use std::num::NonZeroUsize;

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::FirstKeys;
use tck_api::{Listing, Page, Result};

use crate::{
    UpstashStore,
    connection::{bytes, list, odd, some_bytes},
    store::KEYS,
};

/// How many keys the database looks at for one request.
const STEP: &str = "1000";

/// How many values are asked for at a time: the answer has a limit, as the request has.
const VALUES: usize = 100;

/// Redis keeps its keys in no order, so each page looks at all keys of the database, a thousand
/// with each request.
#[async_trait]
impl Listing for UpstashStore {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        // No letter of a name has a meaning in a pattern.
        let pattern = format!("{}*", self.space);
        let mut keys = FirstKeys::of(limit);
        let mut cursor = "0".to_owned();
        loop {
            let scan = ["SCAN", &cursor, "MATCH", &pattern, "COUNT", STEP];
            let result = self.connection.ask(&scan).await?;
            let [next, names] = list(&result)? else {
                return Err(odd());
            };
            for name in list(names)? {
                let key = self.key(&bytes(name)?);
                keys.extend(key.filter(|key| {
                    key.starts_with(prefix) && after.is_none_or(|after| after < key.as_str())
                }));
            }
            cursor = String::from_utf8_lossy(&bytes(next)?).into_owned();
            if cursor == "0" {
                break;
            }
        }
        Ok(keys.into())
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        let Page { items: keys, next } = self.list(prefix, after, limit).await?;
        let mut items = Vec::with_capacity(keys.len());
        for keys in keys.chunks(VALUES) {
            let names: Vec<_> = keys
                .iter()
                .map(|key| self.name(key))
                .collect::<Result<_>>()?;
            let names = names.iter().map(String::as_str);
            let get: Vec<_> = ["MGET"].into_iter().chain(names).collect();
            let result = self.connection.ask(&get).await?;
            let values = list(&result)?;
            if values.len() != keys.len() {
                return Err(odd());
            }
            for (key, value) in keys.iter().zip(values) {
                // Without a value it has gone meanwhile.
                if let Some(value) = some_bytes(value)? {
                    items.push((key.clone(), value));
                }
            }
        }
        Ok(Page { items, next })
    }
}

impl UpstashStore {
    /// The key of ours that has this name.
    fn key(&self, name: &[u8]) -> Option<String> {
        KEYS.text(str::from_utf8(name).ok()?.strip_prefix(&self.space)?)
    }
}
