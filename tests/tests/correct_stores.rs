//! A store without a fault passes every clause, whatever it declares, whatever kind of time
//! it goes by, however slow it is.

use std::{num::NonZeroUsize, sync::Arc, thread, time::Duration};

use omni_tck_tests::{
    Mutant,
    clay::Rules,
    manner::{Manner, Mannered},
    noise::Noise,
};
use rstest::rstest;
use tck::{Clause, EmptyKey, Isolation, Page, Status, Suite, Time, ZeroTtl};

const WALL: Time = Time::Wall {
    resolution: Duration::from_millis(1),
};
const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();
const MILLISECOND: Duration = Duration::from_millis(1);

const NO_EMPTY_KEY: Rules = Rules {
    empty_key: EmptyKey::Refused,
    ..Rules::NONE
};
const ENDLESS_ZERO: Rules = Rules {
    zero_ttl: ZeroTtl::Forever,
    ..Rules::NONE
};
const SNAPSHOTS: Rules = Rules {
    isolation: Isolation::Snapshot,
    ..Rules::NONE
};
const SHORT_KEYS: Rules = Rules {
    longest_key: Some(64),
    ..Rules::NONE
};
const KEYS_OF_250: Rules = Rules {
    longest_key: Some(250),
    empty_key: EmptyKey::Refused,
    ..Rules::NONE
};
const SMALL_VALUES: Rules = Rules {
    largest_value: Some(1024),
    ..Rules::NONE
};
const MEDIUM_VALUES: Rules = Rules {
    largest_value: Some(65_535),
    ..Rules::NONE
};
const LIMITS_IN_NAME_ONLY: Rules = Rules {
    longest_key: Some(usize::MAX),
    largest_value: Some(usize::MAX),
    ..Rules::NONE
};

#[rstest]
#[case::manual_time(Time::Manual, Rules::NONE)]
#[case::tokio_time(Time::Tokio, Rules::NONE)]
#[case::wall_time(WALL, Rules::NONE)]
#[case::coarse_wall_time(Time::Wall { resolution: Duration::from_millis(50) }, Rules::NONE)]
#[case::limits_in_manual_time(Time::Manual, Rules::STRICT)]
#[case::limits_in_tokio_time(Time::Tokio, Rules::STRICT)]
#[case::limits_in_wall_time(WALL, Rules::STRICT)]
#[case::endless_zero(Time::Manual, ENDLESS_ZERO)]
#[case::snapshot_isolation(Time::Manual, SNAPSHOTS)]
#[case::no_empty_key(Time::Manual, NO_EMPTY_KEY)]
#[case::short_keys(Time::Manual, SHORT_KEYS)]
#[case::small_values(Time::Manual, SMALL_VALUES)]
#[case::medium_values(Time::Manual, MEDIUM_VALUES)]
#[case::limits_in_name_only(Time::Manual, LIMITS_IN_NAME_ONLY)]
fn passes_with(#[case] time: Time, #[case] rules: Rules) {
    assert_passes(&Mutant::control(rules).suites(time, |store| store), |_| {
        true
    });
}

#[rstest]
#[case::letters_digits_and_hyphens(is_plain)]
#[case::names_of_files(is_a_file_name)]
#[case::visible_ascii(is_visible)]
fn passes_where_it_takes_only(#[case] is_taken: fn(&str) -> bool) {
    assert_passes(
        &mannered(KEYS_OF_250, Time::Manual, &Manner::Takes(is_taken)),
        |_| true,
    );
}

fn is_plain(key: &str) -> bool {
    key.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_a_file_name(key: &str) -> bool {
    let reserved = ['/', '\\', ':', '*', '?', '"', '<', '>', '|'];
    !key.contains(reserved) && !key.contains(char::is_control) && !key.ends_with(['.', ' '])
}

fn is_visible(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_graphic())
}

#[rstest]
#[case::in_manual_time(Time::Manual, Manner::Blocks)]
#[case::in_tokio_time(Time::Tokio, Manner::Blocks)]
#[case::in_wall_time(WALL, Manner::Blocks)]
#[case::with_latency_in_tokio_time(Time::Tokio, Manner::Sleeps(MILLISECOND * 20))]
#[case::in_turn_in_tokio_time(Time::Tokio, Manner::SleepsInTurn(MILLISECOND, Arc::default()))]
fn passes_while_it_waits(#[case] time: Time, #[case] manner: Manner) {
    assert_passes(&mannered(Rules::NONE, time, &manner), |_| true);
}

#[rstest]
#[case::of_milliseconds(MILLISECOND * 2)]
#[case::of_hundredths(MILLISECOND * 20)]
fn passes_with_latency_in_wall_time(#[case] latency: Duration) {
    // What makes thousands of calls takes minutes, and has nothing to do with time.
    let few_calls = |clause: &Clause| {
        clause.contract == "cache"
            && !["many", "told_apart", "racing", "dropped", "spares"]
                .iter()
                .any(|word| clause.name.contains(word))
    };
    assert_passes(
        &mannered(Rules::NONE, WALL, &Manner::Sleeps(latency)),
        few_calls,
    );
}

#[rstest]
#[case::in_manual_time(Time::Manual)]
#[case::in_wall_time(WALL)]
fn passes_on_a_busy_machine_with_slow_calls(#[case] time: Time) {
    let _noise = Noise::of(8);
    assert_passes(&mannered(Rules::NONE, time, &Manner::Dawdles), |_| true);
}

#[test]
fn passes_where_entries_end_at_whole_seconds() {
    let whole_seconds = Mutant::control(Rules::NONE).set_with_ttl(|hand, key, value, ttl| {
        let start = *hand
            .server
            .start
            .get_or_init(|| hand.now() - MILLISECOND * 437);
        hand.write(key, value, ttl)?;
        if let Some(mut entry) = hand.entry(key) {
            let life = entry.end.map(|end| end - start);
            let seconds = life.map(|life| life.as_secs() + u64::from(life.subsec_nanos() > 0));
            entry.end = seconds.and_then(|seconds| start.checked_add(Duration::from_secs(seconds)));
            hand.put(key, entry);
        }
        Ok(())
    });
    let time = Time::Wall {
        resolution: Duration::from_secs(1),
    };
    assert_passes(&whole_seconds.suites(time, |store| store), |clause| {
        clause.contract == "cache"
    });
}

fn mannered(rules: Rules, time: Time, manner: &Manner) -> Vec<Suite> {
    let manner = manner.clone();
    Mutant::control(rules).suites(time, move |store| {
        Mannered(manner.clone(), store) as Mannered<_>
    })
}

/// Checks all clauses that are picked, side by side, so that they wait together.
fn assert_passes(suites: &[Suite], picked: impl Fn(&Clause) -> bool) {
    let stories = thread::scope(|scope| {
        let mut checks = Vec::new();
        for suite in suites {
            for clause in suite
                .contract()
                .clauses
                .iter()
                .filter(|clause| picked(clause))
            {
                checks.push(scope.spawn(|| suite.check(clause)));
            }
        }
        assert!(!checks.is_empty(), "nothing is picked");
        let outcomes = checks
            .into_iter()
            .map(|check| check.join().expect("a check does not panic"));
        let failures = outcomes.filter(|outcome| !matches!(outcome.status, Status::Pass));
        failures
            .map(|outcome| outcome.to_string())
            .collect::<Vec<_>>()
    });
    assert!(stories.is_empty(), "{}", stories.join("\n"));
}

#[test]
fn a_wait_that_outlasts_the_patience_is_no_hang() {
    // The first time to live is four times the resolution: six seconds.
    let time = Time::Wall {
        resolution: MILLISECOND * 1500,
    };
    let impatient = Mutant::control(Rules::NONE).patience(MILLISECOND * 3000);
    assert_passes(&impatient.suites(time, |store| store), |clause| {
        clause.id == "cache::key_expires_after_ttl"
    });
}

#[test]
fn passes_where_pages_are_short_or_empty() {
    let short = Mutant::control(Rules::NONE)
        .list(|hand, prefix, after, limit| hand.list(prefix, after, limit.min(TWO)))
        .deal_list(|deal, prefix, after, limit| deal.list(prefix, after, limit.min(TWO)));
    let empty_at_first = Mutant::control(Rules::NONE).list(|hand, prefix, after, limit| {
        let nothing = Page {
            items: Vec::new(),
            next: Some(String::new()),
        };
        match (after, hand.alive("").first()) {
            (None, Some(first)) if !first.is_empty() => Ok(nothing),
            _ => hand.list(prefix, after, limit),
        }
    });
    for store in [short, empty_at_first] {
        assert_passes(&store.suites(Time::Manual, |store| store), |_| true);
    }
}
