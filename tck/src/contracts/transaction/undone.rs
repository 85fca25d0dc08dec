//! What does not show, because it is not committed or never will be.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bytes::Bytes;
use tck_api::{ErrorKind::Conflict, Transaction, Transactional};

use crate::{
    check::Check,
    probe::{
        dropping::{ROUNDS, STEPS, drop_after},
        listing::{ALL, Walk},
        retry::retried,
        transaction::Attempt,
        view::View,
    },
    subject::Subject,
};

/// A key that is made, one that is overwritten, and one that is deleted.
struct Changed {
    made: String,
    overwritten: String,
    deleted: String,
}

impl Changed {
    async fn prepare(store: &Subject) -> Check<Self> {
        let [made, overwritten, deleted] = ["a", "b", "c"].map(|name| store.key(name));
        let entries = [(overwritten.as_str(), "old"), (deleted.as_str(), "old")];
        store.set_all(&entries).await?;
        Ok(Self {
            made,
            overwritten,
            deleted,
        })
    }

    /// Lists them, so that what is kept of a listing would be, too.
    async fn list(&self, store: &Subject, transaction: &mut Attempt<'_>) -> Check {
        if store.profile().listing {
            let listed = transaction.walk(Walk::new(ALL), "").await?;
            store.are_keys(&[&self.overwritten, &self.deleted], &listed)?;
        }
        Ok(())
    }

    async fn change(&self, transaction: &mut Attempt<'_>) -> Check {
        transaction.set(&self.made, "new").await.is(())?;
        transaction.set(&self.overwritten, "new").await.is(())?;
        transaction.delete(&self.deleted).await.is(())
    }

    async fn is_as_before(&self, store: &Subject) -> Check {
        store.lacks(&self.made).await?;
        let entries = [(self.overwritten.as_str(), "old"), (&self.deleted, "old")];
        store.holds_all(&entries).await?;
        if store.profile().listing {
            store.lists(&self.made, &[""; 0]).await?;
            store.lists(&self.deleted, &[&self.deleted]).await?;
        }
        Ok(())
    }

    async fn is_changed(&self, store: &Subject) -> Check {
        let entries = [(self.made.as_str(), "new"), (&self.overwritten, "new")];
        store.holds_all(&entries).await?;
        store.lacks(&self.deleted).await
    }

    /// Everything is as before, and the next who comes is free to go: at the latest when
    /// it is tried again, as a transaction that was dropped may end a little later.
    async fn can_be_changed(&self, store: &Subject) -> Check {
        self.is_as_before(store).await?;
        if store.profile().atomic {
            let free = store.set_if_absent(&self.made, "free").await;
            if !free.is_error(Conflict) {
                free.is(true)?;
                store.delete(&self.made).await.is(())?;
            }
        }
        let change = async |transaction: &mut dyn Transaction| {
            transaction.set(&self.made, Bytes::from("new")).await?;
            transaction
                .set(&self.overwritten, Bytes::from("new"))
                .await?;
            Ok(transaction.delete(&self.deleted).await?)
        };
        retried(&store.recorded(), change).await?;
        self.is_changed(store).await
    }
}

pub(super) async fn unfinished_writes_do_not_show(store: &Subject) -> Check {
    let keys = Changed::prepare(store).await?;
    let mut transaction = store.begin().await?;
    keys.change(&mut transaction).await?;
    keys.is_as_before(store).await?;
    let mut other = store.begin().await?;
    other.get(&keys.made).await.is_missing()?;
    other.get(&keys.overwritten).await.is_value("old")?;
    other.get(&keys.deleted).await.is_value("old")?;
    other.rollback().await.is(())?;
    keys.is_as_before(store).await?;
    transaction.commit().await.is(())?;
    keys.is_changed(store).await?;

    // A plain write meanwhile does not wait and is not lost.
    let key = store.key("d");
    let mut transaction = store.begin().await?;
    transaction.set(&key, "later").await.is(())?;
    store.set(&key, "plain").await.is(())?;
    store.holds(&key, "plain").await?;
    let committed = transaction.commit().await.is_done_unless(Conflict)?;
    store
        .holds(&key, if committed { "later" } else { "plain" })
        .await?;
    let mut transaction = store.begin().await?;
    transaction.set(&key, "later").await.is(())?;
    store.write(&key, "leased", store.lasting()).await.is(())?;
    store.holds(&key, "leased").await?;
    store.delete(&key).await.is(())?;
    store.lacks(&key).await?;
    transaction.rollback().await.is(())?;
    store.lacks(&key).await
}

pub(super) async fn rollback_leaves_nothing(store: &Subject) -> Check {
    let keys = Changed::prepare(store).await?;
    let mut transaction = store.begin().await?;
    keys.list(store, &mut transaction).await?;
    keys.change(&mut transaction).await?;
    transaction.rollback().await.is(())?;
    keys.is_as_before(store).await?;
    if store.profile().atomic {
        store.set_if_absent(&keys.deleted, "lost").await.is(false)?;
        store.set_if_absent(&keys.made, "free").await.is(true)?;
        store.delete(&keys.made).await.is(())?;
    }
    keys.can_be_changed(store).await
}

pub(super) async fn dropped_transaction_leaves_nothing(store: &Subject) -> Check {
    let keys = Changed::prepare(store).await?;
    let mut transaction = store.begin().await?;
    keys.list(store, &mut transaction).await?;
    keys.change(&mut transaction).await?;
    drop(transaction);
    // As often as it may be that each has kept something for itself.
    for _ in 0..40 {
        let mut transaction = store.begin().await?;
        transaction.set(&keys.made, "new").await.is(())?;
    }
    // Nor may one whose calls are given up, or that is given up while it begins.
    let mut touched = Vec::new();
    for steps in 1..=STEPS {
        let [read, written] = ["read", "written"].map(|name| store.key(&format!("{name}-{steps}")));
        let mut transaction = store.begin().await?;
        drop_after(steps, transaction.get(&read)).await;
        // What the next call answers is its own.
        let next = transaction.get(&keys.overwritten).await;
        if next.result.is_ok() {
            next.is_value("old")?;
        }
        let mut transaction = store.begin().await?;
        drop_after(steps, transaction.set(&written, "new")).await;
        touched.extend([read, written]);
    }
    for steps in (1..=STEPS).cycle().take(BEGUN) {
        if drop_after(steps, store.recorded().begin()).await && steps == 1 {
            // This store begins in one step: there is nothing to drop.
            break;
        }
    }
    let set_all = async |transaction: &mut dyn Transaction| {
        for key in &touched {
            transaction.set(key, Bytes::from("new")).await?;
        }
        Ok(())
    };
    retried(&store.recorded(), set_all).await?;
    keys.can_be_changed(store).await
}

/// How many are given up while they begin: more than may be open at a time.
const BEGUN: usize = 200;

pub(super) async fn panic_leaves_nothing(store: &Subject) -> Check {
    let keys = Changed::prepare(store).await?;
    let mut transaction = store.begin().await?;
    keys.change(&mut transaction).await?;
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _transaction = transaction;
        // Unlike `panic!`, this leaves no message in the output of a test that passes.
        resume_unwind(Box::new("a panic in the code of the caller"));
    }));
    drop(panic);
    keys.can_be_changed(store).await
}

pub(super) async fn dropped_commit_is_all_or_nothing(store: &Subject) -> Check {
    let keys: Vec<_> = (0..8)
        .map(|number| store.key(&number.to_string()))
        .collect();
    for key in &keys {
        store.set(key, "start").await.is(())?;
    }
    let largest = store.profile().largest_value.unwrap_or(usize::MAX);
    let large = largest.min(150_000) / "0 0 ".len();
    for round in 0..ROUNDS {
        for steps in 1..=STEPS {
            let mut transaction = store.begin().await?;
            let is_large = round == 0;
            let times = if is_large { large } else { 1 };
            let value = Bytes::from(format!("{round} {steps} ").repeat(times));
            let mut is_taken = true;
            for key in &keys {
                let answer = transaction.set(key, value.clone()).await;
                // So much may be refused, and the commit that was dropped before may still be
                // under way.
                is_taken = match is_large {
                    true => answer.result.is_ok(),
                    false => answer.is_done_unless(Conflict)?,
                };
                if !is_taken {
                    break;
                }
            }
            if is_taken {
                drop_after(steps, transaction.commit()).await;
            }
            all_alike(store, &keys).await?;
        }
    }
    can_be_committed(store, &keys).await?;
    new_keys_come_together(store).await?;
    match store.profile().cache {
        true => what_was_leased_ends(store).await,
        false => Ok(()),
    }
}

/// The next transaction succeeds, at the latest when it is tried again: a commit that was
/// dropped may still be under way.
async fn can_be_committed(store: &Subject, keys: &[String]) -> Check {
    let change = async |transaction: &mut dyn Transaction| {
        for key in keys {
            transaction.get(key).await?;
            transaction.set(key, Bytes::from("again")).await?;
        }
        Ok(())
    };
    retried(&store.recorded(), change).await
}

/// No commit that was dropped leaves a lease without its end.
async fn what_was_leased_ends(store: &Subject) -> Check {
    let ttl = store.first_ttl();
    let mut leased = Vec::new();
    for steps in 1..=STEPS {
        let keys = ["a", "b"].map(|name| store.key(&format!("leased-{steps}-{name}")));
        let mut transaction = store.begin().await?;
        for key in &keys {
            transaction.set_with_ttl(key, "new", ttl).await.is(())?;
        }
        drop_after(steps, transaction.commit()).await;
        leased.extend(keys.map(|key| (key, "new")));
    }
    store.all_end(leased, ttl).await
}

/// New keys of a commit that was dropped show together or not at all, also to plain reads.
async fn new_keys_come_together(store: &Subject) -> Check {
    for steps in 1..=STEPS {
        let prefix = store.key(&format!("new-{steps}-"));
        let keys = ["a", "b", "c", "d"].map(|name| format!("{prefix}{name}"));
        let mut transaction = store.begin().await?;
        for key in &keys {
            transaction.set(key, "new").await.is(())?;
        }
        drop_after(steps, transaction.commit()).await;
        let reader = store.recorded();
        for view in View::of(store) {
            let whole = view.is_whole(&reader, &prefix, &keys, 1).await;
            store.at_last_step(whole)?;
        }
        // Nobody waits for it.
        for key in &keys {
            store.set(key, "plain").await.is(())?;
        }
        can_be_committed(store, &keys).await?;
    }
    Ok(())
}

/// Reads all keys in a transaction. It may meet a conflict, as a commit that was dropped
/// may come to its end meanwhile.
async fn all_alike(store: &Subject, keys: &[String]) -> Check {
    let mut reading = store.begin().await?;
    let mut first = None;
    for key in keys {
        let answer = reading.get(key).await;
        if answer.is_error(Conflict) {
            return Ok(());
        }
        match &first {
            Some(first) => answer.is(Clone::clone(first))?,
            None => first = Some(answer.ok()?),
        }
    }
    reading.rollback().await.is(())
}
