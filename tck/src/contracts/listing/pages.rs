//! Listings page by page.

use std::num::NonZeroUsize;

use tck_api::ErrorKind::InvalidKey;

use crate::{
    check::Check,
    probe::{
        crowd::Action,
        listing::{ALL, Walk},
    },
    subject::Subject,
};

/// How many listings are given up: more than may be open at a time.
const ABANDONED: usize = 70;

const THREE: NonZeroUsize = NonZeroUsize::new(3).unwrap();
const THOUSAND: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();
const LONG: NonZeroUsize = NonZeroUsize::new(1_200).unwrap();

pub(super) async fn pages_are_complete_and_without_duplicates(store: &Subject) -> Check {
    let names = (0..27).map(|number| store.key(&format!("{number:02}")));
    let keys = store.keep(names.collect()).await?;
    let one_of_ten: Vec<_> = keys.iter().skip(10).take(10).collect();
    for limit in [1, 2, 3, 7, 26, 27, 28, usize::MAX]
        .into_iter()
        .filter_map(NonZeroUsize::new)
    {
        store.lists_by(limit, "", &keys).await?;
        store.lists_by(limit, &store.key("1"), &one_of_ten).await?;
    }
    // Most who list go no further than the first page.
    for _ in 0..ABANDONED {
        store.list("", None, NonZeroUsize::MIN).await.ok()?;
    }
    store.lists("", &keys).await
}

pub(super) async fn page_begins_after_any_text(store: &Subject) -> Check {
    let names = ["a", "b", "b1", "b2", "b3", "c"];
    let keys = store
        .keep(names.map(|name| store.key(name)).to_vec())
        .await?;
    let deleted = store.key("b2");
    store.delete(&deleted).await.is(())?;
    let places = [
        "", "a", "aa", "b", "b0", "b1", "b1\u{0}", "b2", "b20", "b3", "b9", "bb", "c", "d",
    ];
    let mut places: Vec<_> = places.map(|name| store.key(name)).to_vec();
    places.extend([String::new(), "\u{10ffff}".to_owned()]);
    for after in &places {
        // A text that is no key of this store need not be one to go on from.
        if store.get(after).await.is_error(InvalidKey) {
            continue;
        }
        for prefix in [String::new(), store.key("b"), store.key("b1")] {
            let expected: Vec<_> = keys
                .iter()
                .filter(|key| key.starts_with(&prefix) && *key > after && **key != deleted)
                .collect();
            let listed = store.walk(Walk::after(ALL, after), &prefix).await?;
            store.are_keys(&expected, &listed)?;
            let walk = Walk::after(ALL, after);
            let listed = store.walk_with_values(walk, &prefix).await?;
            let listed: Vec<_> = listed.into_iter().map(|(key, _)| key).collect();
            store.are_keys(&expected, &listed)?;
        }
    }
    Ok(())
}

pub(super) async fn thousands_of_keys_are_listed(store: &Subject) -> Check {
    // Long enough to be more than a page that is measured in bytes holds.
    let mut keys: Vec<_> = (0..3_000)
        .map(|number| store.key(&format!("{number}-of-three-thousand")))
        .collect();
    let actions = keys.iter().map(|key| Action::set(key, "value")).collect();
    store.all_of(actions).await?;
    keys.sort();
    for limit in [ALL, THOUSAND] {
        store.are_keys(&keys, &store.walk(Walk::new(limit), "").await?)?;
    }
    // Not all at once: where values are read one by one, that is a long call.
    let listed = store.walk_with_values(Walk::new(LONG), "").await?;
    let listed: Vec<_> = listed.into_iter().map(|(key, _)| key).collect();
    store.are_keys(&keys, &listed)?;
    for prefix in ["1", "29"].map(|name| store.key(name)) {
        let selected: Vec<_> = keys.iter().filter(|key| key.starts_with(&prefix)).collect();
        let listed = store.walk(Walk::new(ALL), &prefix).await?;
        store.are_keys(&selected, &listed)?;
    }
    // A long row of them goes.
    let gone: Vec<_> = keys.drain(500..900).collect();
    let deletes = gone.iter().map(|key| Action::delete(key));
    store.all_of(deletes.collect()).await?;
    store.are_keys(&keys, &store.walk(Walk::new(ALL), "").await?)
}

pub(super) async fn pages_stay_sane_while_keys_come_and_go(store: &Subject) -> Check {
    let numbers = 10..30;
    let key = |number: usize| store.key(&format!("{number:02}"));
    store.keep(numbers.clone().map(key).collect()).await?;
    let mut walk = Walk::new(THREE);
    let (mut listed_before, mut changes) = (0, 0);
    let mut gone_before_their_page = Vec::new();
    while let Some(after) = walk.next() {
        let page = store.list("", after.as_deref(), THREE).await;
        store.at_last_step(walk.take(page.result, String::as_str))?;
        // A page may be short, or empty.
        let listed = walk.items.len();
        if listed == listed_before {
            continue;
        }
        (listed_before, changes) = (listed, changes + 1);
        let last = numbers.start + listed - 1;
        let (gone, new): (Vec<_>, &[_]) = match changes {
            // One that was listed, the last that was, and one to come: fewer in front.
            1 => (vec![numbers.start, last, 20], &[5, 31, 32]),
            // The next to come: more in front.
            2 => (vec![last + 1, last + 2], &[6, 7, 8]),
            _ => (Vec::new(), &[]),
        };
        for number in gone {
            store.delete(&key(number)).await.is(())?;
            if number > last {
                gone_before_their_page.push(number);
            }
        }
        for number in new {
            store.set(&key(*number), "new").await.is(())?;
        }
    }
    let may_come = [31, 32].map(key);
    let mut listed = walk.items;
    listed.retain(|key| !may_come.contains(key));
    let expected: Vec<_> = numbers
        .filter(|number| !gone_before_their_page.contains(number))
        .map(key)
        .collect();
    store.are_keys(&expected, &listed)
}
