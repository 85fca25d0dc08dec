//! Factories that make no store.

use std::future::pending;

use omni_kv_memory::Memory;
use tck::{
    Error, Outcome, Result, Setup, Status, Suite, capability, factory, kv_store, namespaces,
};

use super::odd::{Odd, Oddity, impatient, profile};

/// A factory that does something else instead of making a store.
pub(super) fn failing(fail: fn(&Setup) -> Result<(), String>, hang: bool) -> Suite {
    let open = move |setup: Setup| async move {
        fail(&setup)?;
        if hang {
            pending::<()>().await;
        }
        Ok::<_, String>(Odd::new(Oddity::None))
    };
    Suite::new(
        &kv_store::CONTRACT,
        factory::<capability::Store, _, _, _>(open),
        if hang {
            impatient(profile())
        } else {
            profile()
        },
    )
}

fn reason(outcome: &Outcome) -> &str {
    match &outcome.status {
        Status::Error { reason } => reason,
        other => panic!("not an error: {other:?}"),
    }
}

#[test]
fn a_factory_that_fails_panics_or_hangs_is_an_error_and_no_violation() {
    let clause = kv_store::set_and_get_value;
    let fails = failing(|_| Err("connection refused".to_owned()), false).check(clause);
    assert!(reason(&fails).starts_with("the factory answered Err(connection refused) for the"));
    let panics = failing(|_| panic!("no server"), false).check(clause);
    assert_eq!(reason(&panics), "the factory panicked: no server");
    let hangs = failing(|_| Ok(()), true).check(clause);
    assert_eq!(reason(&hangs), "the factory did not answer within 2.0 s");
}

#[test]
fn a_name_is_refused_as_an_invalid_key_and_in_no_other_way() {
    let check = |refusal: fn() -> Error| {
        let open = move |setup: Setup| async move {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
            match setup.namespace().chars().all(is_plain) {
                true => setup.shared(Memory::new).namespace(setup.namespace()),
                false => Err(refusal()),
            }
        };
        let factory = factory::<capability::Store, _, _, _>(open);
        let suite = Suite::new(&namespaces::CONTRACT, factory, profile());
        suite.check(namespaces::odd_names_stay_apart_or_are_refused)
    };
    let refused = check(|| Error::invalid_key("letters, digits and hyphens"));
    assert!(matches!(refused.status, Status::Pass), "{refused}");
    let failed = check(|| Error::unavailable("no such place"));
    let begin = "the factory answered Err(unavailable: no such place) for the namespace";
    assert!(reason(&failed).starts_with(begin), "{failed}");
}
