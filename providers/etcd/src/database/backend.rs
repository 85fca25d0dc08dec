//! What the facade asks of etcd.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use omni_kv_embedded::{
    Error, Result, RunId,
    backend::{Backend, Look, Range, See, SeePlace, Transaction},
};
use omni_kv_parts::{Moment, Sealed};

use super::{client::Client, layout::Layout, transaction::EtcdDatabaseTransaction};
use crate::{
    LARGEST_VALUE, Settings,
    connection::Connection,
    message::{Compare, Decided, DeleteRange, Operation, Put, Range as Asked, Response, Txn},
    store::alive,
    write::Write,
};

/// A database on etcd, for the facade of `omni-kv-embedded`: what is written to its `Database`,
/// `KvStore` and transactions lies in etcd, and everybody who opens the database by its name
/// sees it.
///
/// It waits for etcd on the thread that calls, and may be called from any, also from one of a
/// runtime, which is held up meanwhile.
///
/// ```no_run
/// use std::sync::Arc;
/// use omni_kv_embedded::{Database, KvStore, Value};
/// use omni_kv_etcd::EtcdDatabase;
///
/// # fn main() -> omni_kv_embedded::Result<()> {
/// let etcd = EtcdDatabase::connect("etcd://localhost:2379", "my-app")?;
/// let db = Arc::new(Database::on(etcd));
/// let kv = KvStore::new(db.clone());
/// db.begin_run(&"nightly".into())?;
/// kv.put(&"nightly".into(), "user:1", Value::String("Ada".into()))?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct EtcdDatabase {
    client: Arc<Client>,
    layout: Arc<Layout>,
}

impl EtcdDatabase {
    /// The database of this name, on what a URL stands for. [`Settings`] says what it may look
    /// like.
    pub fn connect(url: &str, name: &str) -> Result<Self> {
        let settings = Settings::from_url(url);
        let settings = settings.map_err(|error| Error::Backend(error.into()))?;
        Self::open(&settings, name)
    }

    /// The database of this name, as these settings say. It lies below its name and a slash, as
    /// a namespace of that name does: each wants a name of its own.
    pub fn open(settings: &Settings, name: &str) -> Result<Self> {
        let (layout, client) = (Layout::of(name)?, Client::open(settings.clone())?);
        let format = Asked::of(layout.format().key);
        let found = client.wait(async move |connection| connection.ask(&format).await)?;
        layout.check(found.into_entry())?;
        Ok(Self {
            layout: Arc::new(layout),
            client: Arc::new(client),
        })
    }

    /// Does this where the run has begun.
    fn in_run(&self, run: &RunId, success: Vec<Operation>) -> Result<Decided> {
        self.in_run_since(Instant::now(), run, success)
    }

    /// Does this where the run has begun, in time together with what was done from `start` on.
    fn in_run_since(
        &self,
        start: Instant,
        run: &RunId,
        success: Vec<Operation>,
    ) -> Result<Decided> {
        let txn = Txn {
            compare: vec![Compare::exists(self.layout.mark(run))],
            success,
            failure: Vec::new(),
        };
        let ask = async move |connection: Arc<Connection>| connection.ask(&txn).await;
        let decided = self.client.wait_since(start, ask)?;
        has_begun(run, &decided)?;
        Ok(decided)
    }
}

impl Backend for EtcdDatabase {
    fn largest_value(&self) -> usize {
        LARGEST_VALUE
    }

    fn answers_at_once(&self) -> bool {
        false
    }

    fn get(&self, place: &[u8], look: &mut Look<'_>) -> Result<()> {
        let range = Asked::of(self.layout.name(place));
        let found = self
            .client
            .wait(async move |connection| connection.ask(&range).await)?;
        let entry = found.into_entry();
        look(entry.map(alive).transpose()?.flatten().as_deref())
    }

    fn scan(&self, range: &Range, see: &mut See<'_>) -> Result<()> {
        let span = self.layout.span(range);
        // Many requests may take long: what is shown is not to depend on its turn.
        let now = Moment::now();
        self.client.scan(span, &mut |entry| {
            let sealed = Sealed::from_bytes(entry.value)?;
            if now.sees(&sealed) {
                see(self.layout.place(&entry.key)?, &sealed.value)
            } else {
                Ok(true)
            }
        })
    }

    fn list(&self, range: &Range, see: &mut SeePlace<'_>) -> Result<()> {
        let span = self.layout.span(range);
        self.client.list(span, 0, Moment::now(), &mut |living| {
            see(self.layout.place(&living.name)?)
        })
    }

    fn put(&self, run: &RunId, place: &[u8], value: &[u8], ttl: Option<Duration>) -> Result<()> {
        let compare = vec![Compare::exists(self.layout.mark(run))];
        let value = Bytes::copy_from_slice(value);
        let writes = [(self.layout.name(place), Write::of(value, ttl))];
        let decided = self
            .client
            .wait(async move |connection| connection.write(compare, &writes, Vec::new()).await)?;
        has_begun(run, &decided)
    }

    fn put_if(
        &self,
        run: &RunId,
        place: &[u8],
        is_wanted: &mut dyn FnMut(Option<&[u8]>) -> Result<bool>,
        value: &[u8],
    ) -> Result<bool> {
        let name = self.layout.name(place);
        let writes = [(name.clone(), Write::of(Bytes::copy_from_slice(value), None))];
        let start = Instant::now();
        loop {
            let range = Asked::of(name.clone());
            let found = self.in_run_since(start, run, vec![range.into()])?;
            let entry = found.into_entry();
            let revision = entry.as_ref().map_or(0, |entry| entry.mod_revision);
            let held = entry.map(alive).transpose()?.flatten();
            if !is_wanted(held.as_deref())? {
                return Ok(false);
            }
            let compare = vec![
                Compare::exists(self.layout.mark(run)),
                Compare::is(name.clone(), revision),
            ];
            let writes = writes.clone();
            let decided = self.client.wait_since(start, async move |connection| {
                connection.write(compare, &writes, Vec::new()).await
            })?;
            // Otherwise somebody else has written it, or ended the run.
            if decided.succeeded {
                return Ok(true);
            }
        }
    }

    fn remove(&self, run: &RunId, place: &[u8]) -> Result<bool> {
        let mut range = DeleteRange::of(self.layout.name(place));
        range.prev_kv = true;
        let decided = self.in_run(run, vec![range.into()])?;
        let responses = decided.responses.into_iter();
        let mut removed = responses.filter_map(Response::into_removed);
        let removed = removed.next().map(alive).transpose()?;
        Ok(removed.flatten().is_some())
    }

    fn begin(&self, run: &RunId) -> Result<Box<dyn Transaction>> {
        let (client, layout) = (Arc::clone(&self.client), Arc::clone(&self.layout));
        let transaction = EtcdDatabaseTransaction::begin(client, layout, run.clone())?;
        Ok(Box::new(transaction))
    }

    fn begin_run(&self, run: &RunId) -> Result<()> {
        let mark = self.layout.mark(run);
        let put = Put {
            key: mark.clone(),
            ..Put::default()
        };
        let txn = Txn {
            compare: vec![Compare::is(mark, 0)],
            success: vec![put.into(), self.layout.format().into()],
            failure: Vec::new(),
        };
        // Where it is there already that is as well.
        self.client
            .wait(async move |connection| connection.ask(&txn).await)
            .map(drop)
    }

    fn end_run(&self, run: &RunId, places: &Range) -> Result<()> {
        let (start, end) = self.layout.span(places);
        let removed = vec![
            DeleteRange::of(self.layout.mark(run)).into(),
            DeleteRange::all(start, end).into(),
        ];
        self.in_run(run, removed).map(drop)
    }

    fn runs(&self) -> Result<Vec<RunId>> {
        let mut runs = Vec::new();
        self.client
            .list(self.layout.marks(), 0, Moment::now(), &mut |mark| {
                runs.push(self.layout.run(&mark.name)?);
                Ok(true)
            })?;
        Ok(runs)
    }
}

fn has_begun(run: &RunId, decided: &Decided) -> Result<()> {
    if decided.succeeded {
        Ok(())
    } else {
        Err(Error::no_such_run(run))
    }
}
