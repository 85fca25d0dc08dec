//! The tables of a file.

use redb::{Database, ReadTransaction, ReadableTable, TableDefinition, TableHandle};

use super::{time::Moment, writer::deadline_of};
use crate::{
    Error, Result,
    backend::Range,
    place::{as_slice, is_empty},
};

/// Records by their place.
pub(super) const ENTRIES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entries");
/// The places of entries that expire, each behind its deadline.
pub(super) const DEADLINES: TableDefinition<'_, &[u8], ()> = TableDefinition::new("deadlines");
/// The names of the runs that were begun.
pub(super) const RUNS: TableDefinition<'_, &str, ()> = TableDefinition::new("runs");
/// Facts about the file.
const FACTS: TableDefinition<'_, &str, u64> = TableDefinition::new("facts");

const FORMAT: &str = "format";
const KNOWN_FORMAT: u64 = 1;

/// Makes the tables of a new file, and looks whether an old one is of this kind.
pub(super) fn prepare(database: &Database) -> Result<()> {
    let transaction = database.begin_write()?;
    let tables: Vec<_> = transaction.list_tables()?.collect();
    let is_new = tables.is_empty();
    let is_known = tables.iter().any(|table| table.name() == FACTS.name());
    if !is_new && !is_known {
        let reason = "the file belongs to another program".to_owned();
        return Err(Error::Foreign { reason });
    }
    {
        let mut facts = transaction.open_table(FACTS)?;
        let format = facts.get(FORMAT)?.map(|format| format.value());
        match format {
            None => {
                facts.insert(FORMAT, KNOWN_FORMAT)?;
            }
            Some(found) if found > KNOWN_FORMAT => {
                let known = KNOWN_FORMAT;
                return Err(Error::Newer { found, known });
            }
            Some(_) => {}
        }
        transaction.open_table(ENTRIES)?;
        transaction.open_table(DEADLINES)?;
        transaction.open_table(RUNS)?;
    }
    if is_new {
        transaction.commit()?;
    } else {
        transaction.abort()?;
    }
    Ok(())
}

pub(super) fn scan(
    entries: &impl ReadableTable<&'static [u8], &'static [u8]>,
    range: &Range,
    mut see: impl FnMut(&[u8], &[u8]) -> Result<bool>,
) -> Result<()> {
    // The engine takes such a range for a mistake.
    if is_empty(range) {
        return Ok(());
    }
    let bounds = (as_slice(&range.0), as_slice(&range.1));
    for entry in entries.range::<&[u8]>(bounds)? {
        let (place, record) = entry?;
        if !see(place.value(), record.value())? {
            break;
        }
    }
    Ok(())
}

/// The first deadline from this moment on.
pub(super) fn deadline_from(
    transaction: &ReadTransaction,
    moment: Moment,
) -> Result<Option<Moment>> {
    let deadlines = transaction.open_table(DEADLINES)?;
    let first = deadlines.range(moment.to_be_bytes().as_slice()..)?.next();
    let Some((place, _)) = first.transpose()? else {
        return Ok(None);
    };
    deadline_of(place.value()).map(|(deadline, _)| Some(deadline))
}
