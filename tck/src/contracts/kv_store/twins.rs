//! Keys that some store or other has taken for one.

/// Each group holds keys that become one another by a single careless step.
#[rustfmt::skip]
pub(super) const NEAR_TWINS: &[&str] = &[
    // Case, in ASCII and beyond.
    "key", "Key", "KEY", "straße", "STRASSE", "strasse", "i", "I", "\u{130}", "\u{131}",
    // Unicode forms: composed, decomposed, compatible, alike to the eye or invisible.
    "\u{e9}", "e\u{301}", "\u{fb01}", "fi", "\u{c5}", "\u{212b}", "A\u{30a}", "\u{430}", "a",
    "\u{ff41}", "a\u{200b}", "a\u{feff}", "a\u{ad}", "a\u{301}\u{323}", "a\u{323}\u{301}",
    "\u{f1}", "n",
    // Beyond the basic plane, and what is left of it in a narrower encoding.
    "\u{1f600}", "\u{1f601}", "?", "??", "\u{fffd}", "\u{f600}",
    // Blanks and controls.
    "k", " k", "k ", "k  ", "k\t", "k\n", "k\r\n", "k k", "k+k", "k%20k", "k_k", "\tk",
    "k\u{a0}", "k\u{1}", "k\u{7f}",
    // NUL, and what a C string would leave.
    "n\0", "n\0a", "n\0b",
    // Numbers.
    "1", "01", "1.0", "1e0", "+1", "-0", "0",
    // Paths.
    "x/y", "x//y", "x/./y", "x/z/../y", "/x/y", "x/y/", "x\\y", "x%2Fy", "x%2fy", ".", "..",
    "/", "~", "x/..", "x",
    // Separators, escapes, quotes and patterns.
    "s:t", "s::t", "s.t", "s|t", "s-t", "s,t", "s;t", "s=t", "s#t", "s@t", "s&t", "s?t", "s*t",
    "s%t", "s[t]", "s{t}", "s^t", "s$t", "$t", "q'", "q\"", "q\\", "q\\\\", "q`", "'q'",
    "\"q\"", "q\\n", "q%", "q%%", "q%25", "q%5C", "*", "**", "%", "_", "[a-z]", "^", ".*",
    // Names that mean something somewhere.
    "null", "None", "undefined", "NaN", "true", "false", "__proto__", "constructor", "_id",
    "CON", "nul",
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
