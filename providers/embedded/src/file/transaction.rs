//! Transactions of the file: they read from a snapshot, and look at their commit, when they are
//! the only writer, whether what they have read is still so.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::Arc,
};

use super::{core::Core, engine::Snapshot, record, writer::Writer};
use crate::{
    Error, Result, RunId,
    backend::{Look, Range, SeePlace, Transaction, Writes},
};

#[derive(Debug)]
pub(super) struct FileTransaction {
    core: Arc<Core>,
    run: RunId,
    number: u64,
    snapshot: Snapshot,
    /// What was read: the record at each place, where there was one that was alive.
    reads: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    listed: Vec<Listed>,
}

/// A range that was listed, and where in it something was.
#[derive(Debug)]
struct Listed {
    range: Range,
    places: BTreeSet<Vec<u8>>,
}

impl FileTransaction {
    pub(super) fn begin(core: Arc<Core>, run: RunId) -> Result<Self> {
        Ok(Self {
            number: core.number_of(&run)?,
            snapshot: core.engine.snapshot()?,
            core,
            run,
            reads: BTreeMap::new(),
            listed: Vec::new(),
        })
    }

    fn check(&self, writer: &Writer<'_>) -> Result<()> {
        let now = self.core.time.now();
        for (place, seen) in &self.reads {
            let is_the_same = writer.get(place, |record| {
                let alive = record::alive(place, record, now)?.and(record);
                Ok(alive == seen.as_deref())
            })?;
            if !is_the_same {
                return Err(Error::Conflict);
            }
        }
        for listed in &self.listed {
            let mut seen = listed.places.iter();
            writer.scan(&listed.range, |place, record| {
                if record::alive(place, Some(record), now)?.is_some()
                    && seen.next().map(Vec::as_slice) != Some(place)
                {
                    return Err(Error::Conflict);
                }
                Ok(true)
            })?;
            if seen.next().is_some() {
                return Err(Error::Conflict);
            }
        }
        Ok(())
    }
}

impl Transaction for FileTransaction {
    fn get(&mut self, place: Vec<u8>, look: &mut Look<'_>) -> Result<()> {
        let now = self.core.time.now();
        let record = self.snapshot.get(&place, |record| {
            let value = record::alive(&place, record, now)?;
            look(value)?;
            Ok(value.and(record).map(<[u8]>::to_owned))
        })?;
        match self.reads.entry(place) {
            // It has expired since it was read: that would be another moment.
            Entry::Occupied(seen) if *seen.get() != record => Err(Error::Conflict),
            Entry::Occupied(_) => Ok(()),
            Entry::Vacant(first) => {
                first.insert(record);
                Ok(())
            }
        }
    }

    fn list(&mut self, range: &Range, see: &mut SeePlace<'_>) -> Result<()> {
        let now = self.core.time.now();
        self.snapshot.scan(range, now, |place, _| see(place))
    }

    fn rely_on(&mut self, range: Range, places: BTreeSet<Vec<u8>>) {
        self.listed.push(Listed { range, places });
    }

    fn commit(self: Box<Self>, writes: Writes) -> Result<()> {
        self.core.write(&self.run, |writer| {
            if self.core.number_of(&self.run)? != self.number {
                return Err(Error::no_such_run(&self.run));
            }
            self.check(writer)?;
            let now = self.core.time.now();
            for (place, written) in &writes {
                match written {
                    Some(written) => {
                        let deadline = written.ttl.and_then(|ttl| self.core.time.deadline(ttl));
                        writer.put(place, deadline, &written.value)?;
                    }
                    None => {
                        writer.remove(place, now)?;
                    }
                }
            }
            Ok(())
        })
    }
}
