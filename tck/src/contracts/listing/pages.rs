//! Listings page by page, while the store changes.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tck_api::{ErrorKind::InvalidKey, Listing};

use crate::{
    answer::{Answer, breach},
    check::Check,
    probe::{
        crowd::{Action, Meanwhile},
        dropping::{STEPS, drop_after},
        listing::{ALL, Walk, walk_through, walk_through_pairs},
    },
    recorder::Recorder,
    shown,
    subject::Subject,
};

/// How many write while others list.
const WRITERS: usize = 8;
/// How many keys they set and delete, and how many stay beside them.
const PASSING: usize = 16;

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
    Ok(())
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
        for prefix in [String::new(), store.key("b"), store.key("b1")] {
            let expected: Vec<_> = keys
                .iter()
                .filter(|key| key.starts_with(&prefix) && *key > after && **key != deleted)
                .collect();
            // A text that is no key of this store need not be one to go on from.
            let first = store.list(&prefix, Some(after), ALL).await;
            if first.is_error(InvalidKey) {
                continue;
            }
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

pub(super) async fn listing_stays_whole_while_others_write(store: &Subject) -> Check {
    let settled = (0..PASSING).map(|number| store.key(&format!("{number:02}-settled")));
    let settled = store.keep(settled.collect()).await?;
    let prefix: Arc<str> = store.key("").into();
    let passing = Arc::clone(&prefix);
    let writes = move |writer, _| {
        let numbers = (0..PASSING).filter(|number| number % WRITERS == writer);
        let keys = numbers.map(|number| format!("{passing}{number:02}-passing"));
        keys.flat_map(|key| [Action::set(&key, key.clone()), Action::delete(&key)])
            .collect()
    };
    let turn = Arc::new(AtomicUsize::new(0));
    let walk = move |store: Arc<Recorder>| {
        let (prefix, turn) = (Arc::clone(&prefix), turn.fetch_add(1, Ordering::Relaxed));
        async move {
            match turn % 4 {
                0 => walk_through_pairs(&*store, Walk::new(ALL), &prefix)
                    .await
                    .and_then(keys_of),
                _ => walk_through(&*store, Walk::new(ALL), &prefix).await,
            }
        }
    };
    let Meanwhile { seen, .. } = store.while_writing(WRITERS, writes, walk).await?;
    for listed in seen.into_iter().flatten() {
        let mut listed = listed?;
        listed.retain(|key| !key.ends_with("-passing"));
        store.are_keys(&settled, &listed)?;
    }
    Ok(())
}

/// The keys, each of which has to hold itself.
fn keys_of(pairs: Vec<(String, Bytes)>) -> Check<Vec<String>> {
    let mut keys = Vec::new();
    for (key, value) in pairs {
        if value != key {
            let expected = shown::pair(&(key.clone(), key.clone().into()));
            return Err(breach(expected, shown::pair(&(key, value)), None));
        }
        keys.push(key);
    }
    Ok(keys)
}

pub(super) async fn racing_writes_leave_listing_and_reads_alike(store: &Subject) -> Check {
    let mut there = Vec::new();
    for keys in store.heats() {
        let act = |sets, key: &str| match sets {
            true => Action::set(key, key.to_owned()),
            false => Action::delete(key),
        };
        store.meet_at(&keys, vec![true, false], act).await?;
        for key in keys {
            if store.get(&key).await.ok()?.is_some() {
                there.push(key);
            }
        }
        there.sort();
        store.lists(&store.key(""), &there).await?;
    }
    Ok(())
}

pub(super) async fn dropped_listing_leaves_no_lock(store: &Subject) -> Check {
    let keys = ["a", "b", "c"].map(|name| store.key(name));
    let keys = store.keep(keys.to_vec()).await?;
    let provider = store.recorded();
    for steps in 1..=STEPS {
        drop_after(steps, provider.list("", None, ALL)).await;
        drop_after(steps, provider.list_with_values("", None, ALL)).await;
        let key = store.key("new");
        store.set(&key, "new").await.is(())?;
        store.delete(&key).await.is(())?;
        store.lists("", &keys).await?;
    }
    Ok(())
}

pub(super) async fn expired_keys_are_not_listed(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let prefix = store.key("");
            let key = |number: u32| store.key(&format!("{number:02}"));
            let mut last = None;
            for number in 0..20 {
                // Several in a row, so that a whole page has expired.
                if number % 10 < 7 {
                    last = Some(store.lease(&key(number), "short", ttl).await?);
                } else if number % 10 == 7 {
                    let long = Duration::from_secs(3_600).max(ttl * 100);
                    if number == 17 {
                        store
                            .set_with_ttl(&key(number), "short", ttl)
                            .await
                            .is(())?;
                    }
                    store
                        .set_with_ttl(&key(number), "long", long)
                        .await
                        .is(())?;
                } else {
                    // One of them had a time to live before.
                    if number == 8 {
                        store
                            .set_with_ttl(&key(number), "short", ttl)
                            .await
                            .is(())?;
                    }
                    store.set(&key(number), "for ever").await.is(())?;
                }
            }
            // One that is deleted is gone at once, and not when its time is over.
            let deleted = store.key("20");
            store.set_with_ttl(&deleted, "short", ttl).await.is(())?;
            store.delete(&deleted).await.is(())?;
            store.lists(&deleted, &[""; 0]).await?;
            let row = |number: usize| store.key(&format!("row-{number:03}"));
            let leases = (0..150).map(|number| Action::set_with_ttl(&row(number), "short", ttl));
            store.all_of(leases.collect()).await?;
            store.set(&row(150), "for ever").await.is(())?;
            store.wait(ttl + store.resolution()).await;
            store.lists(&store.key("row-"), &[row(150)]).await?;
            store.delete(&row(150)).await.is(())?;
            if let Some(last) = &last {
                store.wait_until_gone(last).await;
            }
            let alive: Vec<_> = (0..20).filter(|number| number % 10 >= 7).map(key).collect();
            for limit in [THREE, NonZeroUsize::MIN, ALL] {
                store.lists_by(limit, &prefix, &alive).await?;
            }
            let walk = Walk::new(ALL);
            for (key, value) in store.walk_with_values(walk, &prefix).await? {
                if ![&b"long"[..], b"for ever"].contains(&&*value) {
                    let expected = format!("{} as it was written", shown::key(&key));
                    let observed = shown::pair(&(key, value));
                    return Err(breach(expected, observed, store.last_step()));
                }
            }
            // One that comes again is listed again, though its end was seen by a read.
            store.get(&key(1)).await.is_missing()?;
            store.set(&key(1), "again").await.is(())?;
            let alive: Vec<_> = [key(1)].into_iter().chain(alive).collect();
            store.lists_by(THREE, &prefix, &alive).await?;
            // Nor does a listing extend the time of what it shows.
            let shown = store.key("shown");
            let lease = store.lease(&shown, "short", ttl).await?;
            store.wait(ttl / 2).await;
            store.walk(Walk::new(ALL), &shown).await?;
            store.walk_with_values(Walk::new(ALL), &shown).await?;
            store.wait_until_gone(&lease).await;
            store.lacks(&shown).await
        })
        .await
}

pub(super) async fn listing_an_expired_key_spares_the_next_value(store: &Subject) -> Check {
    let keys: Vec<_> = (0..64)
        .map(|number| store.key(&number.to_string()))
        .collect();
    let leases = keys
        .iter()
        .map(|key| Action::set_with_ttl(key, "expired", store.first_ttl()));
    store.all_of(leases.collect()).await?;
    store.wait(store.first_ttl() + store.resolution()).await;
    let answers = store
        .race_for(&keys, vec![true, false], |store, lists, key| async move {
            if lists {
                let listed = store.list(&key, None, ALL).await;
                return Answer::of(listed, &store).ok().map(drop);
            }
            Action::set(&key, "new").apply(&store).await
        })
        .await;
    answers.into_iter().flatten().collect::<Check>()?;
    for key in &keys {
        store.get(key).await.is_value("new")?;
    }
    Ok(())
}

pub(super) async fn second_handle_lists_the_same_keys(store: &Subject) -> Check {
    let other = store.second_handle().await?;
    let [a, b] = ["a", "b"].map(|name| store.key(name));
    store.lists("", &[""; 0]).await?;
    other.lists("", &[""; 0]).await?;
    for (writer, key, expected) in [
        (store, &a, vec![&a]),
        (&other, &b, vec![&a, &b]),
        (&other, &a, vec![&a, &b]),
    ] {
        writer.set(key, "value").await.is(())?;
        store.lists("", &expected).await?;
        other.lists("", &expected).await?;
    }
    other.set(&a, "other").await.is(())?;
    let pairs = [(a.clone(), "other".into()), (b.clone(), "value".into())];
    store.lists_pairs(&pairs).await?;
    other.lists_pairs(&pairs).await?;
    for (writer, key, expected) in [(&other, &a, vec![&b]), (store, &b, vec![])] {
        writer.delete(key).await.is(())?;
        store.lists("", &expected).await?;
        other.lists("", &expected).await?;
    }
    if let Some(ttl) = store.lasting() {
        other.set_with_ttl(&a, "lease", ttl).await.is(())?;
        store.lists("", &[&a]).await?;
    }
    Ok(())
}

pub(super) async fn other_namespaces_are_not_listed(store: &Subject) -> Check {
    let (shorter, longer) = (store, store.neighbour("a").await?);
    let longest = store.neighbour("a-a").await?;
    let names = ["", "a", "a-a", "b"];
    for (number, space) in [shorter, &longer, &longest].into_iter().enumerate() {
        for name in names {
            space
                .set(&space.key(name), number.to_string())
                .await
                .is(())?;
        }
        let own = space.key(&format!("own-{number}"));
        space.set(&own, number.to_string()).await.is(())?;
    }
    for (number, space) in [shorter, &longer, &longest].into_iter().enumerate() {
        let mut keys: Vec<_> = names.map(|name| space.key(name)).to_vec();
        keys.push(space.key(&format!("own-{number}")));
        keys.sort();
        let pairs = keys
            .iter()
            .map(|key| (key.clone(), number.to_string().into()));
        space.lists_pairs(&pairs.collect::<Vec<_>>()).await?;
        for prefix in [
            String::new(),
            space.key(""),
            space.key("a"),
            space.key("own"),
        ] {
            let selected: Vec<_> = keys.iter().filter(|key| key.starts_with(&prefix)).collect();
            space.lists(&prefix, &selected).await?;
        }
    }
    for name in names {
        longer.delete(&longer.key(name)).await.is(())?;
    }
    longer.lists("", &[longer.key("own-1")]).await?;
    let kept = store.walk(Walk::new(ALL), "").await?;
    store.are_keys(
        &["", "a", "a-a", "b", "own-0"].map(|name| store.key(name)),
        &kept,
    )?;
    // Nor is a name a pattern of others, where it is taken at all.
    for name in ["-*", "-a*", "-?", "-[a-z]", "-%", "-_", "-.*"] {
        if let Some(odd) = store.odd_namespace(name).await? {
            odd.lists("", &[""; 0]).await?;
        }
    }
    Ok(())
}
