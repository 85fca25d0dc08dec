//! A report as JSON.

use serde::Serialize;

use super::{Report, Totals};
use crate::{Level, Outcome, Status, Step, Waiver};

impl Report {
    /// The report as JSON, indented.
    #[must_use]
    pub fn to_json(&self) -> String {
        let document = Document {
            provider: &self.provider,
            verdict: self.verdict().name(),
            totals: self.totals(),
            clauses: self.outcomes.iter().map(Row::from).collect(),
        };
        match serde_json::to_string_pretty(&document) {
            Ok(json) => json,
            Err(error) => unreachable!("text and numbers always become JSON: {error}"),
        }
    }
}

#[derive(Serialize)]
struct Document<'r> {
    provider: &'r str,
    verdict: &'r str,
    totals: Totals,
    clauses: Vec<Row<'r>>,
}

#[derive(Serialize)]
struct Row<'r> {
    id: &'r str,
    level: Level,
    outcome: &'r str,
    duration_us: u64,
    #[serde(flatten)]
    story: Story<'r>,
}

/// What there is to tell beside the outcome.
#[derive(Default, Serialize)]
struct Story<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_step: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<WaiverRow<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepRow<'r>>,
}

#[derive(Serialize)]
struct WaiverRow<'r> {
    reason: &'r str,
    until: String,
}

#[derive(Serialize)]
struct StepRow<'r> {
    call: &'r str,
    answer: Option<&'r str>,
    duration_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<&'r str>,
}

impl<'r> From<&'r Outcome> for Row<'r> {
    fn from(outcome: &'r Outcome) -> Self {
        Self {
            id: outcome.clause.id,
            level: outcome.clause.level,
            outcome: outcome.status.name(),
            duration_us: micros(outcome.took),
            story: Story::from(outcome),
        }
    }
}

impl<'r> From<&'r Outcome> for Story<'r> {
    fn from(outcome: &'r Outcome) -> Self {
        let (breach, waiver, reason) = match &outcome.status {
            Status::Pass => return Self::default(),
            Status::Violation { breach, expired } => (Some(breach), *expired, None),
            Status::Waived { breach, waiver } => (Some(breach), Some(*waiver), None),
            Status::UnexpectedPass { waiver } => (None, Some(*waiver), None),
            Status::NotDeclared { missing: reason }
            | Status::Inconclusive { reason }
            | Status::Error { reason } => (None, None, Some(reason.as_str())),
        };
        Self {
            cause: breach.map(|breach| breach.cause.name()),
            expected: breach.map(|breach| breach.expected.as_str()),
            observed: breach.map(|breach| breach.observed.as_str()),
            failed_step: breach.and_then(|breach| breach.step),
            reason,
            waiver: waiver.map(WaiverRow::from),
            steps: outcome.steps.iter().map(StepRow::from).collect(),
        }
    }
}

impl<'r> From<&'r Waiver> for WaiverRow<'r> {
    fn from(waiver: &'r Waiver) -> Self {
        Self {
            reason: waiver.reason,
            until: waiver.until.to_string(),
        }
    }
}

impl<'r> From<&'r Step> for StepRow<'r> {
    fn from(step: &'r Step) -> Self {
        Self {
            call: &step.call,
            answer: step.answer.as_deref(),
            duration_us: step.took.map(micros),
            repeat: step.repeat.as_deref(),
        }
    }
}

fn micros(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::{Breach, Cause, kv_store, waive};

    const WAIVER: &Waiver = &waive(kv_store::delete_is_idempotent, "why", "9999-12-31");

    fn row(status: Status) -> Value {
        let step = Step {
            call: "delete(\"a\")".to_owned(),
            answer: None,
            took: Some(Duration::from_millis(2)),
            repeat: Some("curl".to_owned()),
            about: Default::default(),
        };
        let outcome = Outcome {
            clause: kv_store::delete_is_idempotent,
            status,
            steps: vec![step],
            took: Duration::from_millis(3),
        };
        serde_json::to_value(Row::from(&outcome)).unwrap()
    }

    /// A row with what every row has, and with this.
    fn with(outcome: &str, story: Value) -> Value {
        let mut row = json!({
            "id": "kv_store::delete_is_idempotent",
            "level": "MUST",
            "outcome": outcome,
            "duration_us": 3_000,
        });
        let step = json!({ "call": "delete(\"a\")", "answer": null, "duration_us": 2_000, "repeat": "curl" });
        let steps = json!({ "steps": [step] });
        for part in [story, steps] {
            let fields = part.as_object().unwrap().clone();
            row.as_object_mut().unwrap().extend(fields);
        }
        row
    }

    fn breach() -> Breach {
        Breach {
            expected: "Ok(())".to_owned(),
            observed: "none".to_owned(),
            cause: Cause::Hang,
            step: Some(0),
        }
    }

    #[test]
    fn a_violation_is_told_with_what_was_expected_and_observed_and_where() {
        let (breach, expired) = (breach(), None);
        let told =
            json!({ "cause": "hang", "expected": "Ok(())", "observed": "none", "failed_step": 0 });
        let row = row(Status::Violation { breach, expired });
        assert_eq!(row, with("violation", told));
    }

    #[test]
    fn a_waiver_is_told_with_its_reason_and_its_last_day() {
        let waiver = json!({ "reason": "why", "until": "9999-12-31" });
        let told = json!({ "waiver": &waiver });
        let status = Status::UnexpectedPass { waiver: WAIVER };
        assert_eq!(row(status), with("unexpected_pass", told));
        for status in [
            Status::Waived {
                breach: breach(),
                waiver: WAIVER,
            },
            Status::Violation {
                breach: breach(),
                expired: Some(WAIVER),
            },
        ] {
            let row = row(status);
            assert_eq!((&row["waiver"], &row["cause"]), (&waiver, &json!("hang")));
        }
    }

    #[test]
    fn what_was_not_judged_is_told_with_the_reason() {
        let reason = || "why".to_owned();
        let told = json!({ "reason": "why" });
        for (status, name) in [
            (Status::Error { reason: reason() }, "error"),
            (Status::Inconclusive { reason: reason() }, "inconclusive"),
            (Status::NotDeclared { missing: reason() }, "not_declared"),
        ] {
            assert_eq!(row(status), with(name, told.clone()));
        }
    }

    #[test]
    fn a_pass_has_no_story() {
        let row = row(Status::Pass);
        let fields: Vec<_> = row.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["duration_us", "id", "level", "outcome"]);
    }
}
