//! `tck list`: all clauses of all contracts.

use std::{io::Write, process::ExitCode};

use crate::{Failure, args::Format, catalogue};

pub(crate) fn run(format: Format, out: &mut impl Write) -> Result<ExitCode, Failure> {
    match format {
        Format::Json => {
            let clauses: Vec<_> = catalogue::clauses().collect();
            serde_json::to_writer_pretty(&mut *out, &clauses)?;
            writeln!(out)?;
        }
        Format::Text => {
            for contract in catalogue::contracts() {
                writeln!(out, "{}: {}\n", contract.name, contract.summary)?;
                for clause in contract.clauses {
                    let need = clause
                        .needs
                        .map(|need| format!("  where {need} is declared"));
                    let need = need.unwrap_or_default();
                    writeln!(out, "  {:<6}  {}{need}", clause.level, clause.id)?;
                }
                writeln!(out)?;
            }
            let clauses = catalogue::clauses().count();
            writeln!(
                out,
                "{clauses} clauses. `tck explain CLAUSE` says what one asks and why."
            )?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
