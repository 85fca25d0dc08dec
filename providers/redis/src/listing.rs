//! Keys in order, out of a server that keeps none.

use std::num::NonZeroUsize;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::try_join_all;
use omni_kv_parts::FirstKeys;
use redis::cmd;
use tck_api::{Listing, Page, Result};

use crate::{RedisStore, connection::Line};

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
        let page = async |line: &Line| self.page(line, prefix, after, limit).await;
        self.connection.run(page).await
    }

    async fn list_with_values(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<(String, Bytes)>> {
        let page = async |line: &Line| {
            let Page { items: keys, next } = self.page(line, prefix, after, limit).await?;
            let mut items = Vec::with_capacity(keys.len());
            for keys in keys.chunks(VALUES) {
                let values = keys.iter().map(|key| self.value(line, key));
                let values = try_join_all(values).await?;
                // Without a value it has gone meanwhile.
                let pairs = keys.iter().zip(values);
                items.extend(pairs.filter_map(|(key, value)| Some((key.clone(), value?))));
            }
            Ok(Page { items, next })
        };
        self.connection.run(page).await
    }
}

impl RedisStore {
    async fn page(
        &self,
        line: &Line,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let pattern = format!("{}*", literally(&format!("{}{prefix}", self.space)));
        let mut keys = FirstKeys::of(limit);
        for node in line.nodes().await? {
            let mut cursor = 0_u64;
            loop {
                let mut scan = cmd("SCAN");
                scan.arg(cursor)
                    .arg("MATCH")
                    .arg(&pattern)
                    .arg("COUNT")
                    .arg(STEP);
                let (next, names): (u64, Vec<Vec<u8>>) = line.ask_node(&node, scan).await?;
                keys.extend(names.into_iter().filter_map(|name| self.key(name, after)));
                cursor = next;
                if cursor == 0 {
                    break;
                }
            }
        }
        Ok(keys.into())
    }

    async fn value(&self, line: &Line, key: &str) -> Result<Option<Bytes>> {
        line.ask(cmd("GET").arg(self.name(key)?)).await
    }

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
