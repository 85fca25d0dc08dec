//! Transactions of the facade: they read at the revision at which they began.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;
use omni_kv_embedded::{
    Error, Result, RunId,
    backend::{Look, Range, SeePlace, Transaction, Writes},
};

use super::{client::Client, layout::Layout};
use crate::{
    message::{Compare, Range as Asked},
    snapshot::{Snapshot, conflicting},
    span::Living,
    write::Write,
};

#[derive(Debug)]
pub(super) struct EtcdDatabaseTransaction {
    client: Arc<Client>,
    layout: Arc<Layout>,
    run: RunId,
    /// The revision at which the run was begun.
    begun: i64,
    snapshot: Snapshot,
    /// What was listed, some of which the commit may rely on.
    listed: BTreeMap<Bytes, Living>,
}

impl EtcdDatabaseTransaction {
    pub(super) fn begin(client: Arc<Client>, layout: Arc<Layout>, run: RunId) -> Result<Self> {
        let mut snapshot = Snapshot::new();
        let range = Asked::of(layout.mark(&run));
        let found = client.wait(async move |connection| connection.ask(&range).await)?;
        let mark = found.kvs.first();
        let begun = mark.map(|mark| mark.mod_revision);
        snapshot.is_of(found.revision());
        Ok(Self {
            begun: begun.ok_or_else(|| Error::no_such_run(&run))?,
            snapshot,
            listed: BTreeMap::new(),
            client,
            layout,
            run,
        })
    }
}

impl Transaction for EtcdDatabaseTransaction {
    fn get(&mut self, place: Vec<u8>, look: &mut Look<'_>) -> Result<()> {
        let name = self.layout.name(&place);
        let range = self.snapshot.range(name.clone());
        let found = self
            .client
            .wait(async move |connection| connection.ask(&range).await.map_err(conflicting))?;
        look(self.snapshot.read(name, found)?.as_deref())
    }

    fn list(&mut self, range: &Range, see: &mut SeePlace<'_>) -> Result<()> {
        let Self {
            layout,
            listed,
            snapshot,
            ..
        } = self;
        let span = layout.span(range);
        let (revision, begun) = (snapshot.revision(), snapshot.begun());
        self.client.list(span, revision, begun, &mut |living| {
            snapshot.shows(living.deadline);
            snapshot.is_of_one_moment()?;
            let goes_on = see(layout.place(&living.name)?);
            listed.insert(living.name.clone(), living);
            goes_on
        })?;
        Ok(snapshot.is_of_one_moment()?)
    }

    fn rely_on(&mut self, range: Range, places: BTreeSet<Vec<u8>>) {
        for place in places {
            if let Some(living) = self.listed.remove(&self.layout.name(&place)) {
                self.snapshot.rely_on(living);
            }
        }
        self.snapshot.rely_on_all(self.layout.span(&range));
    }

    fn commit(self: Box<Self>, writes: Writes) -> Result<()> {
        let mark = self.layout.mark(&self.run);
        let mut conditions = self.snapshot.conditions();
        conditions
            .compare
            .push(Compare::is(mark.clone(), self.begun));
        let writes = writes.into_iter().map(|(place, written)| {
            let write = written.map_or(Write::Delete, |written| {
                Write::of(written.value.into(), written.ttl)
            });
            (self.layout.name(&place), write)
        });
        let writes: Vec<_> = writes.collect();
        let failure = vec![Asked::of(mark).into()];
        let decided = self
            .client
            .wait(async move |connection| connection.write(conditions, &writes, failure).await)?;
        if decided.succeeded {
            return Ok(());
        }
        Err(match decided.into_entry() {
            Some(mark) if mark.mod_revision == self.begun => Error::Conflict,
            _ => Error::no_such_run(&self.run),
        })
    }
}
