//! Transactions, one at a time and many side by side.

use std::{num::NonZeroUsize, thread, time::Duration};

use bytes::Bytes;
use tck_api::{
    Error,
    ErrorKind::{Closed, Conflict},
    KeyValueStore, Page, Result, Transaction, Transactional,
};
use tokio::task::yield_now;

use crate::{
    answer::{Answer, breach},
    check::Check,
    lease::Lease,
    probe::listing::{ALL, Walk, walk_through},
    recorder::Recorder,
    shown::{self, Shown},
    subject::Subject,
};

/// How often a transaction is tried again after a conflict, before it counts as one that
/// never succeeds.
const TRIES: usize = 10_000;
/// After so many tries each comes after a break: somebody else is about to end, and may need
/// the processor for it.
const TRIES_AT_ONCE: usize = 1_000;
const BREAK: Duration = Duration::from_micros(50);

impl Subject {
    /// Begins a transaction.
    pub(crate) async fn begin(&self) -> Check<Attempt<'_>> {
        let inner = self.answer(self.recorded().begin().await).ok()?;
        Ok(Attempt { store: self, inner })
    }

    /// Sets the keys one by one, outside of any transaction.
    pub(crate) async fn set_all(&self, entries: &[(&str, &str)]) -> Check {
        for (key, value) in entries {
            self.set(key, (*value).to_owned()).await.is(())?;
        }
        Ok(())
    }

    /// Expects these values.
    pub(crate) async fn holds_all(&self, entries: &[(&str, &str)]) -> Check {
        for (key, value) in entries {
            self.holds(key, (*value).to_owned()).await?;
        }
        Ok(())
    }

    /// Expects that exactly one of two transactions succeeds, and says whether the first.
    pub(crate) async fn one_succeeds(
        &self,
        (one, its_writes): (Attempt<'_>, &[(&str, &str)]),
        (other, others_writes): (Attempt<'_>, &[(&str, &str)]),
    ) -> Check<bool> {
        let outcomes = (
            one.finishes(its_writes).await?,
            other.finishes(others_writes).await?,
        );
        let observed = match outcomes {
            (true, false) => return Ok(true),
            (false, true) => return Ok(false),
            (true, true) => "Ok(()) for both",
            (false, false) => "Err(conflict: …) for both",
        };
        let expected = "Ok(()) for one of the two, Err(conflict: …) for the other";
        Err(breach(
            expected.to_owned(),
            observed.to_owned(),
            self.last_step(),
        ))
    }
}

/// A transaction of a check.
pub(crate) struct Attempt<'s> {
    store: &'s Subject,
    inner: Box<dyn Transaction>,
}

impl Attempt<'_> {
    pub(crate) async fn get(&mut self, key: &str) -> Answer<Option<Bytes>> {
        self.store.answer(self.inner.get(key).await)
    }

    pub(crate) async fn set(&mut self, key: &str, value: impl Into<Bytes>) -> Answer<()> {
        self.store.answer(self.inner.set(key, value.into()).await)
    }

    pub(crate) async fn set_with_ttl(
        &mut self,
        key: &str,
        value: impl Into<Bytes>,
        ttl: Duration,
    ) -> Answer<()> {
        let answer = self.inner.set_with_ttl(key, value.into(), ttl).await;
        self.store.answer(answer)
    }

    /// Sets a key, with a time to live or plainly.
    pub(crate) async fn write(
        &mut self,
        key: &str,
        value: impl Into<Bytes>,
        ttl: Option<Duration>,
    ) -> Answer<()> {
        match ttl {
            Some(ttl) => self.set_with_ttl(key, value, ttl).await,
            None => self.set(key, value).await,
        }
    }

    pub(crate) async fn delete(&mut self, key: &str) -> Answer<()> {
        self.store.answer(self.inner.delete(key).await)
    }

    pub(crate) async fn list(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Answer<Page<String>> {
        self.store
            .answer(self.inner.list(prefix, after, limit).await)
    }

    /// The keys to the end of the walk.
    pub(crate) async fn walk(
        &mut self,
        mut walk: Walk<String>,
        prefix: &str,
    ) -> Check<Vec<String>> {
        while self.step(&mut walk, prefix).await? {}
        Ok(walk.items)
    }

    /// Takes the next page, if there is one. Says whether there was.
    pub(crate) async fn step(&mut self, walk: &mut Walk<String>, prefix: &str) -> Check<bool> {
        let Some(after) = walk.next() else {
            return Ok(false);
        };
        let page = self.list(prefix, after.as_deref(), walk.limit).await;
        let taken = walk.take(page.result, String::as_str);
        self.store.at_last_step(taken)?;
        Ok(true)
    }

    pub(crate) async fn commit(self) -> Answer<()> {
        self.store.answer(self.inner.commit().await)
    }

    /// Commits, which may meet a conflict once what the lease is of has expired.
    pub(crate) async fn commit_within(self, lease: &Lease) -> Check {
        let answer = self.commit().await;
        if answer.result.is_ok() {
            return Ok(());
        }
        answer.within(lease)?.is(())
    }

    /// Commits what it has leased. That may meet a conflict once what `before` is of has expired.
    pub(crate) async fn lease_within(self, ttl: Duration, before: &Lease) -> Check<Lease> {
        let store = self.store;
        let lease = store.lease_by(ttl, self.commit()).await;
        if lease.is_err() {
            drop(store.answer(Ok(())).within(before)?);
        }
        lease
    }

    /// The answer that counts for a write: its own, or, where it is taken, that of the commit.
    pub(crate) async fn commit_after(self, written: Answer<()>) -> Answer<()> {
        if written.result.is_ok() {
            self.commit().await
        } else {
            written
        }
    }

    pub(crate) async fn rollback(self) -> Answer<()> {
        self.store.answer(self.inner.rollback().await)
    }

    /// Writes and commits. Says whether it succeeded; otherwise there was a conflict.
    pub(crate) async fn finishes(mut self, writes: &[(&str, &str)]) -> Check<bool> {
        for (key, value) in writes {
            let answer = self.set(key, (*value).to_owned()).await;
            if answer.is_error(Conflict) {
                // From now on it can't succeed.
                self.commit().await.is_refused(&[Conflict, Closed])?;
                return Ok(false);
            }
            answer.is(())?;
        }
        self.commit().await.is_done_unless_conflict()
    }

    /// Expects the value of the moment that this transaction sees, or a conflict. Says
    /// whether it was the value.
    pub(crate) async fn still_holds(&mut self, key: &str, value: &str) -> Check<bool> {
        let value = Bytes::from(value.to_owned());
        self.still_is(key, Some(value)).await
    }

    /// Expects that there is nothing at the moment that this transaction sees, or a
    /// conflict. Says whether there was nothing.
    pub(crate) async fn still_lacks(&mut self, key: &str) -> Check<bool> {
        self.still_is(key, None).await
    }

    async fn still_is(&mut self, key: &str, expected: Option<Bytes>) -> Check<bool> {
        let answer = self.get(key).await;
        if answer.is_error(Conflict) {
            return Ok(false);
        }
        answer.is(expected)?;
        Ok(true)
    }
}

/// How somebody outside sees the new keys of a commit.
#[derive(Clone, Copy)]
pub(crate) enum View {
    Forwards,
    Backwards,
    Listed,
}

impl View {
    /// Those that a store offers.
    pub(crate) fn of(store: &Subject) -> &'static [Self] {
        match store.profile().listing {
            true => &[Self::Forwards, Self::Backwards, Self::Listed],
            false => &[Self::Forwards, Self::Backwards],
        }
    }

    /// Looks so often at the most whether one of the keys is there. Then all have to be.
    pub(crate) async fn is_whole(
        self,
        store: &Recorder,
        prefix: &str,
        keys: &[String],
        looks: usize,
    ) -> Check {
        for _ in 0..looks {
            let is_there = match self {
                Self::Forwards => reads_whole(store, keys.iter()).await?,
                Self::Backwards => reads_whole(store, keys.iter().rev()).await?,
                Self::Listed => lists_whole(store, prefix, keys).await?,
            };
            if is_there {
                break;
            }
        }
        Ok(())
    }
}

/// Where the first key is there, all are. Says whether it was.
async fn reads_whole(store: &Recorder, keys: impl Iterator<Item = &String>) -> Check<bool> {
    let mut is_there = false;
    for key in keys {
        let got = Answer::of(store.get(key).await, store);
        if !is_there && matches!(got.result, Ok(None)) {
            break;
        }
        got.is_value("new")?;
        is_there = true;
    }
    Ok(is_there)
}

/// Where one of the keys is listed, the next listing has all of them. Says whether it was.
async fn lists_whole(store: &Recorder, prefix: &str, keys: &[String]) -> Check<bool> {
    if walk_through(store, Walk::new(ALL), prefix)
        .await?
        .is_empty()
    {
        return Ok(false);
    }
    let listed = walk_through(store, Walk::new(ALL), prefix).await?;
    if listed == keys {
        return Ok(true);
    }
    let listed: Vec<_> = listed.iter().map(String::as_str).collect();
    let expected = "all keys of a commit of which one was listed before".to_owned();
    Err(breach(expected, shown::keys(&listed), store.last_step()))
}

/// Why a transaction of a check goes no further.
pub(crate) enum Halt {
    /// The store has answered an error.
    Failed(Error),
    /// The store has answered something wrong.
    Wrong { expected: String, observed: String },
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Runs a transaction until it meets no conflict. For callers side by side.
pub(crate) async fn retried<T>(
    store: &Recorder,
    body: impl AsyncFn(&mut dyn Transaction) -> Result<T, Halt>,
) -> Check<T> {
    for time in 0..TRIES {
        match once(store, &body).await {
            Ok(done) => return Ok(done),
            Err(Halt::Failed(error)) if error.kind() == Conflict => yield_now().await,
            Err(Halt::Failed(error)) => {
                let failure: Result<()> = Err(error);
                let expected = "Ok or Err(conflict: …) from every call".to_owned();
                return Err(breach(expected, failure.shown(), store.last_step()));
            }
            Err(Halt::Wrong { expected, observed }) => {
                return Err(breach(expected, observed, store.last_step()));
            }
        }
        if time >= TRIES_AT_ONCE {
            thread::sleep(BREAK);
        }
    }
    Err(breach(
        "a transaction that succeeds when it is tried again".to_owned(),
        format!("Err(conflict: …) {TRIES} times"),
        store.last_step(),
    ))
}

async fn once<T>(
    store: &Recorder,
    body: impl AsyncFn(&mut dyn Transaction) -> Result<T, Halt>,
) -> Result<T, Halt> {
    let mut transaction = store.begin().await?;
    let done = body(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(done)
}

/// The number under a key.
pub(crate) async fn number(transaction: &mut dyn Transaction, key: &str) -> Result<i64, Halt> {
    let value = transaction.get(key).await?;
    let text = value
        .as_deref()
        .and_then(|value| str::from_utf8(value).ok());
    let number = text.and_then(|text| text.parse().ok());
    number.ok_or_else(|| Halt::Wrong {
        expected: format!("a number under {}", shown::key(key)),
        observed: Ok(value).shown(),
    })
}
