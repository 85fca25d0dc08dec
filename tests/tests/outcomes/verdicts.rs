//! What outcomes and waivers come to.

use tck::{Outcome, Report, Status, Suite, Verdict, kv_store, waive};

use super::{
    factories::failing,
    odd::{Oddity, odd, profile, suite},
};

#[test]
fn errors_leave_the_verdict_open() {
    let suite = failing(|_| Err("connection refused".to_owned()), false);
    let report = Report::new("absent", &[suite], |_| ());
    assert_eq!(report.verdict(), Verdict::Incomplete);
    let clauses = kv_store::CONTRACT.clauses.iter();
    let applies = clauses.filter(|clause| clause.needs.is_none()).count();
    assert_eq!(report.totals().error, applies);
}

#[test]
fn a_verdict_over_no_clause_at_all_is_incomplete() {
    assert_eq!(
        Report::new("nothing", &[], |_| ()).verdict(),
        Verdict::Incomplete
    );
}

#[test]
fn what_is_not_declared_is_named() {
    let outcome = suite(Oddity::None).check(kv_store::second_handle_sees_the_same_data);
    assert!(
        matches!(&outcome.status, Status::NotDeclared { missing } if missing == "second_handle")
    );
    assert!(outcome.status.is_as_declared());
}

const REASON: &str = "the server reports absent keys";

fn waived(oddity: Oddity, waivers: &'static [tck::Waiver]) -> Outcome {
    let suite = Suite::new(&kv_store::CONTRACT, odd(oddity), profile().waivers(waivers));
    suite.check(kv_store::delete_is_idempotent)
}

#[test]
fn a_waiver_covers_a_violation_until_its_last_day() {
    let live = const { &[waive(kv_store::delete_is_idempotent, REASON, "9999-12-31")] };
    let outcome = waived(Oddity::Fails, live);
    assert!(matches!(outcome.status, Status::Waived { .. }));
    assert!(outcome.status.is_as_declared());
    assert!(
        outcome
            .to_string()
            .contains("until 9999-12-31: the server reports absent keys")
    );
}

#[test]
fn a_waiver_that_has_expired_covers_nothing() {
    let expired = const { &[waive(kv_store::delete_is_idempotent, REASON, "2020-02-29")] };
    let outcome = waived(Oddity::Fails, expired);
    assert!(matches!(
        outcome.status,
        Status::Violation {
            expired: Some(_),
            ..
        }
    ));
    assert!(
        outcome
            .to_string()
            .contains("waiver    expired after 2020-02-29")
    );
}

#[test]
fn a_waiver_of_a_clause_that_passes_must_be_struck() {
    for until in ["9999-12-31", "2020-02-29"] {
        let waivers: &'static [_] = match until {
            "9999-12-31" => {
                const { &[waive(kv_store::delete_is_idempotent, REASON, "9999-12-31")] }
            }
            _ => const { &[waive(kv_store::delete_is_idempotent, REASON, "2020-02-29")] },
        };
        let outcome = waived(Oddity::None, waivers);
        assert!(matches!(outcome.status, Status::UnexpectedPass { .. }));
        assert!(!outcome.status.is_as_declared());
        assert!(outcome.to_string().contains("Remove the waiver."));
    }
}

#[test]
fn a_waived_must_leaves_the_provider_not_conformant() {
    let live = const { &[waive(kv_store::delete_is_idempotent, REASON, "9999-12-31")] };
    let suite = Suite::new(
        &kv_store::CONTRACT,
        odd(Oddity::Fails),
        profile().waivers(live),
    );
    let report = Report::new("odd", &[suite], |_| ());
    assert_eq!(report.verdict(), Verdict::NotConformant);
}
