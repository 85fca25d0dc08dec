//! Where a key lies: the one place where the keys of the engine are built.
//!
//! A run's length and name, the tag of the primitive, the key. The length in front keeps runs
//! apart whatever their names contain, and everything of a run, of a primitive in it or below
//! a prefix is one range.

use std::ops::Bound;

use crate::{Error, Result, RunId, backend::Range};

/// The longest key, and the longest name of a run, in bytes.
pub const LONGEST_KEY: usize = 65_535;

/// Which primitive an entry belongs to, so that several share a run and a transaction.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct TypeTag(pub u8);

impl TypeTag {
    /// The key-value primitive.
    pub const KV: Self = Self(1);
}

/// The places of one primitive in one run.
#[derive(Clone, Debug)]
pub(crate) struct Space(Vec<u8>);

impl Space {
    pub(crate) fn new(run: &RunId, tag: TypeTag) -> Result<Self> {
        let mut space = of_run(run)?;
        space.push(tag.0);
        Ok(Self(space))
    }

    /// The place of a key.
    pub(crate) fn place(&self, key: &str) -> Result<Vec<u8>> {
        check(key)?;
        Ok(self.join(key))
    }

    /// The places of the keys that begin with `prefix` and come after `after`.
    pub(crate) fn range(&self, prefix: &str, after: Option<&str>) -> Range {
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(self.join(after)),
            _ => Bound::Included(self.join(prefix)),
        };
        (start, end(self.join(prefix)))
    }

    /// The key at a place of this space.
    pub(crate) fn key<'p>(&self, place: &'p [u8]) -> Result<&'p str> {
        let key = place.strip_prefix(self.0.as_slice());
        let key = key.ok_or_else(|| Error::damaged("a key of another run"))?;
        str::from_utf8(key).map_err(|_| Error::damaged("a key is no text"))
    }

    fn join(&self, key: &str) -> Vec<u8> {
        [self.0.as_slice(), key.as_bytes()].concat()
    }
}

/// All places of a run.
pub(crate) fn all_of(run: &RunId) -> Result<Range> {
    let start = of_run(run)?;
    Ok((Bound::Included(start.clone()), end(start)))
}

fn of_run(run: &RunId) -> Result<Vec<u8>> {
    let name = run.as_str();
    check(name)?;
    let length = (name.len() as u16).to_be_bytes();
    Ok([length.as_slice(), name.as_bytes()].concat())
}

fn check(key: &str) -> Result<()> {
    let (length, limit) = (key.len(), LONGEST_KEY);
    if length > limit {
        return Err(Error::KeyTooLong { length, limit });
    }
    Ok(())
}

pub(crate) fn as_slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    bound.as_ref().map(Vec::as_slice)
}

/// Whether a range ends before it starts.
pub(crate) fn is_empty(range: &Range) -> bool {
    match range {
        (Bound::Excluded(start), Bound::Excluded(end))
        | (Bound::Included(start), Bound::Excluded(end)) => start >= end,
        _ => false,
    }
}

/// Where the places end that begin with `prefix`: before it with its last byte raised.
fn end(mut prefix: Vec<u8>) -> Bound<Vec<u8>> {
    while let Some(last) = prefix.pop() {
        if let Some(raised) = last.checked_add(1) {
            prefix.push(raised);
            return Bound::Excluded(prefix);
        }
    }
    Bound::Unbounded
}

#[cfg(test)]
mod tests {
    use std::ops::RangeBounds;

    use super::*;

    fn place(run: &str, key: &str) -> Vec<u8> {
        let space = Space::new(&run.into(), TypeTag::KV).unwrap();
        space.place(key).unwrap()
    }

    #[test]
    fn runs_and_keys_that_join_to_the_same_text_are_told_apart() {
        assert_ne!(place("a", "b:c"), place("a:b", "c"));
        assert_ne!(place("", "ab"), place("a", "b"));
        assert_ne!(place("a", "\u{1}b"), place("a\u{1}", "b"));
    }

    #[test]
    fn a_place_of_another_run_is_in_no_range_of_this_one() {
        let range = all_of(&"run".into()).unwrap();
        assert!(range.contains(&place("run", "")));
        assert!(range.contains(&place("run", "\u{10ffff}")));
        for other in ["", "ru", "runs", "ruo", "RUN"] {
            assert!(!range.contains(&place(other, "key")), "{other}");
        }
    }

    #[test]
    fn the_end_of_a_range_carries() {
        let end_of = |prefix: &[u8]| end(prefix.to_vec());
        assert_eq!(end_of(b"a"), Bound::Excluded(b"b".to_vec()));
        assert_eq!(end_of(b"a\xff\xff"), Bound::Excluded(b"b".to_vec()));
        assert_eq!(end_of(b"\xff"), Bound::Unbounded);
        assert_eq!(end_of(b""), Bound::Unbounded);
    }

    #[test]
    fn a_key_is_found_in_its_place() {
        let space = Space::new(&"run".into(), TypeTag::KV).unwrap();
        assert_eq!(space.key(&space.place("key").unwrap()).unwrap(), "key");
    }
}
