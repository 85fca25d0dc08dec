//! Where a database lies in etcd: below its quoted name, `run/` and a name for each run that has
//! begun, `entry/` and a place for each entry, and `format`, the number of this layout.

use std::ops::Bound;

use bytes::Bytes;
use omni_kv_embedded::{Error, Result, RunId, backend::Range};
use omni_kv_parts::{Sealed, quoted};

use crate::{
    message::{Entry, Put},
    span::{Span, behind, just_behind},
};

/// The longest name of a database, in bytes.
pub const LONGEST_NAME: usize = 1_024;

const KNOWN_FORMAT: u64 = 1;

#[derive(Debug)]
pub(super) struct Layout {
    format: String,
    runs: String,
    entries: String,
}

impl Layout {
    pub(super) fn of(database: &str) -> Result<Self> {
        let (length, limit) = (database.len(), LONGEST_NAME);
        if length > limit {
            return Err(Error::KeyTooLong { length, limit });
        }
        let name = quoted(database);
        Ok(Self {
            format: format!("{name}/format"),
            runs: format!("{name}/run/"),
            entries: format!("{name}/entry/"),
        })
    }

    /// What says how the database is laid out.
    pub(super) fn format(&self) -> Put {
        let format = Sealed::new(KNOWN_FORMAT.to_string(), None);
        Put {
            key: self.format.clone().into(),
            value: format.to_bytes(),
            ..Put::default()
        }
    }

    /// Refuses a database that a later version has laid out. A new one says nothing yet.
    pub(super) fn check(&self, format: Option<Entry>) -> Result<()> {
        let Some(format) = format else {
            return Ok(());
        };
        let format = Sealed::from_bytes(format.value)?.value;
        let found = str::from_utf8(&format)
            .ok()
            .and_then(|found| found.parse().ok());
        match found {
            Some(found) if found > KNOWN_FORMAT => {
                let known = KNOWN_FORMAT;
                Err(Error::Newer { found, known })
            }
            Some(_) => Ok(()),
            None => Err(foreign()),
        }
    }

    /// The name that is there as long as the run is.
    pub(super) fn mark(&self, run: &RunId) -> Bytes {
        format!("{}{run}", self.runs).into()
    }

    /// The run that has this mark.
    pub(super) fn run(&self, mark: &[u8]) -> Result<RunId> {
        let name = mark.strip_prefix(self.runs.as_bytes());
        let name = name.and_then(|name| str::from_utf8(name).ok());
        name.map(RunId::from).ok_or_else(foreign)
    }

    /// The marks of all runs.
    pub(super) fn marks(&self) -> Span {
        (self.runs.clone().into(), behind(&self.runs))
    }

    /// The name of the entry at a place.
    pub(super) fn name(&self, place: &[u8]) -> Bytes {
        [self.entries.as_bytes(), place].concat().into()
    }

    /// The place of the entry that has this name.
    pub(super) fn place<'n>(&self, name: &'n [u8]) -> Result<&'n [u8]> {
        name.strip_prefix(self.entries.as_bytes())
            .ok_or_else(foreign)
    }

    pub(super) fn span(&self, (start, end): &Range) -> Span {
        let start = match start {
            Bound::Included(place) => self.name(place),
            Bound::Excluded(place) => just_behind(&self.name(place)),
            Bound::Unbounded => self.name(b""),
        };
        let end = match end {
            Bound::Included(place) => just_behind(&self.name(place)),
            Bound::Excluded(place) => self.name(place),
            Bound::Unbounded => behind(&self.entries),
        };
        (start, end)
    }
}

fn foreign() -> Error {
    Error::Backend("a name in the midst of the database that is not its own".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_their_database_alone() -> Result<()> {
        let (app, other) = (Layout::of("my app")?, Layout::of("my")?);
        let run = RunId::from("run/entry");
        assert_eq!(app.mark(&run), "my=20app/run/run/entry");
        assert_eq!(app.run(&app.mark(&run))?, run);
        assert!(other.run(&app.mark(&run)).is_err());
        assert_eq!(app.place(&app.name(b"\xff\0"))?, b"\xff\0");
        assert!(other.place(&app.name(b"place")).is_err());
        Ok(())
    }

    #[test]
    fn a_span_holds_the_names_of_its_places_alone() -> Result<()> {
        let layout = Layout::of("app")?;
        let lies = |place: &[u8], range| {
            let (start, end) = layout.span(&range);
            let name = layout.name(place);
            start <= name && name < end
        };
        let bound = |place: &[u8]| place.to_vec();
        let (a, b) = (bound(b"a"), bound(b"b"));
        assert!(lies(b"a", (Bound::Included(a.clone()), Bound::Unbounded)));
        assert!(!lies(b"a", (Bound::Excluded(a.clone()), Bound::Unbounded)));
        assert!(lies(b"a\0", (Bound::Excluded(a), Bound::Unbounded)));
        assert!(lies(b"b", (Bound::Unbounded, Bound::Included(b.clone()))));
        assert!(!lies(b"b", (Bound::Unbounded, Bound::Excluded(b.clone()))));
        assert!(!lies(b"b\0", (Bound::Unbounded, Bound::Included(b))));
        assert!(lies(b"\xff\xff", (Bound::Unbounded, Bound::Unbounded)));
        Ok(())
    }
}
