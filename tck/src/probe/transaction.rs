//! Transactions, one at a time.

use std::{num::NonZeroUsize, time::Duration};

use bytes::Bytes;
use tck_api::{
    ErrorKind::{Closed, Conflict},
    Page, Transaction, Transactional,
};

use crate::{
    answer::{Answer, breach},
    check::Check,
    lease::Lease,
    probe::listing::Walk,
    subject::Subject,
};

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
        self.commit().await.is_done_unless(Conflict)
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
