//! What is told of a violation: the calls with all that was passed, and the one that failed.

use omni_tck_tests::{Mutant, mutants};
use tck::{Clause, Outcome, Status, cache, listing, transaction};

fn outcome(mutant: &str, clause: &'static Clause) -> Outcome {
    let all = mutants::all();
    let mutant: Option<&Mutant> = all.iter().find(|one| one.name == mutant);
    mutant.expect("there is such a mutant").check(clause)
}

/// The step that is marked.
fn marked(outcome: &Outcome) -> String {
    let story = outcome.to_string();
    let mut lines = story.lines().filter(|line| line.ends_with('✗'));
    let line = lines.next().unwrap_or_default().to_owned();
    assert!(lines.next().is_none(), "{story}");
    line
}

#[test]
fn a_write_with_a_time_to_live_is_told_with_its_value_and_its_time() {
    for (mutant, clause, call, arguments) in [
        (
            "ttl_ignored",
            cache::key_expires_after_ttl,
            "set_with_ttl(",
            r#", "value", "#,
        ),
        (
            "ttl_lost_in_a_transaction",
            transaction::ttl_counts_from_the_commit,
            "t1.set_with_ttl(",
            r#", "lease", "#,
        ),
    ] {
        let steps = outcome(mutant, clause).steps;
        let told = steps.iter().find(|step| step.call.starts_with(call));
        let told = &told.expect("it was called").call;
        assert!(told.contains(arguments) && told.ends_with("s)"), "{told}");
    }
}

#[test]
fn what_only_several_calls_show_is_marked_at_the_last_of_them() {
    let outcome = outcome("last_commit_wins", transaction::lost_update_is_refused);
    let last = outcome.steps.last().expect("there are steps");
    assert_eq!(last.call, "t2.commit()");
    let marked = marked(&outcome);
    assert!(marked.contains("t2.commit()"), "{marked}");
}

#[test]
fn a_call_that_fails_beside_others_is_marked() {
    let clause = listing::listing_stays_whole_while_others_write;
    // On a busy machine a race may take more than one try.
    let mut tries = (0..4).map(|_| outcome("listing_fails_where_a_key_goes", clause));
    let caught = tries.find(|outcome| matches!(outcome.status, Status::Violation { .. }));
    let marked = marked(&caught.expect("a key goes"));
    assert!(marked.contains("Err(backend: no such key)"), "{marked}");
}
