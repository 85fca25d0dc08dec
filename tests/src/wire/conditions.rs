//! Conditions of requests.

use super::Fault;

/// What conditions are compared with.
pub(super) struct Conditions<'t> {
    pub(super) fault: Option<Fault>,
    /// The tag of what is there.
    pub(super) tag: Option<&'t str>,
}

impl Conditions<'_> {
    /// The status where one does not hold.
    pub(super) fn judge(&self, first: Option<&str>, second: Option<&str>) -> Option<u16> {
        if self.fault == Some(Fault::IgnoresConditions) {
            return None;
        }
        let lists = [first, second].into_iter().flatten();
        if lists.clone().any(|list| !is_list(list)) {
            return (self.fault != Some(Fault::IgnoresMalformedTags)).then_some(400);
        }
        let first = first.filter(|list| !self.matches(list, true)).map(|_| 412);
        let second = second.filter(|list| self.matches(list, false)).map(|_| 304);
        match self.fault {
            Some(Fault::JudgesIfNoneMatchFirst) => second.or(first),
            _ => first.or(second),
        }
    }

    fn matches(&self, list: &str, strongly: bool) -> bool {
        let Some(tag) = self.tag else {
            return false;
        };
        let strongly = strongly && self.fault != Some(Fault::MatchesWeakTags);
        let matches = |one: &str| match one.strip_prefix("W/") {
            Some(weak) => !strongly && weak == tag,
            None => one == tag,
        };
        list == "*"
            || match self.fault {
                Some(Fault::ReadsOneTag) => matches(list.trim()),
                _ => list.split(',').any(|one| matches(one.trim())),
            }
    }
}

/// Whether it is a list of tags. Its tags have no commas that matter here.
fn is_list(list: &str) -> bool {
    let quotes = list.matches('"').count();
    list == "*"
        || quotes > 0
            && quotes.is_multiple_of(2)
            && list.split('"').step_by(2).all(|between| {
                between
                    .trim_matches([' ', ','])
                    .trim_end_matches("W/")
                    .trim_end_matches([' ', ','])
                    .is_empty()
            })
}
