//! What an outcome tells.

use tck::{Cause, kv_store};

use super::odd::{Oddity, cause, suite};

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

#[test]
#[should_panic(expected = "✗ kv_store::delete_is_idempotent")]
fn an_assertion_panics_with_the_whole_story() {
    suite(Oddity::Fails).assert(kv_store::delete_is_idempotent);
}
