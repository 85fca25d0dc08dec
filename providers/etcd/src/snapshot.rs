//! What a transaction has read: all of one revision, and what its commit relies on.

use std::collections::BTreeMap;

use bytes::Bytes;
use omni_kv_parts::{Deadline, Moment, Sealed};
use tck_api::{Error, Result};

use crate::{
    error::is_compacted,
    message::{Compare, Found, Range},
    span::{Living, Span, just_behind},
};

/// What was read, and of which revision. It asks nobody itself.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// Zero before the first read.
    revision: i64,
    /// Not after the revision: what expires later is there beside all that is of it.
    begun: Moment,
    /// By name the revision that has written what was found, zero where there was nothing.
    seen: BTreeMap<Bytes, i64>,
    listed: Spans,
    /// When the first of what was found alive expires.
    until: Option<Deadline>,
}

impl Snapshot {
    pub(crate) fn new() -> Self {
        Self {
            revision: 0,
            begun: Moment::now(),
            seen: BTreeMap::new(),
            listed: Spans::default(),
            until: None,
        }
    }

    /// The revision to ask for next, zero where the answer is to settle it.
    pub(crate) fn revision(&mut self) -> i64 {
        if self.revision == 0 {
            self.begun = Moment::now();
        }
        self.revision
    }

    /// The moment that decides what has expired.
    pub(crate) fn begun(&self) -> Moment {
        self.begun
    }

    /// How the entry of a name is asked for.
    pub(crate) fn range(&mut self, name: Bytes) -> Range {
        Range {
            revision: self.revision(),
            ..Range::of(name)
        }
    }

    /// Remembers what was found under a name, and says what that is.
    pub(crate) fn read(&mut self, name: Bytes, found: Found) -> Result<Option<Bytes>> {
        self.is_of(found.revision());
        let entry = found.into_entry();
        let revision = entry.as_ref().map_or(0, |entry| entry.mod_revision);
        let sealed = entry.map(|entry| Sealed::from_bytes(entry.value));
        let alive = sealed.transpose()?.filter(|sealed| self.begun.sees(sealed));
        if alive.is_none() && revision > 0 {
            // That what has expired is removed is no change.
            let behind = just_behind(&name);
            self.rely_on_all((name, behind));
        } else {
            self.seen.entry(name).or_insert(revision);
        }
        self.shows(alive.as_ref().and_then(|sealed| sealed.deadline));
        self.is_of_one_moment()?;
        Ok(alive.map(|sealed| sealed.value))
    }

    /// Remembers when something that was found alive expires.
    pub(crate) fn shows(&mut self, deadline: Option<Deadline>) {
        self.until = self.until.into_iter().chain(deadline).min();
    }

    /// Expects that all that was found alive still is: by now it is shown to nobody, and without
    /// it the rest is of a moment that never was.
    pub(crate) fn is_of_one_moment(&self) -> Result<()> {
        is_alive(self.until)
    }

    /// What is read from now on is of this revision, unless that is settled.
    pub(crate) fn is_of(&mut self, revision: i64) {
        if self.revision == 0 {
            self.revision = revision;
        }
    }

    /// The commit relies on it that this is what is there.
    pub(crate) fn rely_on(&mut self, living: Living) {
        self.shows(living.deadline);
        self.seen.insert(living.name, living.revision);
    }

    /// The commit relies on it that nothing else is in a span.
    pub(crate) fn rely_on_all(&mut self, span: Span) {
        self.listed.add(span);
    }

    /// What the commit relies on.
    pub(crate) fn conditions(&self) -> Conditions {
        let seen = self.seen.iter();
        let seen = seen.map(|(name, revision)| Compare::is(name.clone(), *revision));
        let listed =
            self.listed.0.iter().map(|(start, end)| {
                Compare::is_unchanged(start.clone(), end.clone(), self.revision)
            });
        Conditions {
            compare: seen.chain(listed).collect(),
            until: self.until,
        }
    }
}

/// What has to be so for a write.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    /// What etcd has to find.
    pub(crate) compare: Vec<Compare>,
    /// When the first of what was found alive expires, which etcd does not know.
    until: Option<Deadline>,
}

impl Conditions {
    /// Expects that nothing has expired on which the write relies.
    pub(crate) fn are_of_one_moment(&self) -> Result<()> {
        is_alive(self.until)
    }
}

impl From<Vec<Compare>> for Conditions {
    fn from(compare: Vec<Compare>) -> Self {
        Self {
            compare,
            until: None,
        }
    }
}

fn is_alive(until: Option<Deadline>) -> Result<()> {
    if until.is_some_and(Deadline::is_past) {
        return Err(Error::conflict("what was read has expired"));
    }
    Ok(())
}

/// The error of a read: what etcd has forgotten has changed since.
pub(crate) fn conflicting(error: Error) -> Error {
    if is_compacted(&error) {
        Error::conflict("what was read is older than what etcd remembers")
    } else {
        error
    }
}

/// Spans of names, none of which touches another.
#[derive(Debug, Default)]
struct Spans(Vec<Span>);

impl Spans {
    fn add(&mut self, (mut start, mut end): Span) {
        if start >= end {
            return;
        }
        self.0.retain(|(first, last)| {
            let touches = *first <= end && start <= *last;
            if touches {
                start = start.clone().min(first.clone());
                end = end.clone().max(last.clone());
            }
            !touches
        });
        self.0.push((start, end));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tck_api::ErrorKind;

    use super::*;
    use crate::message::{Entry, Header};

    fn found(deadline: Option<Deadline>) -> Found {
        Found {
            header: Some(Header { revision: 7 }),
            kvs: vec![Entry {
                mod_revision: 7,
                value: Sealed::new("value", deadline).to_bytes(),
                ..Entry::default()
            }],
            more: false,
        }
    }

    #[test]
    fn what_was_alive_when_it_began_is_not_found_absent() -> Result<()> {
        let mut snapshot = Snapshot::new();
        let brief = Deadline::after(Duration::from_millis(1));
        snapshot.read("mark".into(), found(None))?;
        while brief.is_some_and(|brief| !brief.is_past()) {}
        let read = snapshot.read("lease".into(), found(brief));
        assert_eq!(read.map_err(|error| error.kind()), Err(ErrorKind::Conflict));
        assert!(snapshot.conditions().are_of_one_moment().is_err());
        // It is no reason for one that begins later.
        let mut later = Snapshot::new();
        assert_eq!(later.read("lease".into(), found(brief))?, None);
        later.conditions().are_of_one_moment()
    }

    #[test]
    fn spans_that_touch_are_one() {
        let mut spans = Spans::default();
        for (start, end) in [("a", "c"), ("x", "z"), ("c", "d"), ("b", "c"), ("q", "q")] {
            spans.add((start.into(), end.into()));
        }
        spans.0.sort();
        assert_eq!(
            spans.0,
            [("a".into(), "d".into()), ("x".into(), "z".into())]
        );
    }
}
