//! Transactions over all primitives of a run.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::Arc,
    time::Duration,
};

use crate::{
    Error, Result, RunId, TypeTag, Value,
    core::{Core, no_such_run},
    engine::{Snapshot, as_slice, is_empty},
    place::{Range, Space},
    record,
    writer::Writer,
};

/// A transaction: it reads from the moment at which it began, keeps its writes, and commits
/// them where all that it has read is still so.
///
/// Each primitive keeps its entries under a [`TypeTag`] of its own and adds its methods by a
/// trait, as [`KvStoreExt`](crate::KvStoreExt) does.
#[derive(Debug)]
pub struct TransactionContext {
    core: Arc<Core>,
    run: RunId,
    number: u64,
    snapshot: Snapshot,
    /// What was read: the record at each place, where there was one that was alive.
    reads: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    listed: Vec<Listed>,
    writes: BTreeMap<Vec<u8>, Option<Written>>,
}

#[derive(Debug)]
struct Written {
    value: Vec<u8>,
    ttl: Option<Duration>,
}

/// A range that was listed, and where in it something was.
#[derive(Debug)]
struct Listed {
    range: Range,
    places: BTreeSet<Vec<u8>>,
}

impl TransactionContext {
    pub(crate) fn new(core: Arc<Core>, run: RunId) -> Result<Self> {
        Ok(Self {
            number: core.number_of(&run)?,
            snapshot: core.engine.snapshot()?,
            core,
            run,
            reads: BTreeMap::new(),
            listed: Vec::new(),
            writes: BTreeMap::new(),
        })
    }

    /// The run that the transaction is about.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// The value under a key of a primitive.
    ///
    /// # Errors
    ///
    /// [`Error::KeyTooLong`], or a failure of the file.
    pub fn get(&mut self, tag: TypeTag, key: &str) -> Result<Option<Value>> {
        let place = self.space(tag)?.place(key)?;
        if let Some(written) = self.writes.get(&place) {
            return written
                .as_ref()
                .map(|written| Value::decode(&written.value))
                .transpose();
        }
        let now = self.core.time.now();
        let read = self.snapshot.get(&place, |record| {
            let value = record::alive(&place, record, now)?.map(Value::decode);
            Ok(record.map(<[u8]>::to_owned).zip(value.transpose()?))
        })?;
        let (record, value) = read.unzip();
        let before = self.reads.insert(place, record.clone());
        // It has expired since it was read: that would be another moment.
        if before.is_some_and(|before| before != record) {
            return Err(Error::Conflict);
        }
        Ok(value)
    }

    /// Stores a value under a key of a primitive, for so long if there is a time to live.
    ///
    /// # Errors
    ///
    /// [`Error::KeyTooLong`], [`Error::TooLarge`] or [`Error::InvalidValue`].
    pub fn put(
        &mut self,
        tag: TypeTag,
        key: &str,
        value: &Value,
        ttl: Option<Duration>,
    ) -> Result<()> {
        let place = self.space(tag)?.place(key)?;
        let value = record::encode(value)?;
        self.writes.insert(place, Some(Written { value, ttl }));
        Ok(())
    }

    /// Removes a key of a primitive. Says whether it was there, which counts as reading it.
    ///
    /// # Errors
    ///
    /// [`Error::KeyTooLong`], or a failure of the file.
    pub fn delete(&mut self, tag: TypeTag, key: &str) -> Result<bool> {
        let was_there = self.get(tag, key)?.is_some();
        self.remove(tag, key)?;
        Ok(was_there)
    }

    /// Removes a key of a primitive, whatever is there.
    ///
    /// # Errors
    ///
    /// [`Error::KeyTooLong`].
    pub fn remove(&mut self, tag: TypeTag, key: &str) -> Result<()> {
        let place = self.space(tag)?.place(key)?;
        self.writes.insert(place, None);
        Ok(())
    }

    /// The first keys of a primitive, `limit` at the most, that begin with `prefix` and come
    /// after `after`, in the order of their bytes.
    ///
    /// # Errors
    ///
    /// A failure of the file.
    pub fn list(
        &mut self,
        tag: TypeTag,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>> {
        let space = self.space(tag)?;
        let mut range = space.range(prefix, after);
        if limit == 0 || is_empty(&range) {
            return Ok(Vec::new());
        }
        let now = self.core.time.now();
        let mut stored = BTreeSet::new();
        let mut foreign = 0;
        self.snapshot.scan(&range, |place, record| {
            if record::alive(place, Some(record), now)?.is_some() {
                stored.insert(place.to_owned());
                foreign += usize::from(!self.writes.contains_key(place));
            }
            Ok(foreign < limit)
        })?;
        let own = self
            .writes
            .range::<[u8], _>((as_slice(&range.0), as_slice(&range.1)));
        let mut places: BTreeSet<&[u8]> = stored
            .iter()
            .map(Vec::as_slice)
            .filter(|place| !self.writes.contains_key(*place))
            .collect();
        places.extend(
            own.filter(|(_, written)| written.is_some())
                .map(|(place, _)| place.as_slice()),
        );
        let page: Vec<_> = places.into_iter().take(limit).collect();
        let keys = page
            .iter()
            .map(|place| space.key(place).map(str::to_owned))
            .collect::<Result<Vec<_>>>()?;
        // What lies behind a full page was not looked at.
        if page.len() == limit
            && let Some(last) = page.last()
        {
            let last = last.to_vec();
            stored.retain(|place| *place <= last);
            range.1 = Bound::Included(last);
        }
        self.listed.push(Listed {
            range,
            places: stored,
        });
        Ok(keys)
    }

    /// Makes all of it happen at once.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where somebody else has changed what was read, or a failure of the
    /// file. Nothing has happened then.
    pub fn commit(self) -> Result<()> {
        // Who only reads has read from one moment, and changes nothing.
        if self.writes.is_empty() {
            return Ok(());
        }
        self.core.write(&self.run, |writer| {
            if self.core.number_of(&self.run)? != self.number {
                return Err(no_such_run(&self.run));
            }
            self.check(writer)?;
            let now = self.core.time.now();
            for (place, written) in &self.writes {
                match written {
                    Some(Written { value, ttl }) => {
                        let deadline = ttl.and_then(|ttl| self.core.time.deadline(ttl));
                        writer.put(place, deadline, value)?;
                    }
                    None => {
                        writer.remove(place, now)?;
                    }
                }
            }
            Ok(())
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

    fn space(&self, tag: TypeTag) -> Result<Space> {
        Space::new(&self.run, tag)
    }
}
