//! Every clause can fail: each mutant is caught by the clauses that it names.

use std::{collections::BTreeSet, time::Duration};

use omni_tck_tests::{
    Mutant,
    manner::{Manner, Mannered},
    mutants,
    noise::Noise,
};
use tck::{Clause, Outcome, Status, Time};

#[test]
fn every_mutant_is_caught_by_the_clauses_that_it_names() {
    assert_eq!(escapes(Mutant::check), [""; 0]);
}

#[test]
fn every_mutant_is_caught_on_a_busy_machine_with_slow_calls() {
    let _noise = Noise::of(8);
    let escapes = escapes(|mutant, clause| {
        let suites = mutant.suites(Time::Manual, |store| Mannered(Manner::Dawdles, store));
        let suite = suites
            .iter()
            .find(|suite| suite.contract().name == clause.contract);
        suite
            .expect("there is a suite for each contract")
            .check(clause)
    });
    assert_eq!(escapes, [""; 0]);
}

/// Where time costs nothing, the first time to live shows it.
#[test]
fn whole_seconds_are_seen_where_lives_are_short() {
    let mut mutants = mutants::all().into_iter();
    let mutant = mutants.find(|mutant| mutant.name == "seconds_are_whole");
    let resolution = Duration::from_millis(1);
    let suites = mutant
        .unwrap()
        .suites(Time::Wall { resolution }, |store| store);
    let clause = tck::cache::key_is_alive_until_late_in_its_life;
    let suite = suites
        .iter()
        .find(|suite| suite.contract().name == clause.contract);
    let outcome = suite.unwrap().check(clause);
    assert!(
        matches!(outcome.status, Status::Violation { .. }),
        "{outcome}"
    );
}

/// How often a mutant is tried: one that loses a race may win it once on a busy machine.
const TRIES: usize = 6;

/// The mutants that a clause which they name does not catch.
fn escapes(check: impl Fn(&Mutant, &'static Clause) -> Outcome) -> Vec<String> {
    let mut escapes = Vec::new();
    for mutant in mutants::all() {
        for clause in &mutant.caught_by {
            let tries = (0..TRIES).map(|_| check(&mutant, clause).status);
            let passed: Vec<_> = tries
                .take_while(|status| !matches!(status, Status::Violation { .. }))
                .map(|status| status.name())
                .collect();
            if passed.len() == TRIES {
                let (name, id) = (mutant.name, clause.id);
                escapes.push(format!("{name}: {id} is {}", passed.join(", ")));
            }
        }
    }
    escapes
}

#[test]
fn every_clause_catches_a_mutant() {
    let mutants = mutants::all();
    let named = mutants.iter().flat_map(|mutant| &mutant.caught_by);
    let catching: BTreeSet<_> = named.map(|clause| clause.id).collect();
    let all: BTreeSet<_> = tck::clauses().map(|clause| clause.id).collect();
    assert_eq!(all.difference(&catching).collect::<Vec<_>>(), [&""; 0]);
}

#[test]
fn no_two_mutants_have_the_same_name() {
    let mut seen = BTreeSet::new();
    let names = mutants::all().into_iter().map(|mutant| mutant.name);
    assert_eq!(
        names.filter(|name| !seen.insert(*name)).collect::<Vec<_>>(),
        [""; 0]
    );
}
