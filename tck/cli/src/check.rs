//! `tck check`: a provider against all contracts that it declares.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use tck::{Outcome, Report, Status, Verdict};

use crate::{
    Failure,
    args::{Checked, Format},
    heard,
    target::Target,
};

pub(crate) fn run(
    provider: &str,
    checked: &Checked,
    contracts: &[String],
    format: Format,
    out: &mut impl Write,
) -> Result<ExitCode, Failure> {
    let target = Target::find(provider, checked)?.only(contracts)?;
    let report = match format {
        Format::Json => {
            let report = Report::new(&target.name, &target.suites, |_| ());
            heard(writeln!(out, "{}", report.to_json()))?;
            report
        }
        Format::Text => text(&target, out)?,
    };
    Ok(match report.verdict() {
        Verdict::Conformant => ExitCode::SUCCESS,
        Verdict::NotConformant => ExitCode::from(1),
        Verdict::Incomplete => ExitCode::from(3),
    })
}

fn text(target: &Target, out: &mut impl Write) -> Result<Report, Failure> {
    let mut written = Ok(());
    let mut contract = "";
    let report = Report::new(&target.name, &target.suites, |outcome| {
        if written.is_ok() {
            written = row(outcome, &mut contract, out);
        }
    });
    heard(written.and_then(|()| summary(&report, out)))?;
    Ok(report)
}

/// What did not pass, and what it all comes to.
fn summary(report: &Report, out: &mut impl Write) -> io::Result<()> {
    writeln!(out)?;
    for outcome in &report.outcomes {
        if !matches!(outcome.status, Status::Pass | Status::NotDeclared { .. }) {
            writeln!(out, "{outcome}")?;
        }
    }
    let totals = report.totals().by_name();
    let totals = totals.iter().filter(|(_, count)| *count > 0);
    let totals: Vec<_> = totals
        .map(|(name, count)| format!("{count} {}", name.replace('_', " ")))
        .collect();
    let clauses = report.outcomes.len();
    let verdict = report.verdict();
    writeln!(
        out,
        "{}: {verdict}. {clauses} clauses: {}.",
        report.provider,
        totals.join(", ")
    )?;
    out.flush()
}

/// A line for the outcome, as it comes.
fn row(outcome: &Outcome, contract: &mut &'static str, out: &mut impl Write) -> io::Result<()> {
    let clause = outcome.clause;
    if *contract != clause.contract {
        *contract = clause.contract;
        writeln!(out, "{contract}")?;
    }
    let note = match &outcome.status {
        Status::Pass => String::new(),
        Status::NotDeclared { missing } => format!("not declared: {missing}"),
        other => other.name().replace('_', " "),
    };
    let took = outcome.took.as_secs_f64() * 1e3;
    let row = format!(
        "  {} {:<56}{:<8}{took:>8.1} ms  {note}",
        outcome.status.mark(),
        clause.name,
        clause.level
    );
    writeln!(out, "{}", row.trim_end())?;
    out.flush()
}
