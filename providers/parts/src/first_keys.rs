//! The first of keys that come in no order.

use std::{collections::BTreeSet, num::NonZeroUsize};

use tck_api::Page;

/// The first keys of those that come, as many as a page holds and one more, which says whether
/// there are more.
#[derive(Clone, Debug)]
pub struct FirstKeys {
    keys: BTreeSet<String>,
    limit: NonZeroUsize,
}

impl FirstKeys {
    /// None so far, of a page of so many.
    #[must_use]
    pub fn of(limit: NonZeroUsize) -> Self {
        let keys = BTreeSet::new();
        Self { keys, limit }
    }
}

impl Extend<String> for FirstKeys {
    fn extend<I: IntoIterator<Item = String>>(&mut self, keys: I) {
        self.keys.extend(keys);
        while self.keys.len() > self.limit.get().saturating_add(1) {
            self.keys.pop_last();
        }
    }
}

impl From<FirstKeys> for Page<String> {
    fn from(first: FirstKeys) -> Self {
        Self::of(first.keys, first.limit, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_whether_there_are_more() {
        let two = NonZeroUsize::MIN.saturating_add(1);
        for (keys, items, next) in [
            (vec![], vec![], None),
            (vec!["b", "a", "b"], vec!["a", "b"], None),
            (vec!["c", "d", "a", "b"], vec!["a", "b"], Some("b")),
        ] {
            let mut first = FirstKeys::of(two);
            for key in keys {
                first.extend([key.to_owned()]);
            }
            let page = Page::from(first);
            assert_eq!(page.items, items);
            assert_eq!(page.next.as_deref(), next);
        }
    }
}
