//! Keys in order, out of nodes that have none.

use std::{collections::BTreeSet, num::NonZeroUsize};

use async_trait::async_trait;
use bytes::Bytes;
use omni_kv_parts::Sealed;
use tck_api::{Listing, Page, Result};
use zookeeper_client::{Client, Error as Said};

use crate::{ZooKeeperStore, store::ROOM};

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
        Ok(Page {
            items: page.items.into_iter().map(|(key, _)| key).collect(),
            next: page.next,
        })
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        let is_wanted = |key: &String| {
            key.starts_with(prefix) && after.is_none_or(|after| after < key.as_str())
        };
        let page = async |client: &Client| {
            let (synced, names) = (client.sync(&self.space), client.list_children(&self.space));
            synced.await?;
            let names = match names.await {
                Err(Said::NoNode) => Vec::new(),
                names => names?,
            };
            let keys = names.iter().filter_map(|name| ROOM.text(name));
            let keys: BTreeSet<_> = keys.filter(is_wanted).collect();
            let is_last = keys.len() <= limit.get();
            let keys: Vec<_> = keys.into_iter().take(limit.get()).collect();
            let next = keys.last().filter(|_| !is_last).cloned();
            let mut items = Vec::with_capacity(keys.len());
            for keys in keys.chunks(STEP) {
                if let Err(error) = self.read_all(client, keys, &mut items).await? {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(Page { items, next }))
        };
        self.connection.run(page).await?
    }
}

impl ZooKeeperStore {
    async fn read_all(
        &self,
        client: &Client,
        keys: &[String],
        items: &mut Vec<(String, Bytes)>,
    ) -> Result<Result<()>, Said> {
        let mut reads = Vec::with_capacity(keys.len());
        for key in keys {
            let name = match ROOM.name(key) {
                Ok(name) => name,
                Err(error) => return Ok(Err(error)),
            };
            // All are on their way before the first is waited for.
            reads.push((key, client.get_data(&format!("{}/{name}", self.space))));
        }
        for (key, read) in reads {
            match read.await {
                Ok((data, _)) => match Sealed::from_bytes(data.into()) {
                    Ok(sealed) => items.extend(sealed.alive().map(|value| (key.clone(), value))),
                    Err(error) => return Ok(Err(error)),
                },
                // It has gone meanwhile.
                Err(Said::NoNode) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Ok(()))
    }
}
