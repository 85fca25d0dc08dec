//! `tck explain`: what a clause asks, why, and how to comply.

use std::{io::Write, process::ExitCode};

use tck::Clause;

use crate::{Failure, args::Format, catalogue, nearest::UnknownName};

pub(crate) fn run(name: &str, format: Format, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let clause = find(name)?;
    match format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, clause)?;
            writeln!(out)?;
        }
        Format::Text => text(clause, out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The clause of that id, or of that name where no other has it.
fn find(name: &str) -> Result<&'static Clause, Failure> {
    let named = catalogue::clauses().filter(|clause| clause.id == name || clause.name == name);
    match named.collect::<Vec<_>>().as_slice() {
        [clause] => Ok(clause),
        [] => {
            let known = catalogue::clauses().map(|clause| clause.id);
            Err(UnknownName::new("clause", name, known, "`tck list` names them all").into())
        }
        several => {
            let ids: Vec<_> = several.iter().map(|clause| clause.id).collect();
            Err(Failure::SeveralNames(ids.join(", ")))
        }
    }
}

fn text(clause: &Clause, out: &mut impl Write) -> Result<(), Failure> {
    let Clause {
        id,
        contract,
        name,
        level,
        purpose,
        behaviour,
        fix,
        ..
    } = clause;
    writeln!(out, "{id:<79}{level}\n")?;
    writeln!(out, "why\n    {purpose}\n")?;
    writeln!(out, "what is checked\n    {behaviour}\n")?;
    if let Some(need) = clause.needs {
        writeln!(out, "applies to\n    Providers that declare `{need}`.\n")?;
    }
    writeln!(out, "how to comply\n    {fix}\n")?;
    writeln!(out, "guide\n    docs/contracts/{contract}.md#{name}")?;
    Ok(())
}
