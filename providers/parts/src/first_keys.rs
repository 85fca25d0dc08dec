//! The first of keys that come in no order.

use std::{collections::BTreeSet, num::NonZeroUsize};

use tck_api::Page;

/// The first keys of those that come, as many as a page holds and one more, which says whether
/// there are more.
#[derive(Clone, Debug)]
pub struct FirstKeys {
    keys: BTreeSet<String>,
    limit: usize,
}

impl FirstKeys {
    /// None so far, of a page of so many.
    #[must_use]
    pub fn of(limit: NonZeroUsize) -> Self {
        let (keys, limit) = (BTreeSet::new(), limit.get());
        Self { keys, limit }
    }
}

impl Extend<String> for FirstKeys {
    fn extend<I: IntoIterator<Item = String>>(&mut self, keys: I) {
        self.keys.extend(keys);
        while self.keys.len() > self.limit.saturating_add(1) {
            self.keys.pop_last();
        }
    }
}

impl From<FirstKeys> for Page<String> {
    fn from(first: FirstKeys) -> Self {
        let FirstKeys { keys, limit } = first;
        let is_last = keys.len() <= limit;
        let items: Vec<_> = keys.into_iter().take(limit).collect();
        let next = items.last().filter(|_| !is_last).cloned();
        Self { items, next }
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
