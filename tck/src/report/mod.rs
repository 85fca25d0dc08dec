//! All outcomes of one provider, and the verdict that they come to.

#[cfg(feature = "report")]
mod json;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use crate::{Level, Outcome, Status, Suite};

/// How many clauses wait side by side.
const AT_A_TIME: usize = 32;

/// All outcomes of one provider.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The name of the provider.
    pub provider: String,
    /// What each clause came to, in the order of the contracts.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// Checks all clauses of all suites, and calls `each` with every outcome, in the order of
    /// the contracts. Where clauses wait on the clock on the wall, they wait side by side.
    pub fn new(
        provider: impl Into<String>,
        suites: &[Suite],
        mut each: impl FnMut(&Outcome),
    ) -> Self {
        let clauses = suites.iter().flat_map(|suite| {
            let clauses = suite.contract().clauses.iter();
            clauses.map(move |clause| (suite, *clause))
        });
        let clauses: Vec<_> = clauses.collect();
        let threads = if suites.iter().any(Suite::waits) {
            AT_A_TIME
        } else {
            1
        };
        let (next, clauses) = (AtomicUsize::new(0), &clauses);
        let (done, all) = mpsc::channel();
        let mut outcomes = Vec::with_capacity(clauses.len());
        thread::scope(|scope| {
            for _ in 0..threads {
                let (next, done) = (&next, done.clone());
                scope.spawn(move || {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some((suite, clause)) = clauses.get(index) else {
                            break;
                        };
                        // Nobody listens where `each` has panicked.
                        if done.send((index, suite.check(clause))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(done);
            let mut early = BTreeMap::new();
            for (index, outcome) in all {
                early.insert(index, outcome);
                while let Some(outcome) = early.remove(&outcomes.len()) {
                    each(&outcome);
                    outcomes.push(outcome);
                }
            }
        });
        Self {
            provider: provider.into(),
            outcomes,
        }
    }

    /// What the outcomes come to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let any = |judge: fn(&Outcome) -> bool| self.outcomes.iter().any(judge);
        if any(|outcome| match outcome.status {
            Status::Violation { .. } | Status::UnexpectedPass { .. } => true,
            Status::Waived { .. } => outcome.clause.level == Level::Must,
            _ => false,
        }) {
            Verdict::NotConformant
        } else if any(|outcome| {
            matches!(
                outcome.status,
                Status::Inconclusive { .. } | Status::Error { .. }
            )
        }) || !any(|outcome| matches!(outcome.status, Status::Pass))
        {
            Verdict::Incomplete
        } else {
            Verdict::Conformant
        }
    }

    /// How many clauses came to what.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for outcome in &self.outcomes {
            *match outcome.status {
                Status::Pass => &mut totals.pass,
                Status::Violation { .. } => &mut totals.violation,
                Status::Waived { .. } => &mut totals.waived,
                Status::UnexpectedPass { .. } => &mut totals.unexpected_pass,
                Status::NotDeclared { .. } => &mut totals.not_declared,
                Status::Inconclusive { .. } => &mut totals.inconclusive,
                Status::Error { .. } => &mut totals.error,
            } += 1;
        }
        totals
    }
}

/// What a report comes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Every clause that applies is met, or is a SHOULD with a waiver.
    Conformant,
    /// A clause is violated, a MUST is waived, or a waiver no longer holds.
    NotConformant,
    /// Something could not be judged, or nothing was.
    Incomplete,
}

impl Verdict {
    /// The name, as it stands in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Conformant => "conformant",
            Self::NotConformant => "not_conformant",
            Self::Incomplete => "incomplete",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name().replace('_', " "))
    }
}

/// How many clauses came to what.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "report", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Totals {
    /// Clauses that the provider meets.
    pub pass: usize,
    /// Clauses that it violates.
    pub violation: usize,
    /// Violations that a waiver covers.
    pub waived: usize,
    /// Waivers whose clause is met after all.
    pub unexpected_pass: usize,
    /// Clauses that apply only to providers that declare more.
    pub not_declared: usize,
    /// Clauses that the machine was too slow to prove.
    pub inconclusive: usize,
    /// Clauses that could not be judged.
    pub error: usize,
}

impl Totals {
    /// Each count with the name of its outcome.
    #[must_use]
    pub fn by_name(&self) -> [(&'static str, usize); 7] {
        [
            ("pass", self.pass),
            ("violation", self.violation),
            ("waived", self.waived),
            ("unexpected_pass", self.unexpected_pass),
            ("not_declared", self.not_declared),
            ("inconclusive", self.inconclusive),
            ("error", self.error),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Breach, Cause, Clause, Waiver, kv_store, waive};

    const SHOULD: &Clause = &Clause {
        level: Level::Should,
        ..*kv_store::delete_is_idempotent
    };

    fn report(clause: &'static Clause, statuses: &[Status]) -> Report {
        let outcome = |status: &Status| Outcome {
            clause,
            status: status.clone(),
            steps: Vec::new(),
            took: Duration::ZERO,
        };
        let outcomes = statuses.iter().map(outcome).collect();
        Report {
            provider: "some".to_owned(),
            outcomes,
        }
    }

    fn breach() -> Breach {
        let (expected, observed) = ("Ok(())".to_owned(), "Err(closed)".to_owned());
        Breach {
            expected,
            observed,
            cause: Cause::Answer,
            step: None,
        }
    }

    fn waived() -> Status {
        const WAIVER: &Waiver = &waive(SHOULD, "a reason", "9999-12-31");
        Status::Waived {
            breach: breach(),
            waiver: WAIVER,
        }
    }

    #[test]
    fn a_waived_should_is_conformant_and_a_waived_must_is_not() {
        let statuses = [Status::Pass, waived()];
        assert_eq!(report(SHOULD, &statuses).verdict(), Verdict::Conformant);
        let must = kv_store::delete_is_idempotent;
        assert_eq!(report(must, &statuses).verdict(), Verdict::NotConformant);
    }

    #[test]
    fn a_violation_weighs_more_than_what_could_not_be_judged() {
        let reason = || "slow".to_owned();
        let violation = Status::Violation {
            breach: breach(),
            expired: None,
        };
        let inconclusive = Status::Inconclusive { reason: reason() };
        let open = [Status::Pass, inconclusive.clone()];
        assert_eq!(report(SHOULD, &open).verdict(), Verdict::Incomplete);
        let error = [Status::Pass, Status::Error { reason: reason() }];
        assert_eq!(report(SHOULD, &error).verdict(), Verdict::Incomplete);
        let both = [inconclusive, violation];
        assert_eq!(report(SHOULD, &both).verdict(), Verdict::NotConformant);
    }

    #[test]
    fn what_is_not_declared_proves_nothing() {
        let missing = || "second_handle".to_owned();
        let undeclared = || Status::NotDeclared { missing: missing() };
        assert_eq!(
            report(SHOULD, &[undeclared()]).verdict(),
            Verdict::Incomplete
        );
        assert_eq!(
            report(SHOULD, &[undeclared(), Status::Pass]).verdict(),
            Verdict::Conformant
        );
    }

    #[test]
    fn totals_count_each_outcome_once() {
        let report = report(SHOULD, &[Status::Pass, Status::Pass, waived()]);
        let totals = report.totals();
        assert_eq!((totals.pass, totals.waived), (2, 1));
        assert_eq!(
            totals
                .by_name()
                .iter()
                .map(|(_, count)| count)
                .sum::<usize>(),
            3
        );
    }
}
