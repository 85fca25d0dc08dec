//! The entries of one moment.

use redb::{AccessGuard, ReadOnlyTable, ReadTransaction};

use super::{
    engine::guarded,
    record,
    tables::{ENTRIES, scan},
    time::Moment,
};
use crate::{Result, backend::Range};

/// The entries of one moment.
#[derive(Debug)]
pub(super) struct Snapshot {
    entries: ReadOnlyTable<&'static [u8], &'static [u8]>,
}

impl Snapshot {
    pub(super) fn of(transaction: &ReadTransaction) -> Result<Self> {
        let entries = transaction.open_table(ENTRIES)?;
        Ok(Self { entries })
    }

    /// What `look` makes of the record at a place.
    pub(super) fn get<T>(
        &self,
        place: &[u8],
        look: impl FnOnce(Option<&[u8]>) -> Result<T>,
    ) -> Result<T> {
        guarded(|| {
            let record = self.entries.get(place)?;
            look(record.as_ref().map(AccessGuard::value))
        })
    }

    /// Shows the places, deadlines and values of a range in order that are alive, until `see`
    /// answers false.
    pub(super) fn scan(
        &self,
        range: &Range,
        now: Moment,
        mut see: impl FnMut(&[u8], Option<Moment>, &[u8]) -> Result<bool>,
    ) -> Result<()> {
        guarded(|| {
            scan(&self.entries, range, |place, record| match record::living(
                place,
                Some(record),
                now,
            )? {
                Some((deadline, value)) => see(place, deadline, value),
                None => Ok(true),
            })
        })
    }
}
