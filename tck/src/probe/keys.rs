//! Keys that some store or other has taken for one, or has cut.

use std::time::Duration;

use bytes::Bytes;
use tck_api::ErrorKind::InvalidKey;

use crate::{check::Check, lease::DAY, probe::crowd::Action, subject::Subject};

/// Near-twins at once, written plainly or with a time to live. They stand alone: some mean
/// something only as a whole, and the namespace is this check's own.
pub(crate) async fn told_apart(store: &Subject, ttl: Option<Duration>) -> Check {
    let longest = store.profile().longest_key.unwrap_or(usize::MAX);
    let twins = NEAR_TWINS.iter().enumerate();
    let mut held = Vec::new();
    for (index, key) in twins.filter(|(_, key)| key.len() <= longest) {
        let value = Bytes::from(format!("{index} {key}"));
        let answer = store.write(key, value.clone(), ttl).await;
        if answer.is_done_unless(InvalidKey)? {
            held.push((index, *key, value));
        } else {
            is_refused_everywhere(store, key).await?;
        }
    }
    // One after the other, so that the story of the first that is lost is short.
    for (_, key, value) in &held {
        store.get(key).await.is_value(value.clone())?;
    }
    // One half goes while the other stays, and then the other way round. Those next to each
    // other in the list are in different halves.
    let (even, odd): (Vec<_>, Vec<_>) = held.iter().partition(|(index, ..)| index % 2 == 0);
    goes_alone(store, &even, &odd).await?;
    let again = even
        .iter()
        .map(|(_, key, value)| Action::write(key, value.clone(), ttl));
    store.all_of(again.collect()).await?;
    goes_alone(store, &odd, &even).await
}

/// Near-twins of which every other one expires, long keys among them.
pub(crate) async fn expire_apart(cache: &Subject) -> Check {
    let longest = length_of_long_keys(cache);
    let twins = NEAR_TWINS.iter().map(|twin| (*twin).to_owned());
    let long = ["1", "2"].map(|end| sized(cache, longest, "x", end));
    let mut keys = Vec::new();
    for key in twins.chain(long).filter(|key| key.len() <= longest) {
        if !cache.get(&key).await.is_error(InvalidKey) {
            keys.push(key);
        }
    }
    let all = || keys.iter().enumerate();
    let ttl = |index: usize| match index % 2 {
        0 => cache.first_ttl(),
        _ => DAY,
    };
    let leases = all().map(|(index, key)| Action::set_with_ttl(key, key.clone(), ttl(index)));
    cache.all_of(leases.collect()).await?;
    cache.wait(cache.first_ttl() + cache.resolution()).await;
    let ends = all().map(|(index, key)| {
        let stays = !index.is_multiple_of(2);
        Action::holds(key, stays.then(|| key.clone().into()))
    });
    cache.all_of(ends.collect()).await
}

/// Deletes some of the keys, and expects the others to stay.
async fn goes_alone(store: &Subject, gone: &[&Held], stays: &[&Held]) -> Check {
    let deletes = gone.iter().map(|(_, key, _)| Action::delete(key));
    store.all_of(deletes.collect()).await?;
    let lacks = gone.iter().map(|(_, key, _)| Action::holds(key, None));
    let holds = stays
        .iter()
        .map(|(_, key, value)| Action::holds(key, Some(value.clone())));
    store.all_of(lacks.chain(holds).collect()).await
}

/// Which near-twin it is, its key and its value.
type Held = (usize, &'static str, Bytes);

/// A key that `set` refuses, every other operation refuses as well.
pub(crate) async fn is_refused_everywhere(store: &Subject, key: &str) -> Check {
    store.get(key).await.is_refused(&[InvalidKey])?;
    store.has(key).await.is_refused(&[InvalidKey])?;
    store.delete(key).await.is_refused(&[InvalidKey])
}

/// The declared limit, where a check comes near it.
pub(crate) fn longest_key(store: &Subject) -> Option<usize> {
    let limit = store.profile().longest_key;
    limit.filter(|limit| *limit <= LONG)
}

/// How long a key may be at least.
pub(crate) fn length_of_long_keys(store: &Subject) -> usize {
    let limit = store.profile().longest_key;
    limit.map_or(255, |limit| limit.min(LONG))
}

/// The longest that is tried.
const LONG: usize = 64 << 10;

/// A key of exactly `length` bytes: the check's own mark, a filling, an end.
pub(crate) fn sized(store: &Subject, length: usize, filling: &str, end: &str) -> String {
    let mark = store.key("");
    let room = length.saturating_sub(mark.len() + end.len());
    let filled = filling.repeat(room / filling.len());
    let rest = "x".repeat(room % filling.len());
    mark + &filled + &rest + end
}

/// Each group holds keys that become one another by a single careless step.
#[rustfmt::skip]
const NEAR_TWINS: &[&str] = &[
    // Files that a store may keep beside its own, ahead of the names that they belong to.
    "key.tmp", "key~", "key.bak", "key.lock", "key.meta", "key:ttl", "key:expires_at", ".key",
    // Case, in ASCII and beyond.
    "key", "Key", "KEY", "straße", "STRASSE", "strasse", "i", "I", "\u{130}", "\u{131}",
    // Unicode forms: composed, decomposed, compatible, alike to the eye or invisible.
    "\u{e9}", "e\u{301}", "\u{fb01}", "fi", "\u{c5}", "\u{212b}", "A\u{30a}", "\u{430}", "a",
    "\u{ff41}", "a\u{200b}", "a\u{feff}", "a\u{ad}", "a\u{301}\u{323}", "a\u{323}\u{301}",
    "\u{f1}", "n", "\u{2764}", "\u{2764}\u{fe0f}", "a\u{200e}",
    // Beyond the basic plane, and what is left of it in a narrower encoding.
    "\u{1f600}", "\u{1f601}", "?", "??", "\u{fffd}", "\u{f600}",
    // Blanks and controls.
    " ", "k", " k", "k ", "k  ", "k\t", "k\n", "k\r\n", "k k", "k+k", "k%20k", "k_k", "\tk",
    "k\u{a0}", "k\u{1}", "k\u{7f}",
    // NUL, and what a C string would leave.
    "n\0", "n\0a", "n\0b",
    // Numbers.
    "1", "01", "1.0", "1e0", "+1", "-0", "0", "k-1", "k-01",
    "9007199254740992", "9007199254740993",
    // Paths.
    "x/y", "x//y", "x/./y", "x/z/../y", "/x/y", "x/y/", "x\\y", "x%2Fy", "x%2fy", ".", "..",
    "/", "~", "x/..", "x", "x~1y", "x~y", "x~0y",
    // Separators, escapes, quotes and patterns.
    "s#", "s", "s;", "s:t", "s::t", "s.t", "s|t", "s-t", "s,t", "s;t", "s=t", "s#t", "s@t", "s&t", "t&s", "s?t", "s*t",
    "s%t", "s[t]", "s{t}", "s^t", "s$t", "$t", "q'", "q\"", "q\\", "q\\\\", "q`", "'q'",
    "\"q\"", "q\\n", "q%", "q%%", "q%25", "q%5C", "*", "**", "%", "_", "[a-z]", "^", ".*",
    // Alike to a weak hash, whatever stands before and behind: of Java, djb2, CRC-32, a sum.
    "Aa", "BB", "Ab", "BA", "plumless", "buckeroo", "ad", "bc",
    // Alike alone: to FNV-1a, and as base64 where case is lost.
    "costarring", "liquid", "!!@", "!!Z",
    // Names that mean something somewhere.
    "null", "None", "undefined", "NaN", "true", "false", "__proto__", "constructor", "_id",
    "CON", "nul",
    // A file without an extension.
    "key.",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_near_twin_stands_in_the_list_twice() {
        let mut seen = HashSet::new();
        let twice: Vec<_> = NEAR_TWINS
            .iter()
            .filter(|twin| !seen.insert(**twin))
            .collect();
        assert_eq!(twice, [&""; 0]);
    }
}
