//! The generated parts of the book and the READMEs.
//!
//! A page says where they stand: between `<!-- generated: WHAT -->` and
//! `<!-- end -->`. What is there is written anew from its source.

use std::{
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use tck::{CONTRACTS, Clause, Contract, Outcome, Status, http};

use crate::{mutants, wire};

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
        "clauses" => {
            let contract = all_contracts().find(|contract| contract.name == argument);
            let unknown = || format!("there is nothing like `{what}`");
            Ok(clauses(contract.ok_or_else(unknown)?))
        }
        "example" => example(argument),
        "matrix" if argument == "http" => {
            Ok(matrix(&faults_of_services(), http::CONTRACT.clauses.len()))
        }
        "matrix" => Ok(matrix(&faults_of_stores(), tck::clauses().count())),
        "story" => story(argument),
        "exchange" => exchange(argument),
        _ => Err(format!("there is nothing called `{kind}` to generate")),
    }
}

/// The contracts of stores, and that of services.
fn all_contracts() -> impl Iterator<Item = &'static Contract> {
    CONTRACTS.iter().copied().chain([&http::CONTRACT])
}

/// A fault, and what catches it.
struct Caught {
    name: String,
    fault: &'static str,
    by: Vec<&'static Clause>,
}

fn faults_of_stores() -> Vec<Caught> {
    let caught = mutants::all().into_iter().map(|mutant| Caught {
        name: mutant.name.to_owned(),
        fault: mutant.fault,
        by: mutant.caught_by,
    });
    caught.collect()
}

fn faults_of_services() -> Vec<Caught> {
    let caught = wire::mutants().into_iter().map(|mutant| Caught {
        name: mutant.name,
        fault: mutant.fault,
        by: mutant.caught_by.to_vec(),
    });
    caught.collect()
}

fn contracts() -> String {
    let mut table =
        "| contract | macro | clauses | what callers rely on |\n|---|---|---|---|\n".to_owned();
    for contract in all_contracts() {
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
    let faults: Vec<_> = faults_of_stores()
        .into_iter()
        .chain(faults_of_services())
        .collect();
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
        let caught = faults
            .iter()
            .filter(|fault| fault.by.iter().any(|by| by.id == clause.id));
        let caught: Vec<_> = caught
            .map(|fault| format!("{} (`{}`)", fault.fault, fault.name))
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

fn matrix(faults: &[Caught], clauses: usize) -> String {
    let mut table = "| fault | what it does | caught by |\n|---|---|---|\n".to_owned();
    for Caught { name, fault, by } in faults {
        let links: Vec<_> = by.iter().map(|clause| link(clause)).collect();
        let _ = writeln!(
            table,
            "| `{name}` | {} | {} |",
            fault.replace('|', "\\|"),
            links.join("<br>")
        );
    }
    let caught: usize = faults.iter().map(|fault| fault.by.len()).sum();
    let faults = faults.len();
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
    let outcome = mutant.check(clause);
    if !matches!(outcome.status, Status::Violation { .. }) {
        return Err(format!("`{}` escapes `{}`", mutant.name, clause.id));
    }
    Ok(told(outcome))
}

/// The same of a service.
fn exchange(mutant: &str) -> Result<String, String> {
    let mutants = wire::mutants();
    let mutant = mutants
        .iter()
        .find(|other| other.name == mutant)
        .ok_or(format!("there is no mutant `{mutant}`"))?;
    let clause = mutant.caught_by.first().ok_or("the mutant is not caught")?;
    let told = told(mutant.check(clause));
    let (before, after) = told
        .split_once("http://127.0.0.1:")
        .ok_or(format!("`{}` has no line that repeats it", mutant.name))?;
    let after = after.trim_start_matches(|port: char| port.is_ascii_digit());
    Ok(format!("{before}http://127.0.0.1:8000{after}"))
}

fn told(mut outcome: Outcome) -> String {
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
    format!(
        "```text\n{}\n```",
        story
            .replace(&format!("tck-{mark}"), "tck-7f3a0c21")
            .trim_end()
    )
}
