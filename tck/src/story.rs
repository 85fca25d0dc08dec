//! The whole story of an outcome, as a terminal, a test and every report show it.

use std::{collections::HashSet, fmt, sync::Arc, time::Duration};

use crate::{Clause, Outcome, Status, Step, shown};

/// How wide the story is.
const WIDTH: usize = 100;
/// Where the text of a line begins.
const INDENT: usize = 12;
/// How many steps are shown at the most, and how many of the last always.
const SHOWN: usize = 14;
const LAST: usize = 3;
/// How wide the column of calls may become.
const CALL: usize = 52;

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clause = self.clause;
        writeln!(
            f,
            "{} {:<77}{}",
            self.status.mark(),
            clause.id,
            clause.level
        )?;
        match &self.status {
            Status::Pass => Ok(()),
            Status::Violation { breach, expired } => {
                line(f, "expected", &breach.expected)?;
                line(f, "observed", &breach.observed)?;
                steps(f, &self.steps, breach.step, &breach.observed)?;
                let failed = breach.step.and_then(|step| self.steps.get(step));
                if let Some(repeat) = failed.and_then(|step| step.repeat.as_ref()) {
                    // In one piece, so that it can be copied.
                    writeln!(f, "  {:<10}{repeat}", "repeat")?;
                }
                if let Some(waiver) = expired {
                    line(
                        f,
                        "waiver",
                        &format!("expired after {}: {}", waiver.until, waiver.reason),
                    )?;
                }
                advice(
                    f,
                    clause,
                    BACKEND_FAILED
                        .iter()
                        .any(|sign| breach.observed.starts_with(sign)),
                )
            }
            Status::Waived { breach, waiver } => {
                line(
                    f,
                    "waived",
                    &format!("until {}: {}", waiver.until, waiver.reason),
                )?;
                line(f, "expected", &breach.expected)?;
                line(f, "observed", &breach.observed)
            }
            Status::UnexpectedPass { waiver } => {
                line(
                    f,
                    "expected",
                    &format!(
                        "a violation, waived until {}: {}",
                        waiver.until, waiver.reason
                    ),
                )?;
                line(f, "observed", "the provider complies")?;
                line(f, "fix", "Remove the waiver.")
            }
            Status::NotDeclared { missing } => line(f, "declared", &format!("no {missing}")),
            Status::Inconclusive { reason } => {
                line(f, "unproved", reason)?;
                steps(f, &self.steps, None, "")?;
                line(
                    f,
                    "fix",
                    "This is no violation: run it again where the machine is less loaded.",
                )
            }
            Status::Error { reason } => {
                line(f, "error", reason)?;
                steps(f, &self.steps, None, "")?;
                line(
                    f,
                    "fix",
                    "The provider was not judged. Fix the factory, or report a fault of the kit.",
                )
            }
        }
    }
}

impl Status {
    /// A sign for the outcome, of one column.
    #[must_use]
    pub fn mark(&self) -> char {
        match self {
            Self::Pass => '✓',
            Self::Violation { .. } | Self::UnexpectedPass { .. } => '✗',
            Self::Waived { .. } => '~',
            Self::NotDeclared { .. } => '–',
            Self::Inconclusive { .. } => '?',
            Self::Error { .. } => '!',
        }
    }
}

/// How the errors begin that are a matter of the backend before they are one of the clause.
const BACKEND_FAILED: [&str; 2] = ["Err(backend:", "Err(timed out"];

fn advice(f: &mut fmt::Formatter<'_>, clause: &Clause, backend_failed: bool) -> fmt::Result {
    line(f, "why", clause.purpose)?;
    line(f, "fix", clause.fix)?;
    if backend_failed {
        line(
            f,
            "",
            "Look for the cause of this error first: the backend, or the provider's own handling.",
        )?;
    }
    let Clause {
        id, contract, name, ..
    } = clause;
    let guide = format!("docs/contracts/{contract}.md#{name}");
    writeln!(f, "  {:<10}{guide:<54}  tck explain {id}", "guide")
}

fn line(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    let mut label = label;
    for row in wrapped(text) {
        writeln!(f, "  {label:<10}{row}")?;
        label = "";
    }
    Ok(())
}

fn steps(
    f: &mut fmt::Formatter<'_>,
    steps: &[Step],
    failed: Option<usize>,
    observed: &str,
) -> fmt::Result {
    let shown = story(steps, failed, observed);
    let width = |text: &Step| text.call.chars().count();
    let call_width = shown
        .iter()
        .map(|(_, step)| width(step))
        .max()
        .unwrap_or(0)
        .min(CALL);
    let number_width = shown
        .last()
        .map_or(1, |(index, _)| (index + 1).to_string().len());
    let mut label = "steps";
    let mut next = 0;
    for (index, step) in shown {
        if index > next {
            writeln!(
                f,
                "  {label:<10}{:number_width$}  … {} more",
                "",
                index - next
            )?;
            label = "";
        }
        next = index + 1;
        let took = step.took.map(shown::duration).unwrap_or_default();
        let answer = match (&step.answer, step.took) {
            (Some(answer), _) => answer,
            (None, Some(Duration::ZERO)) => "",
            (None, _) => "no answer",
        };
        let mark = if failed == Some(index) { "  ✗" } else { "" };
        let row = format!(
            "{next:<number_width$}  {:<call_width$}  {took:>7}  {answer}{mark}",
            step.call
        );
        writeln!(f, "  {label:<10}{}", row.trim_end())?;
        label = "";
    }
    Ok(())
}

/// The steps that matter, with their places: all of a short trace; of a long one those that
/// the failure is about, and the last. What came after the failure does not belong to the
/// story.
fn story<'s>(steps: &'s [Step], failed: Option<usize>, observed: &str) -> Vec<(usize, &'s Step)> {
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

fn wrapped(text: &str) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in text.split(' ') {
        let fits = |row: &String| {
            row.is_empty() || row.chars().count() + 1 + word.chars().count() <= WIDTH - INDENT
        };
        match rows.last_mut() {
            Some(row) if fits(row) => {
                if !row.is_empty() {
                    row.push(' ');
                }
                row.push_str(word);
            }
            _ => rows.push(word.to_owned()),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::About;

    #[test]
    fn long_text_is_wrapped_between_words() {
        let text = "word ".repeat(40);
        let rows = wrapped(text.trim());
        assert!(rows.len() > 1);
        assert!(
            rows.iter()
                .all(|row| row.len() <= WIDTH - INDENT && !row.starts_with(' '))
        );
        assert_eq!(rows.join(" "), text.trim());
        assert_eq!(wrapped("one"), ["one"]);
    }

    #[test]
    fn a_transaction_that_failed_is_told_from_its_beginning_on() {
        let mut steps = Vec::new();
        for _ in 0..5 {
            steps.extend(["t1.begin", "t1.set a", "t1.commit", "set b"].map(step));
        }
        let calls = ["t2.begin", "t2.get c", "set c", "t2.set d", "t2.commit"];
        steps.extend(calls.map(step));
        let told = story(&steps, Some(steps.len() - 1), "Ok(())");
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
        let told = story(&steps, Some(steps.len() - 1), "Ok(None)");
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
