//! What a database stands on: entries by their places, in runs that begin and end.
//!
//! The facade keeps what is the same everywhere: where a key lies, how a value is written down,
//! what is too long or too large, and the writes of a transaction until its commit. A
//! [`Backend`] keeps entries and their times to live, sees to it that nobody writes in a run
//! that has not begun, and commits a transaction where what it has read is still so.
//!
//! The facade is synchronous, and so is this. A backend whose client is not owns a thread for
//! it, as that of `omni-kv-etcd` does.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    ops::Bound,
    time::Duration,
};

use crate::{Result, RunId};

/// A range of places.
pub type Range = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// What a transaction writes: by its place a value, or none where the entry is removed.
pub type Writes = BTreeMap<Vec<u8>, Option<Written>>;

/// A value that is written, as it is stored.
#[derive(Clone, Debug)]
pub struct Written {
    /// The value, encoded.
    pub value: Vec<u8>,
    /// How long it lives from the commit on, where it does not live for ever.
    pub ttl: Option<Duration>,
}

/// What is shown of an entry: its value, encoded, or that there is none.
pub type Look<'l> = dyn FnMut(Option<&[u8]>) -> Result<()> + 'l;

/// Looks at a place, and says whether to go on.
pub type SeePlace<'s> = dyn FnMut(&[u8]) -> Result<bool> + 's;

/// Looks at a place and the value there, encoded, and says whether to go on.
pub type See<'s> = dyn FnMut(&[u8], &[u8]) -> Result<bool> + 's;

/// What a [`Database`](crate::Database) stands on.
///
/// A place is any bytes; ranges go by their order and have room for something. Entries that have
/// expired are shown to nobody, and a time to live of zero is over at once. Every error leaves things as they were, except those that say otherwise.
pub trait Backend: Debug + Send + Sync + 'static {
    /// The largest value that is taken, in bytes. Encoded it is a few bytes larger.
    fn largest_value(&self) -> usize;

    /// Whether reads are answered without waiting, so that async code may ask by itself.
    fn answers_at_once(&self) -> bool;

    /// Shows what is at a place.
    ///
    /// # Errors
    ///
    /// That of `look`, or a failure of the backend.
    fn get(&self, place: &[u8], look: &mut Look<'_>) -> Result<()>;

    /// Shows the entries of a range in order, all of one moment, as long as `see` goes on.
    ///
    /// # Errors
    ///
    /// That of `see`, or a failure of the backend.
    fn scan(&self, range: &Range, see: &mut See<'_>) -> Result<()>;

    /// As [`scan`](Self::scan), for backends that can leave the values where they are.
    ///
    /// # Errors
    ///
    /// As [`scan`](Self::scan).
    fn list(&self, range: &Range, see: &mut SeePlace<'_>) -> Result<()> {
        self.scan(range, &mut |place, _| see(place))
    }

    /// Stores a value, which lives as long as `ttl` says, or for ever.
    ///
    /// # Errors
    ///
    /// [`NoSuchRun`](crate::Error::NoSuchRun), or a failure of the backend.
    fn put(&self, run: &RunId, place: &[u8], value: &[u8], ttl: Option<Duration>) -> Result<()>;

    /// Stores a value that lives for ever, where `is_wanted` says so of what is there. That may
    /// be asked several times. Says whether it was stored.
    ///
    /// # Errors
    ///
    /// [`NoSuchRun`](crate::Error::NoSuchRun), that of `is_wanted`, or a failure of the backend.
    fn put_if(
        &self,
        run: &RunId,
        place: &[u8],
        is_wanted: &mut dyn FnMut(Option<&[u8]>) -> Result<bool>,
        value: &[u8],
    ) -> Result<bool>;

    /// Removes what is at a place. Says whether something was.
    ///
    /// # Errors
    ///
    /// [`NoSuchRun`](crate::Error::NoSuchRun), or a failure of the backend.
    fn remove(&self, run: &RunId, place: &[u8]) -> Result<bool>;

    /// Begins a transaction in a run.
    ///
    /// # Errors
    ///
    /// [`NoSuchRun`](crate::Error::NoSuchRun), or a failure of the backend.
    fn begin(&self, run: &RunId) -> Result<Box<dyn Transaction>>;

    /// Begins a run, if it has not begun.
    ///
    /// # Errors
    ///
    /// A failure of the backend.
    fn begin_run(&self, run: &RunId) -> Result<()>;

    /// Ends a run and removes what is in its places, all at once. No transaction that was begun
    /// before commits after, also where the run is begun anew.
    ///
    /// # Errors
    ///
    /// [`NoSuchRun`](crate::Error::NoSuchRun), or a failure of the backend.
    fn end_run(&self, run: &RunId, places: &Range) -> Result<()>;

    /// The runs that have begun and not ended, in any order.
    ///
    /// # Errors
    ///
    /// A failure of the backend.
    fn runs(&self) -> Result<Vec<RunId>>;

    /// Removes what has expired, where that is not done elsewhere. Says how many entries were
    /// removed.
    ///
    /// # Errors
    ///
    /// A failure of the backend.
    fn remove_expired(&self) -> Result<usize> {
        Ok(0)
    }

    /// Makes durable what was acknowledged, where it is not yet.
    ///
    /// # Errors
    ///
    /// A failure of the backend.
    fn flush(&self) -> Result<()> {
        Ok(())
    }
}

/// A transaction of a backend: it reads from the moment at which it began and remembers what
/// it has shown. Its writes come with the commit.
pub trait Transaction: Debug + Send + Sync {
    /// Shows what is at a place. The commit relies on it.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::Error::Conflict) where it can't be of that moment any more, that of
    /// `look`, or a failure of the backend.
    fn get(&mut self, place: Vec<u8>, look: &mut Look<'_>) -> Result<()>;

    /// Shows the places of a range in order, as long as `see` goes on. What the commit relies on
    /// of them comes with [`rely_on`](Self::rely_on).
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    fn list(&mut self, range: &Range, see: &mut SeePlace<'_>) -> Result<()>;

    /// Has the commit rely on it that these places of a range, which were listed, and no others
    /// hold entries. Where that can't be told from what they hold, it may rely on that, too.
    fn rely_on(&mut self, range: Range, places: BTreeSet<Vec<u8>>);

    /// Makes all of it happen at once, where all that it relies on is still so. There is at least
    /// one write.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::Error::Conflict), [`NoSuchRun`](crate::Error::NoSuchRun), or a failure
    /// of the backend.
    fn commit(self: Box<Self>, writes: Writes) -> Result<()>;
}
