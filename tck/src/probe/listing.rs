//! Listings, from the first page to the last.

use std::{collections::BTreeSet, num::NonZeroUsize};

use bytes::Bytes;
use tck_api::{ErrorKind::InvalidKey, Listing, Page, Result};

use crate::{
    answer::{Answer, breach},
    check::{Check, Stop},
    shown::{self, Recorded, Shown},
    subject::Subject,
};

/// No limit.
pub(crate) const ALL: NonZeroUsize = NonZeroUsize::MAX;
/// Pages on which hardly anything fits.
pub(crate) const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// How many pages a listing may take. Those with nothing on them count.
const PAGES: usize = 10_000;

impl Subject {
    pub(crate) async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Answer<Page<String>> {
        self.answer(self.recorded().list(prefix, after, limit).await)
    }

    /// Expects exactly these keys, with and without their values.
    pub(crate) async fn lists<K: AsRef<str>>(&self, prefix: &str, expected: &[K]) -> Check {
        self.lists_by(ALL, prefix, expected).await
    }

    /// Expects exactly these keys on pages of that length, with and without their values.
    pub(crate) async fn lists_by<K: AsRef<str>>(
        &self,
        limit: NonZeroUsize,
        prefix: &str,
        expected: &[K],
    ) -> Check {
        let listed = self.walk(Walk::new(limit), prefix).await?;
        self.are_keys(expected, &listed)?;
        let listed = self.walk_with_values(Walk::new(limit), prefix).await?;
        let keys: Vec<_> = listed.into_iter().map(|(key, _)| key).collect();
        self.are_keys(expected, &keys)
    }

    /// The keys to the end of the walk.
    pub(crate) async fn walk(&self, walk: Walk<String>, prefix: &str) -> Check<Vec<String>> {
        let listed = walk_through(&*self.recorded(), walk, prefix).await;
        self.at_last_step(listed)
    }

    /// The keys to the end of the walk, with their values.
    pub(crate) async fn walk_with_values(
        &self,
        walk: Walk<(String, Bytes)>,
        prefix: &str,
    ) -> Check<Vec<(String, Bytes)>> {
        let listed = walk_through_pairs(&*self.recorded(), walk, prefix).await;
        self.at_last_step(listed)
    }

    /// Where a breach names no step, it is the last one.
    pub(crate) fn at_last_step<T>(&self, check: Check<T>) -> Check<T> {
        check.map_err(|stop| match stop {
            Stop::Breach(mut breach) => {
                breach.step = breach.step.or(self.last_step());
                Stop::Breach(breach)
            }
            other => other,
        })
    }

    /// Expects exactly these keys with these values, at once and on short pages.
    pub(crate) async fn lists_pairs(&self, expected: &[(String, Bytes)]) -> Check {
        for limit in [ALL, TWO] {
            let listed = self.walk_with_values(Walk::new(limit), "").await?;
            let keys: Vec<_> = listed.iter().map(|(key, _)| key.clone()).collect();
            let wanted: Vec<_> = expected.iter().map(|(key, _)| key).collect();
            self.are_keys(&wanted, &keys)?;
            for (wanted, listed) in expected.iter().zip(&listed) {
                if wanted != listed {
                    let observed = shown::pair(listed) + &shown::difference(&wanted.1, &listed.1);
                    return Err(breach(shown::pair(wanted), observed, self.last_step()));
                }
            }
        }
        Ok(())
    }

    /// Expects these keys in this order.
    pub(crate) fn are_keys<K: AsRef<str>>(&self, expected: &[K], listed: &[String]) -> Check {
        are_keys(expected, listed, self.last_step())
    }

    /// Sets each key and answers with those that the store takes, in order.
    pub(crate) async fn keep(&self, mut keys: Vec<String>) -> Check<Vec<String>> {
        let mut kept = Vec::new();
        keys.sort();
        for key in keys {
            let answer = self.set(&key, key.clone()).await;
            if answer.is_done_unless(InvalidKey)? {
                kept.push(key);
            }
        }
        Ok(kept)
    }
}

/// Expects that these keys were listed, in this order.
pub(crate) fn are_keys<K: AsRef<str>>(
    expected: &[K],
    listed: &[String],
    step: Option<usize>,
) -> Check {
    let expected: Vec<&str> = expected.iter().map(AsRef::as_ref).collect();
    let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
    if expected == listed {
        return Ok(());
    }
    let difference = difference(&expected, &listed);
    let observed = format!("{}: {difference}", shown::keys(&listed));
    Err(breach(shown::keys(&expected), observed, step))
}

/// The keys to the end of the walk, also for callers side by side.
pub(crate) async fn walk_through(
    store: &impl Listing,
    mut walk: Walk<String>,
    prefix: &str,
) -> Check<Vec<String>> {
    while let Some(after) = walk.next() {
        let page = store.list(prefix, after.as_deref(), walk.limit).await;
        walk.take(page, String::as_str)?;
    }
    Ok(walk.items)
}

/// The keys to the end of the walk with their values, also for callers side by side.
pub(crate) async fn walk_through_pairs(
    store: &impl Listing,
    mut walk: Walk<(String, Bytes)>,
    prefix: &str,
) -> Check<Vec<(String, Bytes)>> {
    while let Some(after) = walk.next() {
        let page = store
            .list_with_values(prefix, after.as_deref(), walk.limit)
            .await;
        walk.take(page, |(key, _)| key)?;
    }
    Ok(walk.items)
}

/// A way through a listing, page by page, and what has been listed so far.
pub(crate) struct Walk<T> {
    pub(crate) limit: NonZeroUsize,
    next: Option<Option<String>>,
    pages: usize,
    pub(crate) items: Vec<T>,
}

impl<T> Walk<T>
where
    Page<T>: Recorded,
{
    pub(crate) fn new(limit: NonZeroUsize) -> Self {
        Self {
            limit,
            next: Some(None),
            pages: 0,
            items: Vec::new(),
        }
    }

    /// One that begins after a text.
    pub(crate) fn after(limit: NonZeroUsize, after: &str) -> Self {
        Self {
            next: Some(Some(after.to_owned())),
            ..Self::new(limit)
        }
    }

    /// What the next page comes after, or `None` at the end.
    pub(crate) fn next(&self) -> Option<Option<String>> {
        self.next.clone()
    }

    /// Adds a page, and expects that it is one and leads on.
    pub(crate) fn take(&mut self, page: Result<Page<T>>, key: impl Fn(&T) -> &str) -> Check {
        let observed = page.shown();
        let wrong = |expected: String| Err(breach(expected, observed, None));
        let Ok(page) = page else {
            return wrong("Ok".to_owned());
        };
        if page.items.len() > self.limit.get() {
            return wrong(format!("{} keys at the most", self.limit));
        }
        let after = self.next.take().flatten();
        if let Some(next) = &page.next {
            let last = page.items.last().map(key);
            if after.as_deref() >= Some(next) || last > Some(next) {
                let reached = shown::key(last.or(after.as_deref()).unwrap_or_default());
                return wrong(format!("a next page that comes after {reached}"));
            }
        }
        self.pages += 1;
        if self.pages == PAGES {
            return wrong(format!("an end before {PAGES} pages"));
        }
        self.items.extend(page.items);
        self.next = page.next.map(Some);
        Ok(())
    }
}

/// How two different lists of keys differ, in words.
fn difference(expected: &[&str], listed: &[&str]) -> String {
    let wanted: BTreeSet<_> = expected.iter().collect();
    let mut there = BTreeSet::new();
    let twice: Vec<_> = listed.iter().filter(|key| !there.insert(*key)).collect();
    let missing: Vec<_> = wanted.difference(&there).collect();
    let strange: Vec<_> = there.difference(&wanted).collect();
    let mut words = Vec::new();
    for (word, keys) in [
        ("without", missing.iter().map(|key| ***key).collect()),
        ("with", strange.iter().map(|key| ***key).collect()),
        ("twice", twice.iter().map(|key| **key).collect::<Vec<_>>()),
    ] {
        if !keys.is_empty() {
            words.push(format!("{word} {}", shown::keys(&keys)));
        }
    }
    if words.is_empty() {
        let places = expected.iter().zip(listed);
        let (wanted, other) = places
            .into_iter()
            .find(|(wanted, other)| wanted != other)
            .unwrap_or((&"", &""));
        words.push(format!(
            "{} before {}",
            shown::key(other),
            shown::key(wanted)
        ));
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_the_keys() {
        let expected = ["a", "b", "c"];
        assert_eq!(difference(&expected, &["a", "c"]), r#"without ["b"]"#);
        assert_eq!(
            difference(&expected, &["a", "a", "b", "c", "d"]),
            r#"with ["d"], twice ["a"]"#
        );
        assert_eq!(difference(&expected, &["a", "c", "b"]), r#""c" before "b""#);
    }
}
