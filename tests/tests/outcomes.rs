//! Whatever a provider does, each clause comes to an outcome in bounded time.

use std::{
    collections::HashMap,
    future::pending,
    sync::{Mutex, PoisonError},
    thread::sleep,
    time::Duration,
};

use omni_kv_memory::{Memory, MemoryStore};
use tck::{
    Bytes, Cache, Cause, Error, Factory, KeyValueStore, Outcome, Profile, Report, Result, Setup,
    Status, Suite, Time, Verdict, async_trait, cache, capability, factory, kv_store, namespaces,
    waive,
};
use tokio::task::yield_now;

/// A store that does something else instead of deleting.
struct Odd(Mutex<HashMap<String, Bytes>>, Oddity);

#[derive(Clone, Copy)]
enum Oddity {
    None,
    Panics,
    PanicsBesideOthers,
    Hangs,
    Blocks,
    Fails,
    Drops,
    IsSlow,
}

impl Odd {
    fn new(oddity: Oddity) -> Self {
        Self(Mutex::default(), oddity)
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<String, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl KeyValueStore for Odd {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.entries().get(key).cloned())
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        if matches!(self.1, Oddity::IsSlow) {
            sleep(PATIENCE / 4);
        }
        self.entries().insert(key.to_owned(), value);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        match self.1 {
            Oddity::Panics => panic!("index out of bounds"),
            Oddity::PanicsBesideOthers => {
                yield_now().await;
                assert!(!key.ends_with("-500"), "index out of bounds");
            }
            Oddity::Hangs => pending().await,
            Oddity::Blocks => sleep(Duration::from_secs(3_600)),
            Oddity::Fails => return Err(Error::unavailable("no such key")),
            Oddity::None | Oddity::Drops | Oddity::IsSlow => {}
        }
        self.entries().remove(key);
        Ok(())
    }
}

impl Drop for Odd {
    fn drop(&mut self) {
        if matches!(self.1, Oddity::Drops) {
            sleep(Duration::from_secs(3_600));
        }
    }
}

fn profile() -> Profile {
    Profile::new().time(Time::Manual)
}

const PATIENCE: Duration = Duration::from_millis(500);

/// For what hangs or is slow, and for nothing else: under load a panic may take as long.
fn impatient(profile: Profile) -> Profile {
    profile.patience(PATIENCE)
}

fn odd(oddity: Oddity) -> std::sync::Arc<dyn Factory> {
    factory::<capability::Store, _, _, _>(move || async move { Odd::new(oddity) })
}

fn suite(oddity: Oddity) -> Suite {
    let takes_long = matches!(
        oddity,
        Oddity::Hangs | Oddity::Blocks | Oddity::Drops | Oddity::IsSlow
    );
    let profile = if takes_long {
        impatient(profile())
    } else {
        profile()
    };
    Suite::new(&kv_store::CONTRACT, odd(oddity), profile)
}

fn cause(outcome: &Outcome) -> Option<Cause> {
    match &outcome.status {
        Status::Violation { breach, .. } => Some(breach.cause),
        _ => None,
    }
}

#[test]
fn a_provider_that_complies_leaves_no_story() {
    let outcome = suite(Oddity::None).check(kv_store::set_and_get_value);
    assert!(outcome.steps.is_empty());
}

#[test]
fn of_calls_side_by_side_the_story_names_the_one_that_failed() {
    let clause = kv_store::concurrent_writes_to_different_keys_are_all_kept;
    let story = suite(Oddity::Fails).check(clause).to_string();
    let marked: Vec<_> = story.lines().filter(|line| line.ends_with('✗')).collect();
    assert!(
        matches!(marked[..], [line] if line.contains("delete(") && line.contains("no such key")),
        "{story}"
    );
}

#[test]
fn a_panic_is_a_violation_that_names_the_step() {
    let outcome = suite(Oddity::Panics).check(kv_store::delete_removes_key);
    assert_eq!(cause(&outcome), Some(Cause::Panic));
    let story = outcome.to_string();
    assert!(
        story.contains("observed  a panic: index out of bounds"),
        "{story}"
    );
    assert!(story.contains("no answer  ✗"), "{story}");
}

#[test]
fn of_calls_under_way_the_story_names_the_one_that_panicked() {
    let outcome = suite(Oddity::PanicsBesideOthers).check(kv_store::many_keys_are_all_kept);
    assert_eq!(cause(&outcome), Some(Cause::Panic));
    let story = outcome.to_string();
    let marked: Vec<_> = story.lines().filter(|line| line.ends_with('✗')).collect();
    assert!(
        matches!(marked[..], [line] if line.contains("delete(") && line.contains("-500\")")),
        "{story}"
    );
}

/// A cache that blocks the runtime while nobody calls it.
struct Standstill(MemoryStore);

#[async_trait]
impl KeyValueStore for Standstill {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.0.get(key).await
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.0.set(key, value).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.0.delete(key).await
    }
}

#[async_trait]
impl Cache for Standstill {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        self.0.set_with_ttl(key, value, ttl).await?;
        tokio::spawn(async { sleep(Duration::from_secs(3_600)) });
        Ok(())
    }
}

#[test]
fn a_provider_that_blocks_while_the_kit_waits_is_a_violation() {
    let resolution = Duration::from_millis(10);
    let profile = impatient(Profile::new().time(Time::Wall { resolution }));
    let open = || async { Standstill(MemoryStore::new()) };
    let factory = factory::<capability::Cache, _, _, _>(open);
    let suite = Suite::new(&cache::CONTRACT, factory, profile);
    let outcome = suite.check(cache::key_expires_after_ttl);
    assert_eq!(cause(&outcome), Some(Cause::Hang));
    let story = outcome.to_string();
    assert!(
        story.contains("expected  a runtime that goes on"),
        "{story}"
    );
}

#[test]
fn a_call_that_never_answers_is_a_violation_that_names_the_step() {
    for oddity in [Oddity::Hangs, Oddity::Blocks] {
        let outcome = suite(oddity).check(kv_store::delete_removes_key);
        assert_eq!(cause(&outcome), Some(Cause::Hang));
        let story = outcome.to_string();
        assert!(story.contains("observed  none within 500 ms"), "{story}");
        assert!(story.contains("delete("), "{story}");
    }
}

#[test]
fn a_provider_that_can_not_be_dropped_is_a_violation() {
    let outcome = suite(Oddity::Drops).check(kv_store::set_and_get_value);
    assert_eq!(cause(&outcome), Some(Cause::Hang));
    assert!(outcome.to_string().contains("the provider can be dropped"));
}

#[test]
fn a_clause_that_hangs_or_panics_leaves_the_others_to_go_on() {
    for oddity in [Oddity::Hangs, Oddity::Panics] {
        let suite = suite(oddity);
        assert!(cause(&suite.check(kv_store::delete_is_idempotent)).is_some());
        assert!(matches!(
            suite.check(kv_store::set_and_get_value).status,
            Status::Pass
        ));
    }
}

/// A factory that does something else instead of making a store.
fn failing(fail: fn(&Setup) -> Result<(), String>, hang: bool) -> Suite {
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
    assert_eq!(reason(&hangs), "the factory did not answer within 500 ms");
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

#[test]
fn a_check_that_goes_on_for_longer_than_a_call_may_take_is_no_hang() {
    let slow = suite(Oddity::IsSlow);
    let outcome = slow.check(kv_store::one_key_leaves_the_others_alone);
    assert!(outcome.took > PATIENCE, "{:?}", outcome.took);
    assert!(matches!(outcome.status, Status::Pass), "{outcome}");
}

#[test]
fn a_wait_that_is_longer_than_a_call_may_take_is_no_hang() {
    let resolution = PATIENCE + Duration::from_millis(200);
    let profile = impatient(profile()).time(Time::Wall { resolution });
    let factory = factory::<capability::Cache, _, _, _>(async || MemoryStore::new());
    let outcome =
        Suite::new(&cache::CONTRACT, factory, profile).check(cache::key_expires_after_ttl);
    assert!(outcome.took > PATIENCE, "{:?}", outcome.took);
    assert!(matches!(outcome.status, Status::Pass), "{outcome}");
}

#[test]
fn errors_leave_the_verdict_open() {
    let suite = failing(|_| Err("connection refused".to_owned()), false);
    let report = Report::new("absent", &[suite], |_| ());
    assert_eq!(report.verdict(), Verdict::Incomplete);
    assert_eq!(report.totals().error, kv_store::CONTRACT.clauses.len() - 1);
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

#[test]
#[should_panic(expected = "✗ kv_store::delete_is_idempotent")]
fn an_assertion_panics_with_the_whole_story() {
    suite(Oddity::Fails).assert(kv_store::delete_is_idempotent);
}
