//! The one who writes at present.

use redb::{AccessGuard, ReadableTable, Table, WriteTransaction};

use super::{
    record,
    tables::{DEADLINES, ENTRIES, RUNS, scan},
    time::Moment,
};
use crate::{Error, Result, backend::Range, place::as_slice};

/// The one who writes at present.
pub(super) struct Writer<'t> {
    transaction: &'t WriteTransaction,
    entries: Table<'t, &'static [u8], &'static [u8]>,
    deadlines: Option<Table<'t, &'static [u8], ()>>,
    written: usize,
}

impl<'t> Writer<'t> {
    pub(super) fn new(transaction: &'t WriteTransaction) -> Result<Self> {
        Ok(Self {
            entries: transaction.open_table(ENTRIES)?,
            deadlines: None,
            written: 0,
            transaction,
        })
    }

    /// How many changes there are to put on disk.
    pub(super) fn written(&self) -> usize {
        self.written
    }

    /// What `look` makes of the record at a place.
    pub(super) fn get<T>(
        &self,
        place: &[u8],
        look: impl FnOnce(Option<&[u8]>) -> Result<T>,
    ) -> Result<T> {
        let record = self.entries.get(place)?;
        look(record.as_ref().map(AccessGuard::value))
    }

    pub(super) fn scan(
        &self,
        range: &Range,
        see: impl FnMut(&[u8], &[u8]) -> Result<bool>,
    ) -> Result<()> {
        scan(&self.entries, range, see)
    }

    pub(super) fn put(
        &mut self,
        place: &[u8],
        deadline: Option<Moment>,
        value: &[u8],
    ) -> Result<()> {
        self.written += 1;
        let record = record::build(place, deadline, value);
        let replaced = {
            let replaced = self.entries.insert(place, record.as_slice())?;
            deadline_in(place, replaced)?.flatten()
        };
        if let Some(replaced) = replaced {
            self.deadlines()?
                .remove(behind(replaced, place).as_slice())?;
        }
        if let Some(deadline) = deadline {
            let index = behind(deadline, place);
            self.deadlines()?.insert(index.as_slice(), ())?;
        }
        Ok(())
    }

    /// Removes the record at a place. Says whether there was one that is alive.
    pub(super) fn remove(&mut self, place: &[u8], now: Moment) -> Result<bool> {
        let removed = {
            let removed = self.entries.remove(place)?;
            deadline_in(place, removed)?
        };
        let Some(deadline) = removed else {
            return Ok(false);
        };
        self.written += 1;
        if let Some(deadline) = deadline {
            self.deadlines()?
                .remove(behind(deadline, place).as_slice())?;
        }
        Ok(deadline.is_none_or(|deadline| now < deadline))
    }

    /// Removes everything in a range.
    pub(super) fn clear(&mut self, range: &Range) -> Result<()> {
        let mut deadlines = Vec::new();
        self.scan(range, |place, record| {
            // Of a damaged one nothing is known, and it goes as well.
            if let Ok((Some(deadline), _)) = record::parts(place, record) {
                deadlines.push(behind(deadline, place));
            }
            Ok(true)
        })?;
        self.written += 1;
        for index in deadlines {
            self.deadlines()?.remove(index.as_slice())?;
        }
        let bounds = (as_slice(&range.0), as_slice(&range.1));
        self.entries.retain_in::<&[u8], _>(bounds, |_, _| false)?;
        Ok(())
    }

    /// Removes some of what has expired, `count` at the most. Says how many.
    pub(super) fn remove_expired(&mut self, count: usize, now: Moment) -> Result<usize> {
        let mut removed = 0;
        while removed < count {
            let first = self.deadlines()?.first()?;
            let Some(index) = first.map(|(index, _)| index.value().to_owned()) else {
                break;
            };
            let (deadline, place) = deadline_of(&index)?;
            if now < deadline {
                break;
            }
            self.written += 1;
            self.deadlines()?.remove(index.as_slice())?;
            if self.is_over(place, now)? {
                self.entries.remove(place)?;
            }
            removed += 1;
        }
        Ok(removed)
    }

    /// Whether the record at a place says itself that it has expired. A deadline alone has no
    /// checksum.
    fn is_over(&self, place: &[u8], now: Moment) -> Result<bool> {
        self.get(place, |record| {
            let parts = record.map(|record| record::parts(place, record));
            Ok(matches!(parts, Some(Ok((Some(end), _))) if end <= now))
        })
    }

    pub(super) fn add_run(&mut self, name: &str) -> Result<()> {
        self.written += 1;
        self.transaction.open_table(RUNS)?.insert(name, ())?;
        Ok(())
    }

    pub(super) fn remove_run(&mut self, name: &str) -> Result<()> {
        self.written += 1;
        self.transaction.open_table(RUNS)?.remove(name)?;
        Ok(())
    }

    /// Opened when it is needed first: most writes have no deadline.
    pub(super) fn deadlines(&mut self) -> Result<&mut Table<'t, &'static [u8], ()>> {
        match &mut self.deadlines {
            Some(deadlines) => Ok(deadlines),
            none => Ok(none.insert(self.transaction.open_table(DEADLINES)?)),
        }
    }
}

/// The deadline of a record, where there is one.
fn deadline_in(
    place: &[u8],
    record: Option<AccessGuard<'_, &[u8]>>,
) -> Result<Option<Option<Moment>>> {
    record
        .map(|record| Ok(record::parts(place, record.value())?.0))
        .transpose()
}

/// A place behind its deadline, as it stands among the deadlines.
fn behind(deadline: Moment, place: &[u8]) -> Vec<u8> {
    [deadline.to_be_bytes().as_slice(), place].concat()
}

pub(super) fn deadline_of(index: &[u8]) -> Result<(Moment, &[u8])> {
    match index.split_first_chunk() {
        Some((deadline, place)) => Ok((Moment::from_be_bytes(*deadline), place)),
        None => Err(Error::damaged("a deadline ends early")),
    }
}

#[cfg(test)]
mod tests {
    use redb::{Database, backends::InMemoryBackend};

    use super::*;

    #[test]
    fn a_wrong_deadline_removes_nothing() -> Result<()> {
        let database = Database::builder().create_with_backend(InMemoryBackend::new())?;
        let transaction = database.begin_write()?;
        let mut writer = Writer::new(&transaction)?;
        writer.put(b"plain", None, b"1")?;
        writer.put(b"later", Some(20), b"2")?;
        writer.put(b"over", Some(5), b"3")?;
        for place in [b"plain", b"later"] {
            writer
                .deadlines()?
                .insert(behind(1, place).as_slice(), ())?;
        }
        assert_eq!(writer.remove_expired(10, 10)?, 3);
        let is_there = |place: &[u8]| writer.get(place, |record| Ok(record.is_some()));
        assert!(is_there(b"plain")? && is_there(b"later")? && !is_there(b"over")?);
        Ok(())
    }
}
