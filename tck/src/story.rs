//! The whole story of an outcome, as a terminal, a test and every report show it.

use std::{fmt, time::Duration};

use crate::{Clause, Outcome, Status, Step, plot, shown};

/// How wide the story is.
const WIDTH: usize = 100;
/// Where the text of a line begins.
const INDENT: usize = 12;
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
    let shown = plot::of(steps, failed, observed);
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
}
