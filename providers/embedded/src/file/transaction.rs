//! Transactions of the file: they read from a snapshot, and look at their commit, when they are
//! the only writer, whether what they have read is still so.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{core::Core, record, snapshot::Snapshot, time::Moment, writer::Writer};
use crate::{
    Error, Result, RunId,
    backend::{Look, Range, SeePlace, Transaction, Writes},
};

#[derive(Debug)]
pub(super) struct FileTransaction {
    core: Arc<Core>,
    run: RunId,
    number: u64,
    /// From before the snapshot was taken.
    began: Moment,
    snapshot: Snapshot,
    /// What was read: the record at each place, where there was one that was alive.
    reads: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    listed: Vec<Listed>,
    /// When the first of what there was to show expires.
    until: Option<Moment>,
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
            began: core.time.now(),
            snapshot: core.engine.snapshot()?,
            core,
            run,
            reads: BTreeMap::new(),
            listed: Vec::new(),
            until: None,
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

/// Goes on while all that there was to show is alive. What has expired since may have been
/// there beside the rest, and what came of its end is not in the snapshot.
fn shows(until: &mut Option<Moment>, deadline: Option<Moment>, now: Moment) -> Result<()> {
    *until = (*until).into_iter().chain(deadline).min();
    match *until {
        Some(until) if until <= now => Err(Error::Conflict),
        _ => Ok(()),
    }
}

impl Transaction for FileTransaction {
    fn get(&mut self, place: Vec<u8>, look: &mut Look<'_>) -> Result<()> {
        let (now, until) = (self.core.time.now(), &mut self.until);
        let record = self.snapshot.get(&place, |record| {
            let living = record::living(&place, record, self.began)?;
            shows(until, living.and_then(|(deadline, _)| deadline), now)?;
            look(living.map(|(_, value)| value))?;
            Ok(living.and(record).map(<[u8]>::to_owned))
        })?;
        self.reads.entry(place).or_insert(record);
        Ok(())
    }

    fn list(&mut self, range: &Range, see: &mut SeePlace<'_>) -> Result<()> {
        let (now, until) = (self.core.time.now(), &mut self.until);
        shows(until, None, now)?;
        self.snapshot.scan(range, self.began, |place, deadline, _| {
            shows(until, deadline, now)?;
            see(place)
        })
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
