//! Writes on a condition, one at a time and many at once.

use bytes::Bytes;
use tck_api::Atomic;

use crate::{
    answer::{Answer, breach},
    check::Check,
    shown::Shown,
    subject::Subject,
};

/// How many callers race.
pub(crate) const CALLERS: usize = 8;

/// What a write asks for before it happens.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Absent,
    Holds(Bytes),
}

impl Subject {
    pub(crate) async fn set_if_absent(&self, key: &str, value: impl Into<Bytes>) -> Answer<bool> {
        self.answer(self.recorded().set_if_absent(key, value.into()).await)
    }

    pub(crate) async fn compare_and_set(
        &self,
        key: &str,
        expected: impl AsRef<[u8]>,
        value: impl Into<Bytes>,
    ) -> Answer<bool> {
        let store = self.recorded();
        self.answer(
            store
                .compare_and_set(key, expected.as_ref(), value.into())
                .await,
        )
    }

    /// Lets many callers write on the same condition, and expects exactly one to be told
    /// that it did, and its value to be there.
    pub(crate) async fn one_wins(&self, key: &str, condition: Condition) -> Check {
        let contested = key.to_owned();
        let answers = self
            .crowd((0..CALLERS).collect(), move |store, caller: usize| {
                let (key, condition) = (contested.clone(), condition.clone());
                async move {
                    let value = Bytes::from(format!("caller {caller}"));
                    let answer = match condition {
                        Condition::Absent => store.set_if_absent(&key, value.clone()).await,
                        Condition::Holds(held) => {
                            store.compare_and_set(&key, &held, value.clone()).await
                        }
                    };
                    (answer, value)
                }
            })
            .await;
        let mut winners = Vec::new();
        for (answer, value) in answers {
            match answer {
                Ok(true) => winners.push(value),
                Ok(false) => {}
                failure => {
                    let expected = "Ok from every call".to_owned();
                    return Err(breach(expected, failure.shown(), None));
                }
            }
        }
        match winners.as_slice() {
            [winner] => self.holds(key, winner.clone()).await,
            _ => Err(breach(
                format!("Ok(true) for one of {CALLERS} callers"),
                format!("Ok(true) for {}", winners.len()),
                None,
            )),
        }
    }
}
