//! Transactions over all primitives of a run.

use std::{collections::BTreeSet, ops::Bound, time::Duration};

use crate::{
    Result, RunId, TypeTag, Value,
    backend::{Backend, Transaction, Writes, Written},
    place::{Space, as_slice, is_empty},
};

/// A transaction: it reads from the moment at which it began, keeps its writes, and commits
/// them where all that it has read is still so.
///
/// Each primitive keeps its entries under a [`TypeTag`] of its own and adds its methods by a
/// trait, as [`KvStoreExt`](crate::KvStoreExt) does.
#[derive(Debug)]
pub struct TransactionContext {
    run: RunId,
    largest_value: usize,
    below: Box<dyn Transaction>,
    writes: Writes,
}

impl TransactionContext {
    pub(crate) fn new(backend: &dyn Backend, run: RunId) -> Result<Self> {
        Ok(Self {
            largest_value: backend.largest_value(),
            below: backend.begin(&run)?,
            run,
            writes: Writes::new(),
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
    /// [`KeyTooLong`](crate::Error::KeyTooLong), or a failure of the backend.
    pub fn get(&mut self, tag: TypeTag, key: &str) -> Result<Option<Value>> {
        let place = self.space(tag)?.place(key)?;
        if let Some(written) = self.writes.get(&place) {
            return written
                .as_ref()
                .map(|written| Value::decode(&written.value))
                .transpose();
        }
        let mut value = None;
        self.below.get(place, &mut |stored| {
            value = stored.map(Value::decode).transpose()?;
            Ok(())
        })?;
        Ok(value)
    }

    /// Stores a value under a key of a primitive, for so long if there is a time to live.
    ///
    /// # Errors
    ///
    /// [`KeyTooLong`](crate::Error::KeyTooLong), [`TooLarge`](crate::Error::TooLarge) or
    /// [`InvalidValue`](crate::Error::InvalidValue).
    pub fn put(
        &mut self,
        tag: TypeTag,
        key: &str,
        value: &Value,
        ttl: Option<Duration>,
    ) -> Result<()> {
        let place = self.space(tag)?.place(key)?;
        let value = value.encode_within(self.largest_value)?;
        self.writes.insert(place, Some(Written { value, ttl }));
        Ok(())
    }

    /// Removes a key of a primitive. Says whether it was there, which counts as reading it.
    ///
    /// # Errors
    ///
    /// [`KeyTooLong`](crate::Error::KeyTooLong), or a failure of the backend.
    pub fn delete(&mut self, tag: TypeTag, key: &str) -> Result<bool> {
        let was_there = self.get(tag, key)?.is_some();
        self.remove(tag, key)?;
        Ok(was_there)
    }

    /// Removes a key of a primitive, whatever is there.
    ///
    /// # Errors
    ///
    /// [`KeyTooLong`](crate::Error::KeyTooLong).
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
    /// A failure of the backend.
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
        let mut stored = BTreeSet::new();
        let mut foreign = 0;
        self.below.list(&range, &mut |place| {
            stored.insert(place.to_owned());
            foreign += usize::from(!self.writes.contains_key(place));
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
        self.below.rely_on(range, stored);
        Ok(keys)
    }

    /// Makes all of it happen at once.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::Error::Conflict) where somebody else has changed what was read, or a
    /// failure of the backend.
    pub fn commit(self) -> Result<()> {
        // Who only reads has read from one moment, and changes nothing.
        if self.writes.is_empty() {
            return Ok(());
        }
        self.below.commit(self.writes)
    }

    fn space(&self, tag: TypeTag) -> Result<Space> {
        Space::new(&self.run, tag)
    }
}
