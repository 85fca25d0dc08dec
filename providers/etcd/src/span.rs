//! Stretches of names, and what lies in them.

use std::collections::BTreeMap;

use bytes::Bytes;
use omni_kv_parts::{Deadline, Moment, Sealed};
use tck_api::Result;

use crate::{
    connection::Connection,
    message::{Entry, Range, Txn},
};

/// How many values are asked for at a time, each of which may be large.
pub(crate) const VALUES: usize = 32;

/// From a name on, to before another.
pub(crate) type Span = (Bytes, Bytes);

/// How a part of a span is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) limit: usize,
    /// Zero for the present.
    pub(crate) revision: i64,
    pub(crate) keys_only: bool,
}

/// What one request finds.
#[derive(Debug)]
pub(crate) struct Part {
    /// The revision that was current, or that was asked for.
    pub(crate) revision: i64,
    /// How far it reaches.
    pub(crate) span: Span,
    /// Its entries, expired ones as well.
    pub(crate) entries: Vec<Entry>,
    /// The name after which there is more, if there is more.
    pub(crate) next: Option<Bytes>,
}

/// An entry that has not expired.
#[derive(Clone, Debug)]
pub(crate) struct Living {
    pub(crate) name: Bytes,
    /// The revision that has written it.
    pub(crate) revision: i64,
    pub(crate) deadline: Option<Deadline>,
}

impl Connection {
    /// The first entries of a span.
    pub(crate) async fn part(&self, (start, end): Span, wanted: Wanted) -> Result<Part> {
        if start >= end {
            return Ok(Part {
                revision: wanted.revision,
                span: (start.clone(), start),
                entries: Vec::new(),
                next: None,
            });
        }
        let range = Range {
            key: start.clone(),
            range_end: end.clone(),
            limit: i64::try_from(wanted.limit).unwrap_or(i64::MAX),
            revision: wanted.revision,
            keys_only: wanted.keys_only,
        };
        let found = self.ask(&range).await?;
        let last = found.kvs.last().filter(|_| found.more);
        let next = last.map(|entry| entry.key.clone());
        Ok(Part {
            revision: match wanted.revision {
                0 => found.revision(),
                revision => revision,
            },
            span: (start, next.as_deref().map_or(end, just_behind)),
            entries: found.kvs,
            next,
        })
    }

    /// Those entries of a part without values that have not expired at a moment, as they are at
    /// a revision, zero for the present.
    pub(crate) async fn living(
        &self,
        entries: Vec<Entry>,
        revision: i64,
        moment: Moment,
    ) -> Result<Vec<Living>> {
        // Nothing expires without a lease; the others say in their values when they do.
        let leased = entries.iter().filter(|entry| entry.lease != 0);
        let leased: Vec<_> = leased.map(|entry| entry.key.clone()).collect();
        let mut deadlines = BTreeMap::new();
        for names in leased.chunks(VALUES) {
            let mut txn = Txn::default();
            for name in names {
                let mut range = Range::of(name.clone());
                range.revision = revision;
                txn.success.push(range.into());
            }
            let decided = self.ask(&txn).await?;
            for (name, response) in names.iter().zip(decided.responses) {
                let entry = response.into_entry();
                let sealed = entry.map(|entry| Sealed::from_bytes(entry.value));
                if let Some(sealed) = sealed.transpose()?.filter(|sealed| moment.sees(sealed)) {
                    deadlines.insert(name.clone(), sealed.deadline);
                }
            }
        }
        let living = entries.into_iter().filter_map(|entry| {
            let name = entry.key;
            let deadline = match entry.lease {
                0 => None,
                _ => *deadlines.get(&name)?,
            };
            Some(Living {
                name,
                revision: entry.mod_revision,
                deadline,
            })
        });
        Ok(living.collect())
    }
}

/// The first name behind this one.
pub(crate) fn just_behind(name: &[u8]) -> Bytes {
    [name, b"\0"].concat().into()
}

/// The first name behind all that begin with this text.
pub(crate) fn behind(text: &str) -> Bytes {
    let mut name = text.as_bytes().to_vec();
    // No byte of a text is the highest.
    if let Some(last) = name.last_mut() {
        *last = last.saturating_add(1);
    }
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_ends_behind_its_prefix() {
        for prefix in ["a/", "a/b", "a/\u{10ffff}", "a/\u{7f}"] {
            let end = behind(prefix);
            for key in ["", "\0", "z", "\u{10ffff}"] {
                assert!(format!("{prefix}{key}").as_bytes() < end);
            }
        }
        assert!(behind("a/b") <= "a/c");
    }
}
