//! Writes on a condition, one at a time and many at once.

use bytes::Bytes;
use tck_api::Atomic;

use crate::{
    answer::{Answer, breach},
    check::Check,
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

    /// Lets many callers write each key on the same condition, and expects exactly one to be
    /// told that it did, and its value to be there.
    pub(crate) async fn one_wins(&self, keys: &[String], condition: Condition) -> Check {
        let answers = self
            .race_for(keys, (0..CALLERS).collect(), move |store, caller, key| {
                let condition = condition.clone();
                async move {
                    let value = value_of(caller);
                    let answer = match condition {
                        Condition::Absent => store.set_if_absent(&key, value).await,
                        Condition::Holds(held) => store.compare_and_set(&key, &held, value).await,
                    };
                    Answer::of(answer, &store)
                }
            })
            .await?;
        let mut winners = vec![Vec::new(); keys.len()];
        let mut losers = vec![None; keys.len()];
        for (caller, answers) in answers.into_iter().enumerate() {
            let places = winners.iter_mut().zip(&mut losers);
            for (answer, (winners, loser)) in answers.into_iter().zip(places) {
                let step = answer.step;
                match answer.ok()? {
                    true => winners.push((caller, step)),
                    false => *loser = step,
                }
            }
        }
        for ((key, winners), loser) in keys.iter().zip(winners).zip(losers) {
            let [(winner, _)] = winners.as_slice() else {
                return Err(breach(
                    format!("Ok(true) for one of {CALLERS} callers"),
                    format!("Ok(true) for {}", winners.len()),
                    winners.last().map_or(loser, |(_, step)| *step),
                ));
            };
            self.get(key).await.is_value(value_of(*winner))?;
        }
        Ok(())
    }
}

fn value_of(caller: usize) -> Bytes {
    Bytes::from(format!("caller {caller}"))
}
