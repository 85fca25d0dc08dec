//! Every clause can fail: each mutant is caught by the clauses that it names.

use std::collections::BTreeSet;

use omni_tck_tests::{
    Mutant,
    clay::Rules,
    mutants,
    noise::{Delayed, Noise},
};
use tck::{Clause, Outcome, Report, Status, Time};

/// What the clauses say of a store.
fn caught(mutant: &Mutant, clause: &'static Clause) -> Option<Outcome> {
    let outcome = mutant.check(clause);
    matches!(outcome.status, Status::Violation { .. }).then_some(outcome)
}

#[test]
fn every_mutant_is_caught_by_the_clauses_that_it_names() {
    let mut escaped = Vec::new();
    for mutant in mutants::all() {
        for clause in &mutant.caught_by {
            if caught(&mutant, clause).is_none() {
                escaped.push(format!("{} escapes {}", mutant.name, clause.id));
            }
        }
    }
    assert_eq!(escaped, [""; 0]);
}

#[test]
fn every_clause_catches_a_mutant() {
    let mutants = mutants::all();
    let catching: BTreeSet<_> = mutants
        .iter()
        .flat_map(|mutant| &mutant.caught_by)
        .map(|clause| clause.id)
        .collect();
    let idle: Vec<_> = tck::clauses()
        .map(|clause| clause.id)
        .filter(|id| !catching.contains(id))
        .collect();
    assert_eq!(idle, [""; 0]);
}

#[test]
fn names_of_mutants_are_told_apart() {
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = mutants::all()
        .into_iter()
        .map(|mutant| mutant.name)
        .filter(|name| !seen.insert(*name))
        .collect();
    assert_eq!(twice, [""; 0]);
}
