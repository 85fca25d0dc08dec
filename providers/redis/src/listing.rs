//! Keys in order, out of a server that keeps none.

use std::{collections::BTreeSet, num::NonZeroUsize};

use async_trait::async_trait;
use bytes::Bytes;
use redis::cmd;
use tck_api::{Listing, Page, Result};

use crate::RedisStore;

/// How many keys the server looks at in one step.
const STEP: usize = 1_000;

/// How many values are asked for at a time.
const VALUES: usize = 100;

/// Redis keeps its keys in no order, so each page looks at all keys of the database, on every
/// master of a cluster.
#[async_trait]
impl Listing for RedisStore {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let pattern = format!("{}*", literally(&format!("{}{prefix}", self.space)));
        let mut keys = BTreeSet::new();
        for node in self.connection.nodes().await? {
            let mut cursor = 0_u64;
            loop {
                let mut scan = cmd("SCAN");
                scan.arg(cursor)
                    .arg("MATCH")
                    .arg(&pattern)
                    .arg("COUNT")
                    .arg(STEP);
                let (next, names): (u64, Vec<Vec<u8>>) =
                    self.connection.ask_node(&node, scan).await?;
                keys.extend(names.into_iter().filter_map(|name| self.key(name, after)));
                // One more than asked for says whether there are more.
                while keys.len() > limit.get().saturating_add(1) {
                    keys.pop_last();
                }
                cursor = next;
                if cursor == 0 {
                    break;
                }
            }
        }
        let is_last = keys.len() <= limit.get();
        let items: Vec<_> = keys.into_iter().take(limit.get()).collect();
        let next = items.last().filter(|_| !is_last).cloned();
        Ok(Page { items, next })
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        let page = self.list(prefix, after, limit).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for keys in page.items.chunks(VALUES) {
            let mut get = cmd("MGET");
            for key in keys {
                get.arg(self.name(key)?);
            }
            let values: Vec<Option<Bytes>> = self.connection.ask(&get).await?;
            // Without a value it has gone meanwhile.
            let pairs = keys.iter().zip(values);
            items.extend(pairs.filter_map(|(key, value)| Some((key.clone(), value?))));
        }
        let next = page.next;
        Ok(Page { items, next })
    }
}

impl RedisStore {
    /// The key of ours that has this name, where it comes after `after`.
    fn key(&self, name: Vec<u8>, after: Option<&str>) -> Option<String> {
        let name = String::from_utf8(name).ok()?;
        let key = name.strip_prefix(&self.space)?;
        after
            .is_none_or(|after| after < key)
            .then(|| key.to_owned())
    }
}

/// A pattern that matches this text alone.
fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '*' | '?' | '[' | ']' | '^' | '-' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_no_pattern() {
        assert_eq!(literally(r"a*b?[c-d]^\e"), r"a\*b\?\[c\-d\]\^\\e");
    }
}
