//! The generated parts of the book and the READMEs.
//!
//! A page says where they stand: between `<!-- generated: WHAT -->` and
//! `<!-- end -->`. What is there is written anew from its source.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use tck::{CONTRACTS, Clause, Contract, Status};

use crate::{Mutant, mutants};

const OPEN: &str = "<!-- generated: ";
const CLOSE: &str = "<!-- end -->";

/// The root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All pages that may have generated parts.
pub fn pages() -> io::Result<Vec<PathBuf>> {
    let mut pages = vec![root().join("README.md")];
    for folder in ["docs", "docs/contracts", "docs/decisions"] {
        for entry in fs::read_dir(root().join(folder))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    Ok(pages)
}

/// The page with its generated parts written anew.
///
/// # Errors
///
/// A sentence that says which part is not known or not closed.
pub fn render(page: &str) -> Result<String, String> {
    let mut rendered = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let (what, after) = after
            .split_once(" -->\n")
            .ok_or("a generated part is not opened in a line")?;
        let (_, after) = after
            .split_once(CLOSE)
            .ok_or(format!("`{what}` is not closed"))?;
        let part = generate(what)?;
        let _ = write!(
            rendered,
            "{before}{OPEN}{what} -->\n\n{}\n\n{CLOSE}",
            part.trim_end()
        );
        rest = after;
    }
    rendered.push_str(rest);
    Ok(rendered)
}

fn generate(what: &str) -> Result<String, String> {
    let (kind, argument) = what.split_once(' ').unwrap_or((what, ""));
    match kind {
        "contracts" => Ok(contracts()),
        "clauses" => Ok(clauses(find(
            CONTRACTS,
            |contract| contract.name == argument,
            what,
        )?)),
        "example" => example(argument),
        "matrix" => Ok(matrix()),
        "story" => story(argument),
        _ => Err(format!("there is nothing called `{kind}` to generate")),
    }
}

fn find<'a, T>(
    all: &'a [&'a T],
    is_meant: impl Fn(&T) -> bool,
    what: &str,
) -> Result<&'a T, String> {
    all.iter()
        .copied()
        .find(|one| is_meant(one))
        .ok_or(format!("there is nothing like `{what}`"))
}

fn contracts() -> String {
    let mut table =
        "| contract | macro | clauses | what callers rely on |\n|---|---|---|---|\n".to_owned();
    for contract in CONTRACTS {
        let macro_name = match contract.name {
            "namespaces" => "namespace_contract!".to_owned(),
            name => format!("{name}_contract!"),
        };
        let (_, summary) = contract
            .summary
            .split_once(": ")
            .unwrap_or(("", contract.summary));
        let (name, clauses) = (contract.name, contract.clauses.len());
        let _ = writeln!(
            table,
            "| [`{name}`](docs/contracts/{name}.md) | `tck::{macro_name}` | {clauses} | {summary} |"
        );
    }
    table
}

fn clauses(contract: &Contract) -> String {
    let mutants = mutants::all();
    let mut text = String::new();
    for clause in contract.clauses {
        let Clause {
            name,
            level,
            purpose,
            behaviour,
            fix,
            ..
        } = clause;
        let _ = writeln!(text, "### {name}\n\n{level}.");
        if let Some(need) = clause.needs {
            let _ = writeln!(text, "For providers that declare `{need}`.");
        }
        let _ = writeln!(
            text,
            "\n- **Purpose**: {purpose}\n- **Behaviour**: {behaviour}\n- **To comply**: {fix}"
        );
        let caught = mutants
            .iter()
            .filter(|mutant| mutant.caught_by.iter().any(|by| by.id == clause.id));
        let caught: Vec<_> = caught
            .map(|mutant| format!("{} (`{}`)", mutant.fault, mutant.name))
            .collect();
        let (shown, more) = caught.split_at(caught.len().min(4));
        let _ = write!(text, "- **Catches**: {}", shown.join("; "));
        if !more.is_empty() {
            let _ = write!(text, "; and {} more", more.len());
        }
        let _ = writeln!(text, ".\n");
    }
    text
}

fn matrix() -> String {
    let mut table = "| fault | what the store does | caught by |\n|---|---|---|\n".to_owned();
    let mut by_clause: BTreeMap<&str, usize> = BTreeMap::new();
    for Mutant {
        name,
        fault,
        caught_by,
        ..
    } in mutants::all()
    {
        let links: Vec<_> = caught_by.iter().map(|clause| link(clause)).collect();
        let _ = writeln!(
            table,
            "| `{name}` | {} | {} |",
            fault.replace('|', "\\|"),
            links.join("<br>")
        );
        for clause in caught_by {
            *by_clause.entry(clause.id).or_default() += 1;
        }
    }
    let faults = mutants::all().len();
    let clauses = tck::clauses().count();
    let caught: usize = by_clause.values().sum();
    format!("{faults} faults, {clauses} clauses, {caught} catches that the tests prove.\n\n{table}")
}

fn link(clause: &Clause) -> String {
    let Clause {
        id, contract, name, ..
    } = clause;
    format!("[`{id}`](contracts/{contract}.md#{name})")
}

fn example(file: &str) -> Result<String, String> {
    let path = root().join("docs/examples").join(file);
    let code =
        fs::read_to_string(&path).map_err(|error| format!("docs/examples/{file}: {error}"))?;
    // The first line says to readers of the file what it is for.
    let code = code
        .split_once("\n\n")
        .map_or(code.as_str(), |(_, code)| code);
    Ok(format!("```rust\n{}\n```", code.trim_end()))
}

/// What a mutant's author would read; with durations and names that do not change.
fn story(mutant: &str) -> Result<String, String> {
    let mutants = mutants::all();
    let mutant = mutants
        .iter()
        .find(|other| other.name == mutant)
        .ok_or(format!("there is no mutant `{mutant}`"))?;
    let clause = mutant.caught_by.first().ok_or("the mutant is not caught")?;
    let mut outcome = mutant.check(clause);
    if !matches!(outcome.status, Status::Violation { .. }) {
        return Err(format!("`{}` escapes `{}`", mutant.name, clause.id));
    }
    for step in &mut outcome.steps {
        step.took = step.took.map(|took| {
            if took.is_zero() {
                took
            } else {
                Duration::from_micros(12)
            }
        });
    }
    let story = outcome.to_string();
    let mark = story
        .split_once("tck-")
        .and_then(|(_, rest)| rest.get(..8))
        .unwrap_or_default();
    Ok(format!(
        "```text\n{}\n```",
        story
            .replace(&format!("tck-{mark}"), "tck-7f3a0c21")
            .trim_end()
    ))
}
