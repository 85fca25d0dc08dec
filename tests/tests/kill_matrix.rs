//! Every clause can fail: each mutant is caught by the clauses that it names, and a store
//! without a fault by none, on a busy machine as well.

use std::{collections::BTreeSet, time::Duration};

use omni_tck_tests::{
    Mutant,
    clay::Rules,
    mutants,
    noise::{Delayed, Noise},
};
use rstest::rstest;
use tck::{EmptyKey, Report, Status, Time, Verdict, ZeroTtl};

#[test]
fn every_mutant_is_caught_by_the_clauses_that_it_names() {
    assert_eq!(escapes(Mutant::check), [""; 0]);
}

#[test]
fn every_mutant_is_caught_on_a_busy_machine_with_slow_calls() {
    let _noise = Noise::of(8);
    let escapes = escapes(|mutant, clause| {
        let suites = mutant.suites(Time::Manual, Delayed);
        let suite = suites
            .iter()
            .find(|suite| suite.contract().name == clause.contract);
        suite
            .expect("there is a suite for each contract")
            .check(clause)
    });
    assert_eq!(escapes, [""; 0]);
}

/// The mutants that a clause which they name does not catch.
fn escapes(check: impl Fn(&Mutant, &'static tck::Clause) -> tck::Outcome) -> Vec<String> {
    let mut escapes = Vec::new();
    for mutant in mutants::all() {
        for clause in &mutant.caught_by {
            let status = check(&mutant, clause).status;
            if !matches!(status, Status::Violation { .. }) {
                escapes.push(format!(
                    "{}: {} is a {}",
                    mutant.name,
                    clause.id,
                    status.name()
                ));
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

const WALL: Time = Time::Wall {
    resolution: Duration::from_millis(1),
};
const FOREVER: Rules = Rules {
    zero_ttl: ZeroTtl::Forever,
    ..Rules::NONE
};
const NO_EMPTY_KEY: Rules = Rules {
    empty_key: EmptyKey::Refused,
    ..Rules::NONE
};

#[rstest]
#[case::in_manual_time(Time::Manual, Rules::NONE)]
#[case::in_tokio_time(Time::Tokio, Rules::NONE)]
#[case::in_wall_time(WALL, Rules::NONE)]
#[case::in_coarse_wall_time(Time::Wall { resolution: Duration::from_millis(50) }, Rules::NONE)]
#[case::with_limits_in_manual_time(Time::Manual, Rules::STRICT)]
#[case::with_limits_in_tokio_time(Time::Tokio, Rules::STRICT)]
#[case::with_limits_in_wall_time(WALL, Rules::STRICT)]
#[case::with_endless_zero(Time::Manual, FOREVER)]
#[case::without_the_empty_key(Time::Manual, NO_EMPTY_KEY)]
fn a_store_without_a_fault_passes_every_clause(#[case] time: Time, #[case] rules: Rules) {
    passes(&Report::new(
        "control",
        &Mutant::control(rules).suites(time, |store| store),
        |_| (),
    ));
}

#[rstest]
#[case::in_manual_time(Time::Manual)]
#[case::in_wall_time(WALL)]
fn a_store_without_a_fault_passes_on_a_busy_machine_with_slow_calls(#[case] time: Time) {
    let _noise = Noise::of(8);
    passes(&Report::new(
        "control",
        &Mutant::control(Rules::NONE).suites(time, Delayed),
        |_| (),
    ));
}

fn passes(report: &Report) {
    let failures = report
        .outcomes
        .iter()
        .filter(|outcome| !matches!(outcome.status, Status::Pass));
    let stories: Vec<_> = failures.map(ToString::to_string).collect();
    assert!(stories.is_empty(), "{}", stories.join("\n"));
    assert_eq!(report.verdict(), Verdict::Conformant);
}
