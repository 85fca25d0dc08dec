//! Keys in order, out of nodes that have none.

use std::num::NonZeroUsize;

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::{Sealed, keys_of, page_of};
use tck_api::{Listing, Page, Result};
use zookeeper_client::{Client, Error as Said};

use crate::{
    ZooKeeperStore,
    error::Failure,
    store::{ROOM, catch_up},
};

/// How many nodes are read at a time, each of which may be large.
const STEP: usize = 64;

/// ZooKeeper answers all names of a namespace at once and says nothing of their values, so each
/// page asks for all names, and for the values of the keys on it.
#[async_trait]
impl Listing for ZooKeeperStore {
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
        let page = async |client: &Client| -> Result<_, Failure> {
            let caught_up = catch_up(client, &self.space);
            let names = client.list_children(&self.space);
            caught_up.await?;
            let names = match names.await {
                Err(Said::NoNode) => Vec::new(),
                names => names?,
            };
            let keys = names
                .into_iter()
                .filter_map(|name| Some((ROOM.text(&name)?, name)));
            let Page { items: keys, next } = page_of(keys, prefix, after, limit);
            let mut items = Vec::with_capacity(keys.len());
            for keys in keys.chunks(STEP) {
                items.extend(self.read_all(client, keys).await?);
            }
            Ok(Page { items, next })
        };
        self.connection.run(page).await
    }
}

impl ZooKeeperStore {
    /// The living ones of these keys, each of which comes with its name.
    async fn read_all(
        &self,
        client: &Client,
        keys: &[(String, String)],
    ) -> Result<Vec<(String, Bytes)>, Failure> {
        let read = |name| client.get_data(&format!("{}/{name}", self.space));
        // All are on their way before the first is waited for.
        let reads: Vec<_> = keys.iter().map(|(key, name)| (key, read(name))).collect();
        let mut items = Vec::with_capacity(keys.len());
        for (key, read) in reads {
            match read.await {
                Ok((data, _)) => {
                    let value = Sealed::from_bytes(data.into())?.alive();
                    items.extend(value.map(|value| (key.clone(), value)));
                }
                // It has gone meanwhile.
                Err(Said::NoNode) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(items)
    }
}
