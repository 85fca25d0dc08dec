//! The keys of a service, page by page.

use std::num::NonZeroUsize;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, StatusCode};
use omni_kv_parts::keys_of;
use serde::Deserialize;
use serde_json::value::RawValue;
use tck_api::{Error, Listing, Page, Result};

use super::{HttpStore, value::decoded, wire::Asked};
use crate::key::segment;

#[async_trait]
impl Listing for HttpStore {
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

impl HttpStore {
    async fn page(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
        values: bool,
    ) -> Result<Page<(String, Bytes)>> {
        #[derive(Deserialize)]
        struct Listed {
            keys: Vec<String>,
            values: Option<Vec<Box<RawValue>>>,
            next: Option<String>,
        }

        let space = &*self.space;
        let whole = |text: &str| segment(&format!("{space}{text}"));
        let after = after.map(|after| format!("&after={}", whole(after)));
        let (prefix, after) = (whole(prefix), after.unwrap_or_default());
        let path = format!("/keys?prefix={prefix}{after}&limit={limit}&values={values}");
        let answer = self.wire.ask(&Asked::new(Method::GET, path)).await?;
        if answer.status != StatusCode::OK {
            return Err(answer.error());
        }
        let listed: Listed = serde_json::from_slice(&answer.body).map_err(Error::backend)?;
        let foreign = || Error::backend("the service lists keys that were not asked for");
        let own = |name: String| {
            name.strip_prefix(space)
                .map(str::to_owned)
                .ok_or_else(foreign)
        };
        let found = listed.values.unwrap_or_default();
        if values && found.len() != listed.keys.len() {
            return Err(Error::backend(
                "the service does not list a value for each key",
            ));
        }
        let mut found = found.iter().map(|value| decoded(value.get()));
        let mut items = Vec::with_capacity(listed.keys.len());
        for name in listed.keys {
            let value = found.next().transpose()?;
            items.push((own(name)?, value.unwrap_or_default()));
        }
        let next = listed.next.map(own).transpose()?;
        Ok(Page { items, next })
    }
}
