//! Transactions that are tried again, for callers side by side.

use std::{thread, time::Duration};

use tck_api::{Error, ErrorKind::Conflict, Result, Transaction, Transactional};
use tokio::task::yield_now;

use crate::{
    answer::breach,
    check::Check,
    recorder::Recorder,
    shown::{self, Shown},
};

/// How often a transaction is tried again after a conflict, before it counts as one that
/// never succeeds.
const TRIES: usize = 10_000;
/// After so many tries each comes after a break: somebody else is about to end, and may need
/// the processor for it.
const TRIES_AT_ONCE: usize = 1_000;
const BREAK: Duration = Duration::from_micros(50);

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
