//! Keys in the order in which etcd keeps them.

use std::{collections::BTreeSet, num::NonZeroUsize};

use async_trait::async_trait;
use bytes::Bytes;
use tck_api::{Error, Listing, Page, Result};

use crate::{
    EtcdStore,
    message::{Entry, Operation, Range, Txn},
    store::alive,
};

/// How many keys are asked for at a time, at the most.
const KEYS: usize = 1_000;

/// How many values are asked for at a time, each of which may be large.
const VALUES: usize = 32;

/// What one request finds.
pub(crate) struct Part {
    /// The revision that was current, or that was asked for.
    pub(crate) revision: i64,
    /// Where it begins and where it ends, in names.
    pub(crate) bounds: (Bytes, Bytes),
    /// Its keys with their entries.
    pub(crate) entries: Vec<(String, Entry)>,
    /// The key after which there is more, if there is more.
    pub(crate) next: Option<String>,
}

/// How a part is asked for.
pub(crate) struct Wanted {
    pub(crate) limit: usize,
    /// Zero for the present.
    pub(crate) revision: i64,
    pub(crate) keys_only: bool,
}

impl EtcdStore {
    /// The keys with this prefix, expired ones as well.
    pub(crate) async fn part(
        &self,
        prefix: &str,
        after: Option<&str>,
        wanted: Wanted,
    ) -> Result<Part> {
        let space = format!("{}{prefix}", self.space);
        let after = after.map(|after| format!("{}{after}\0", self.space));
        let start = after.map_or(space.clone(), |after| after.max(space.clone()));
        let end = behind(&space);
        let bounds = (Bytes::from(start), Bytes::from(end));
        let mut part = Part {
            revision: wanted.revision,
            bounds: bounds.clone(),
            entries: Vec::new(),
            next: None,
        };
        let (start, end) = bounds;
        if start >= end {
            part.bounds = (start.clone(), start);
            return Ok(part);
        }
        let range = Range {
            key: start.clone().into(),
            range_end: Some(end.into()),
            limit: wanted.limit,
            revision: wanted.revision,
            keys_only: wanted.keys_only,
        };
        let found = self.connection.range(&range).await?;
        if part.revision == 0 {
            part.revision = found.header.revision;
        }
        part.entries.reserve(found.kvs.len());
        for entry in found.kvs {
            let key = str::from_utf8(&entry.key.0).ok();
            let key = key.and_then(|name| name.strip_prefix(&self.space));
            let foreign = || Error::backend("a key that is no text, in the midst of the namespace");
            let key = key.ok_or_else(foreign)?.to_owned();
            part.entries.push((key, entry));
        }
        if found.more {
            part.next = part.entries.last().map(|(key, _)| key.clone());
            if let Some(next) = &part.next {
                part.bounds = (start, format!("{}{next}\0", self.space).into());
            }
        }
        Ok(part)
    }

    /// The keys of those of a part that have not expired at a revision, zero for the present.
    pub(crate) async fn living(
        &self,
        entries: &[(String, Entry)],
        revision: i64,
    ) -> Result<Vec<String>> {
        // Nothing expires without a lease; the others say in their values when they do.
        let leased = entries.iter().filter(|(_, entry)| entry.lease != 0);
        let leased: Vec<_> = leased.map(|(key, _)| key).collect();
        let mut gone: BTreeSet<_> = leased.iter().map(|key| key.as_str()).collect();
        for keys in leased.chunks(VALUES) {
            let mut txn = Txn::default();
            for key in keys {
                let mut range = Range::of(&format!("{}{key}", self.space));
                range.revision = revision;
                txn.success.push(Operation::Range(range));
            }
            let decided = self.connection.decide(&txn).await?;
            for (key, response) in keys.iter().zip(decided.responses) {
                let entry = response.response_range.kvs.into_iter().next();
                if entry.map(alive).transpose()?.flatten().is_some() {
                    gone.remove(key.as_str());
                }
            }
        }
        let keys = entries.iter().map(|(key, _)| key);
        let keys = keys.filter(|key| !gone.contains(key.as_str()));
        Ok(keys.cloned().collect())
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
            let part = self.part(prefix, after, wanted).await?;
            Ok(Page {
                items: self.living(&part.entries, 0).await?,
                next: part.next,
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
        let part = self.part(prefix, after, wanted).await?;
        let mut items = Vec::with_capacity(part.entries.len());
        for (key, entry) in part.entries {
            if let Some(value) = alive(entry)? {
                items.push((key, value));
            }
        }
        let next = part.next;
        Ok(Page { items, next })
    }
}

/// The first name behind all that begin with this one.
fn behind(name: &str) -> Vec<u8> {
    let mut name = name.as_bytes().to_vec();
    // No byte of a text is the highest.
    if let Some(last) = name.last_mut() {
        *last = last.saturating_add(1);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_behind_its_prefix() {
        for prefix in ["a/", "a/b", "a/\u{10ffff}", "a/\u{7f}"] {
            let end = behind(prefix);
            for key in ["", "\0", "z", "\u{10ffff}"] {
                assert!(format!("{prefix}{key}").as_bytes() < end.as_slice());
            }
        }
        assert!(behind("a/b").as_slice() <= &b"a/c"[..]);
    }
}
