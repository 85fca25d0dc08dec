//! The catalogue is whole, and its words are fit to be read.

use std::collections::BTreeSet;

use tck::{CONTRACTS, Cause, Level, Status};

/// The clauses that the first kits had, under the names that their users know.
const KNOWN: [&str; 11] = [
    "kv_store::set_and_get_value",
    "kv_store::get_non_existent_key_returns_none",
    "kv_store::set_overwrites_existing_value",
    "kv_store::delete_removes_key",
    "kv_store::delete_is_idempotent",
    "kv_store::set_is_idempotent",
    "cache::set_and_get_value_without_ttl",
    "cache::get_non_existent_key_is_a_cache_miss",
    "cache::key_expires_after_ttl",
    "cache::delete_removes_key_before_expiry",
    "cache::set_overwrites_existing_value_and_ttl",
];

#[test]
fn the_known_clauses_are_there_first() {
    let ids: Vec<_> = tck::clauses().map(|clause| clause.id).collect();
    for known in KNOWN {
        assert!(ids.contains(&known), "{known}");
    }
    let contracts: Vec<_> = CONTRACTS.iter().map(|contract| contract.name).collect();
    assert_eq!(
        contracts,
        [
            "kv_store",
            "cache",
            "values",
            "namespaces",
            "listing",
            "atomic",
            "transaction"
        ]
    );
}

#[test]
fn an_id_is_the_path_of_its_clause_and_belongs_to_one_clause() {
    let mut seen = BTreeSet::new();
    for contract in CONTRACTS {
        for clause in contract.clauses {
            assert_eq!(clause.contract, contract.name);
            assert_eq!(clause.id, format!("{}::{}", contract.name, clause.name));
            assert_eq!(format!("{clause:?}"), clause.id);
            assert!(
                seen.insert(clause.id),
                "{clause:?} stands in the list twice"
            );
        }
    }
    assert_eq!(
        tck::kv_store::delete_is_idempotent.id,
        "kv_store::delete_is_idempotent"
    );
}

#[test]
fn purpose_behaviour_and_fix_are_sentences() {
    for clause in tck::clauses() {
        for text in [clause.purpose, clause.behaviour, clause.fix] {
            assert!(
                text.starts_with(|c: char| c.is_uppercase() || c == '`'),
                "{clause:?}: {text}"
            );
            assert!(text.ends_with('.'), "{clause:?}: {text}");
            assert!(!text.contains("  "), "{clause:?}: {text}");
            let runs_on = |mark, next: fn(char) -> bool| {
                let mut parts = text.split(mark).skip(1);
                parts.any(|part: &str| part.starts_with(next))
            };
            assert!(!runs_on('.', char::is_uppercase), "{clause:?}: {text}");
            assert!(!runs_on(',', char::is_alphabetic), "{clause:?}: {text}");
        }
    }
}

#[test]
fn names_in_reports_are_as_documented() {
    assert_eq!(
        [Level::Must, Level::Should].map(|level| level.to_string()),
        ["MUST", "SHOULD"]
    );
    let causes = [Cause::Answer, Cause::Hang, Cause::Panic];
    assert_eq!(causes.map(Cause::name), ["answer", "hang", "panic"]);
    assert_eq!(Status::Pass.name(), "pass");
}
