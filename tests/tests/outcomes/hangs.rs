//! Providers that block, hang or take their time.

use std::{thread::sleep, time::Duration};

use omni_kv_memory::MemoryStore;
use tck::{
    Bytes, Cache, Cause, KeyValueStore, Profile, Result, Status, Suite, Time, async_trait, cache,
    capability, factory, kv_store,
};

use super::odd::{Oddity, PATIENCE, cause, impatient, suite};

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
        assert!(story.contains("observed  none within 2.0 s"), "{story}");
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

#[test]
fn a_check_that_goes_on_for_longer_than_a_call_may_take_is_no_hang() {
    let slow = suite(Oddity::IsSlow);
    let outcome = slow.check(kv_store::one_key_leaves_the_others_alone);
    assert!(outcome.took > PATIENCE, "{:?}", outcome.took);
    assert!(matches!(outcome.status, Status::Pass), "{outcome}");
}
