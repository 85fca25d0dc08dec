//! Which steps of a check its story tells.

use std::{collections::HashSet, sync::Arc};

use crate::{Step, shown};

/// How many steps are shown at the most, and how many of the last always.
const SHOWN: usize = 14;
const LAST: usize = 3;

/// The steps that matter, with their places: all of a short trace; of a long one those that
/// the failure is about, and the last. What came after the failure does not belong to the
/// story.
pub(crate) fn of<'s>(
    steps: &'s [Step],
    failed: Option<usize>,
    observed: &str,
) -> Vec<(usize, &'s Step)> {
    let steps = failed
        .and_then(|failed| steps.get(..=failed))
        .unwrap_or(steps);
    let all: Vec<_> = steps.iter().enumerate().collect();
    if all.len() <= SHOWN {
        return all;
    }
    let matter = failed.and_then(|failed| Matter::of(steps, failed, observed));
    let last = all.len() - LAST;
    let mut shown: Vec<_> = all
        .into_iter()
        .filter(|(index, step)| {
            let matters = |matter: &Matter<'_>| matter.has(*index, step);
            *index >= last || matter.as_ref().is_some_and(matters)
        })
        .collect();
    if shown.len() > SHOWN {
        let head = SHOWN / 2;
        shown.drain(head..shown.len() - (SHOWN - head));
    }
    shown
}

/// What a failure is about.
struct Matter<'s> {
    failed: &'s Step,
    observed: &'s str,
    /// The transaction that failed, and those that touched a key.
    transactions: HashSet<&'s Arc<str>>,
    /// Where the one that failed has begun.
    began: Option<usize>,
}

impl<'s> Matter<'s> {
    fn of(steps: &'s [Step], failed: usize, observed: &'s str) -> Option<Self> {
        let failed = steps.get(failed)?;
        let transaction = failed.about.transaction.as_ref();
        let mut matter = Self {
            failed,
            observed,
            transactions: transaction.into_iter().collect(),
            began: steps.iter().position(|step| {
                transaction.is_some() && step.about.transaction.as_ref() == transaction
            }),
        };
        let touching = steps.iter().filter(|step| matter.is_about_a_key(step));
        let touching: Vec<_> = touching
            .filter_map(|step| step.about.transaction.as_ref())
            .collect();
        matter.transactions.extend(touching);
        Some(matter)
    }

    /// Waits; calls about a key, and what wrote the value that was observed; the ends of the
    /// transactions; and all since the one that failed has begun.
    fn has(&self, index: usize, step: &Step) -> bool {
        let Step { about, .. } = step;
        let transaction = about.transaction.as_ref();
        let waits_or_ends = about.key.is_none()
            && transaction.is_none_or(|transaction| self.transactions.contains(transaction));
        waits_or_ends
            || self.is_about_a_key(step)
            || (about.written.is_some() && about.written == self.failed.answer)
            || self.began.is_some_and(|began| began <= index)
    }

    /// Whether it is about the key that failed, or one that the failure names.
    fn is_about_a_key(&self, step: &Step) -> bool {
        let key = &self.failed.about.key;
        (key.is_some() && step.about.key == *key) || names(self.observed, step)
    }
}

/// Whether the key of a step is named in a text.
fn names(text: &str, step: &Step) -> bool {
    let key = step.about.key.as_deref();
    key.is_some_and(|key| !key.is_empty() && text.contains(&shown::key(key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::About;

    #[test]
    fn a_transaction_that_failed_is_told_from_its_beginning_on() {
        let mut steps = Vec::new();
        for _ in 0..5 {
            steps.extend(["t1.begin", "t1.set a", "t1.commit", "set b"].map(step));
        }
        let calls = ["t2.begin", "t2.get c", "set c", "t2.set d", "t2.commit"];
        steps.extend(calls.map(step));
        let told = of(&steps, Some(steps.len() - 1), "Ok(())");
        let told: Vec<_> = told.iter().map(|(_, step)| step.call.as_str()).collect();
        assert_eq!(told, calls);
    }

    #[test]
    fn a_key_that_failed_is_told_with_the_ends_of_its_transactions() {
        let mut steps = vec![
            step("t1.begin"),
            step("t1.set a"),
            step("t1.set b"),
            step("t1.commit"),
        ];
        for _ in 0..5 {
            steps.extend(["t2.begin", "t2.set c", "t2.commit"].map(step));
        }
        steps.push(step("get a"));
        let told = of(&steps, Some(steps.len() - 1), "Ok(None)");
        let told: Vec<_> = told.iter().map(|(_, step)| step.call.as_str()).collect();
        let last = ["t2.set c", "t2.commit", "get a"];
        assert_eq!(
            told,
            [&["t1.begin", "t1.set a", "t1.commit"][..], &last].concat()
        );
    }

    /// A call, of a transaction or not, with a key or without.
    fn step(call: &str) -> Step {
        let (name, key) = call.split_once(' ').unzip();
        let transaction = name.unwrap_or(call).split_once('.');
        Step {
            call: call.to_owned(),
            answer: None,
            took: None,
            repeat: None,
            about: About {
                key: key.map(str::to_owned),
                written: None,
                transaction: transaction.map(|(transaction, _)| transaction.into()),
            },
        }
    }
}
