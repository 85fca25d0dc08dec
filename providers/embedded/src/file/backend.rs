//! What the facade asks of the file.

use std::{sync::Arc, time::Duration};

use tck_api::Clock;

use super::{
    core::Core,
    engine::Engine,
    record::{self, LARGEST_VALUE},
    sweeper::Sweeper,
    transaction::FileTransaction,
};
use crate::{
    Result, RunId,
    backend::{Backend, Look, Range, See, SeePlace, Transaction},
};

/// An open file, or a place in memory. When it and its transactions are dropped, what is not on
/// disk yet is written.
#[derive(Debug)]
pub(super) struct File {
    core: Arc<Core>,
    _sweeper: Sweeper,
}

impl File {
    pub(super) fn start(engine: Engine, clock: Arc<dyn Clock>) -> Result<Self> {
        let core = Arc::new(Core::new(engine, clock)?);
        Ok(Self {
            _sweeper: Sweeper::start(&core)?,
            core,
        })
    }
}

impl Backend for File {
    fn largest_value(&self) -> usize {
        LARGEST_VALUE
    }

    fn answers_at_once(&self) -> bool {
        true
    }

    fn get(&self, place: &[u8], look: &mut Look<'_>) -> Result<()> {
        self.core.engine.snapshot()?.get(place, |record| {
            look(record::alive(place, record, self.core.time.now())?)
        })
    }

    fn scan(&self, range: &Range, see: &mut See<'_>) -> Result<()> {
        let (snapshot, now) = self.core.present()?;
        snapshot.scan(range, now, |place, _, value| see(place, value))
    }

    fn list(&self, range: &Range, see: &mut SeePlace<'_>) -> Result<()> {
        let (snapshot, now) = self.core.present()?;
        snapshot.scan(range, now, |place, _, _| see(place))
    }

    fn put(&self, run: &RunId, place: &[u8], value: &[u8], ttl: Option<Duration>) -> Result<()> {
        self.core.write(run, |writer| {
            let deadline = ttl.and_then(|ttl| self.core.time.deadline(ttl));
            writer.put(place, deadline, value)
        })
    }

    fn put_if(
        &self,
        run: &RunId,
        place: &[u8],
        is_wanted: &mut dyn FnMut(Option<&[u8]>) -> Result<bool>,
        value: &[u8],
    ) -> Result<bool> {
        self.core.write(run, |writer| {
            let is_wanted = writer.get(place, |record| {
                is_wanted(record::alive(place, record, self.core.time.now())?)
            })?;
            if is_wanted {
                writer.put(place, None, value)?;
            }
            Ok(is_wanted)
        })
    }

    fn remove(&self, run: &RunId, place: &[u8]) -> Result<bool> {
        self.core
            .write(run, |writer| writer.remove(place, self.core.time.now()))
    }

    fn begin(&self, run: &RunId) -> Result<Box<dyn Transaction>> {
        let transaction = FileTransaction::begin(Arc::clone(&self.core), run.clone())?;
        Ok(Box::new(transaction))
    }

    fn begin_run(&self, run: &RunId) -> Result<()> {
        self.core.begin_run(run)
    }

    fn end_run(&self, run: &RunId, places: &Range) -> Result<()> {
        self.core.end_run(run, places)
    }

    fn runs(&self) -> Result<Vec<RunId>> {
        Ok(self.core.lock_runs_to_read().keys().cloned().collect())
    }

    fn remove_expired(&self) -> Result<usize> {
        self.core.remove_expired(|| true)
    }

    fn flush(&self) -> Result<()> {
        self.core.flush()
    }
}
