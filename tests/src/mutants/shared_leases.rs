//! Faults of times to live that several entries or handles share.

use std::time::{Duration, Instant};

use tck::{Bytes, cache, listing};

use super::marks::{is_marked, mark, unmark};
use crate::{
    Mutant,
    clay::{Entry, Hand, hold_for, locked},
};

const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn mutants() -> Vec<Mutant> {
    let handles = [cache::ttl_is_shared_by_all_handles];
    vec![
        Mutant::new(
            "lease_used_again",
            "a lease is used again for a tenth of its time, so that the next entry ends early",
            &[cache::key_is_alive_until_late_in_its_life],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let ends = hand
                .entries()
                .values()
                .map(|held| (held.written, held.end))
                .collect::<Vec<_>>();
            hand.write(key, value, ttl)?;
            let is_alike = |(written, end): &(Instant, Option<Instant>)| {
                let passed = hand.now().saturating_duration_since(*written);
                ttl.is_some_and(|ttl| passed < ttl / 10 && *end == written.checked_add(ttl))
            };
            let earlier = ends.into_iter().find(is_alike).and_then(|(_, end)| end);
            if let (Some(end), Some(entry)) = (earlier, hand.entry(key)) {
                let end = Some(end);
                hand.put(key, Entry { end, ..entry });
            }
            Ok(())
        }),
        Mutant::new(
            "plain_set_revokes_a_shared_lease",
            "a plain set over a time to live ends all that were given at the same moment",
            &[cache::longer_ttl_replaces_a_shorter_one],
        )
        .set(|hand, key, value, _| {
            revoke(hand, key);
            hand.write(key, value, None)
        }),
        Mutant::new(
            "renewal_revokes_a_shared_lease",
            "a renewal ends all entries whose time was given at the same moment",
            &[cache::longer_ttl_replaces_a_shorter_one],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            revoke(hand, key);
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "weeks_are_cut_to_days",
            "a time to live of more than a week is cut to whole days",
            &[cache::very_long_ttl_neither_overflows_nor_ends_early],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let cut = |ttl: Duration| match ttl > DAY * 7 {
                true => Duration::from_secs(ttl.as_secs() / 86_400 * 86_400),
                false => ttl,
            };
            hand.write(key, value, ttl.map(cut))
        }),
        Mutant::new(
            "listing_extends_the_ttl",
            "a listing begins the time of what it shows anew",
            &[listing::expired_keys_are_not_listed],
        )
        .list(|hand, prefix, after, limit| {
            let listed = hand.list(prefix, after, limit)?;
            for key in &listed.items {
                if let Some(entry) = hand.entry(key)
                    && let Some(end) = entry.end
                {
                    let ttl = end - entry.written;
                    hand.write(key, entry.value, Some(ttl))?;
                }
            }
            Ok(listed)
        }),
        Mutant::new(
            "timer_of_another_handle_survives_a_renewal",
            "the timer of one handle removes what another has given a longer time since",
            &handles,
        )
        .set_with_ttl(|hand, key, value, ttl| {
            hand.write(key, value, ttl)?;
            let end = hand.entry(key).and_then(|entry| entry.end);
            let nanos = end.map(|end| end.saturating_duration_since(origin(hand)).as_nanos());
            let place = format!("{} {}", hand.number, hand.at(key));
            let timer = nanos.unwrap_or(u128::MAX).to_string();
            locked(&hand.server.memo).insert(place, timer.into());
            Ok(())
        })
        .get(|hand, key| {
            let place = hand.at(key);
            let now = hand
                .now()
                .saturating_duration_since(origin(hand))
                .as_nanos();
            let is_over = |timer: &Bytes| {
                let end = str::from_utf8(timer).ok().and_then(|end| end.parse().ok());
                end.is_some_and(|end: u128| end <= now)
            };
            let timers = locked(&hand.server.memo).clone();
            let own = timers
                .iter()
                .filter(|(at, _)| at.split_once(' ').is_some_and(|(_, at)| at == place));
            let is_leased = hand.entry(key).is_some_and(|entry| entry.end.is_some());
            match is_leased && own.map(|(_, timer)| timer).any(is_over) {
                true => Ok(None),
                false => hand.get(key),
            }
        }),
        Mutant::new(
            "copy_keeps_its_deadline",
            "a handle's copy keeps its deadline where another has renewed it with the same value",
            &handles,
        )
        .get(|hand, key| {
            let got = hand.get(key)?;
            let place = format!("{} {}", hand.number, hand.at(key));
            let Some(entry) = hand.entry(key).filter(|entry| entry.end.is_some()) else {
                locked(&hand.server.memo).remove(&place);
                return Ok(got);
            };
            let end = entry.end.unwrap_or_else(|| hand.now());
            let end = end.saturating_duration_since(origin(hand)).as_nanos();
            let copy = [end.to_be_bytes().as_slice(), &entry.value].concat();
            let mut copies = locked(&hand.server.memo);
            let held = copies.entry(place).or_insert_with(|| copy.clone().into());
            if held.get(16..) != copy.get(16..) {
                *held = copy.into();
            }
            let now = hand
                .now()
                .saturating_duration_since(origin(hand))
                .as_nanos();
            let is_over = held
                .first_chunk()
                .is_some_and(|end| u128::from_be_bytes(*end) <= now);
            Ok(got.filter(|_| !is_over))
        }),
        Mutant::new(
            "longest_ttl_sticks",
            "what was leased for the longest time can't be leased for less",
            &[cache::very_long_ttl_neither_overflows_nor_ends_early],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let is_longest = ttl == Some(Duration::MAX);
            let stuck = is_marked(hand, key);
            if is_longest {
                mark(hand, key);
            }
            hand.write(key, value, ttl.filter(|_| !stuck))
        }),
        Mutant::new(
            "minutes_are_cut_to_ten_seconds",
            "a time to live of more than a minute is cut to whole tens of seconds",
            &[cache::very_long_ttl_neither_overflows_nor_ends_early],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let cut = |ttl: Duration| match ttl.as_secs() {
                60..100 => Duration::from_secs(ttl.as_secs() / 10 * 10),
                _ => ttl,
            };
            hand.write(key, value, ttl.map(cut))
        }),
        Mutant::new(
            "miss_outlives_the_lease_of_another_handle",
            "a handle remembers that a key was missing until somebody sets it plainly",
            &handles,
        )
        .set(|hand, key, value, ttl| {
            locked(&hand.server.memo).clear();
            hand.write(key, value, ttl)
        })
        .get(|hand, key| {
            let place = format!("{} {}", hand.number, hand.at(key));
            if locked(&hand.server.memo).contains_key(&place) {
                return Ok(None);
            }
            let got = hand.get(key)?;
            if got.is_none() {
                locked(&hand.server.memo).insert(place, Bytes::new());
            }
            Ok(got)
        })
        .set_with_ttl(|hand, key, value, ttl| {
            let place = format!("{} {}", hand.number, hand.at(key));
            locked(&hand.server.memo).remove(&place);
            hand.write(key, value, ttl)
        }),
        Mutant::new(
            "zero_over_a_lease_is_ignored",
            "a time to live of zero leaves what has one",
            &[cache::zero_ttl_follows_the_declared_policy],
        )
        .set_with_ttl(|hand, key, value, ttl| {
            let is_leased = hand.entry(key).is_some_and(|held| held.end.is_some());
            match ttl == Some(Duration::ZERO) && is_leased {
                true => Ok(()),
                false => hand.write(key, value, ttl),
            }
        }),
        Mutant::new(
            "delete_and_lease_race_for_the_deadline",
            "a delete removes the deadline of what comes meanwhile",
            &[cache::racing_writes_keep_value_and_deadline_together],
        )
        .delete(|hand, key| {
            hand.delete(key)?;
            mark(hand, key);
            // Not so long that the others go on to the next key without it.
            hold_for(Duration::from_millis(10), || !is_marked(hand, key));
            unmark(hand, key);
            Ok(())
        })
        .set_with_ttl(|hand, key, value, ttl| {
            let has_none = unmark(hand, key);
            hand.write(key, value, ttl.filter(|_| !has_none))
        }),
    ]
}

/// When the first fault that counts began to.
fn origin(hand: &Hand) -> Instant {
    *hand.server.start.get_or_init(|| hand.now())
}

/// Removes all entries whose time was given at the same moment as that of this one.
fn revoke(hand: &Hand, key: &str) {
    let Some(Entry {
        written,
        end: Some(end),
        ..
    }) = hand.entry(key)
    else {
        return;
    };
    hand.entries()
        .retain(|_, entry| entry.written != written || entry.end != Some(end));
}
