//! A page of keys, out of a backend that names all of them at once.

use std::num::NonZeroUsize;

use tck_api::Page;

/// Those of the keys that a page is to look at, each with where its value lies: the first that
/// begin with the prefix and come after `after`. What turns out to be absent takes its place on
/// the page all the same, so that no page costs more than its limit.
pub fn page_of<P: Ord>(
    keys: impl IntoIterator<Item = (String, P)>,
    prefix: &str,
    after: Option<&str>,
    limit: NonZeroUsize,
) -> Page<(String, P)> {
    let mut items: Vec<_> = keys
        .into_iter()
        .filter(|(key, _)| key.starts_with(prefix))
        .filter(|(key, _)| after.is_none_or(|after| after < key.as_str()))
        .collect();
    items.sort_unstable();
    Page::of(items, limit, |(key, _)| key)
}

/// The page without its values.
#[must_use]
pub fn keys_of<T>(page: Page<(String, T)>) -> Page<String> {
    let Page { items, next } = page;
    let items = items.into_iter().map(|(key, _)| key).collect();
    Page { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_of_the_first_that_are_wanted() {
        let keys = ["b2", "a", "b3", "c", "b1", "b"];
        let page = |prefix, after, limit| {
            let named = keys.map(|key| (key.to_owned(), ()));
            let limit = NonZeroUsize::new(limit).expect("a limit");
            let Page { items, next } = keys_of(page_of(named, prefix, after, limit));
            (items.join(" "), next)
        };
        let next = |key: &str| Some(key.to_owned());
        assert_eq!(page("", None, 2), ("a b".into(), next("b")));
        assert_eq!(page("b", None, 3), ("b b1 b2".into(), next("b2")));
        assert_eq!(page("b", Some("b2"), 1), ("b3".into(), None));
        assert_eq!(page("b", Some("b"), usize::MAX), ("b1 b2 b3".into(), None));
        assert_eq!(page("d", None, 1), (String::new(), None));
    }
}
