//! Listings while others write, and such as are given up.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use tck_api::{KeyValueStore, Listing};

use crate::{
    answer::breach,
    check::Check,
    probe::{
        crowd::{Action, Meanwhile},
        dropping::{STEPS, drop_after},
        listing::{ALL, Walk, are_keys, walk_through, walk_through_pairs},
        race::Effort,
    },
    recorder::Recorder,
    shown,
    subject::Subject,
};

/// How often listings are given up. Some clients make a new connection after each.
const GIVEN_UP: u32 = 3 * STEPS;

/// How many write while others list.
const WRITERS: usize = 8;
/// How many keys they set and delete, and how many stay beside them.
const PASSING: usize = 16;

pub(super) async fn listing_stays_whole_while_others_write(store: &Subject) -> Check {
    let settled = (0..PASSING).map(|number| store.key(&format!("{number:02}-settled")));
    let settled = store.keep(settled.collect()).await?;
    let prefix: Arc<str> = store.key("").into();
    let passing = Arc::clone(&prefix);
    let lasting = store.lasting();
    let writes = move |writer, round: usize| {
        let numbers = (0..PASSING).filter(|number| number % WRITERS == writer);
        let keys = numbers.map(|number| format!("{passing}{number:02}-passing"));
        // Those that stay are overwritten, with the value that they have.
        let settled = format!("{passing}{writer:02}-settled");
        let ttl = lasting.filter(|_| round % 2 == 1);
        let over = Action::write(&settled, settled.clone().into(), ttl);
        keys.flat_map(|key| [Action::set(&key, key.clone()), Action::delete(&key)])
            .chain([over])
            .collect()
    };
    let turn = Arc::new(AtomicUsize::new(0));
    let walk = move |store: Arc<Recorder>| {
        let (prefix, turn) = (Arc::clone(&prefix), turn.fetch_add(1, Ordering::Relaxed));
        async move {
            let listed = match turn % 4 {
                0 => walk_through_pairs(&*store, Walk::new(ALL), &prefix)
                    .await
                    .and_then(keys_of),
                _ => walk_through(&*store, Walk::new(ALL), &prefix).await,
            };
            (listed, store.last_step())
        }
    };
    let Meanwhile { seen, .. } = store
        .while_writing(Effort::LONG, WRITERS, writes, walk)
        .await?;
    for (listed, step) in seen.into_iter().flatten() {
        let mut listed = listed?;
        listed.retain(|key| !key.ends_with("-passing"));
        are_keys(&settled, &listed, step)?;
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
    for keys in store.heats(Effort::LONG) {
        let (plain, leased) = keys.split_at(keys.len() / 2);
        for (keys, ttl) in [(plain, None), (leased, store.lasting())] {
            let act = move |sets, key: &str| match sets {
                true => Action::write(key, key.to_owned().into(), ttl),
                false => Action::delete(key),
            };
            store.meet_at(keys, vec![true, false], act).await?;
        }
        for key in keys {
            if store.get(&key).await.ok()?.is_some() {
                there.push(key);
            }
        }
        there.sort();
        store.lists(&store.key(""), &there).await?;
    }
    dropped_writes_leave_them_alike(store).await
}

/// A write that was given up may still arrive: where a key is there before a listing and
/// after it, it is listed, and where it is not, it is not.
async fn dropped_writes_leave_them_alike(store: &Subject) -> Check {
    let (provider, lasting) = (store.recorded(), store.lasting());
    let mut keys = Vec::new();
    for steps in 1..=STEPS {
        let key = |name| store.key(&format!("{name}-{steps}"));
        let [made, leased, deleted] = ["made", "leased", "deleted"].map(key);
        store.set(&deleted, "old").await.is(())?;
        drop_after(steps, Action::set(&made, "new").apply(&provider)).await;
        let lease = Action::write(&leased, "new".into(), lasting);
        drop_after(steps, lease.apply(&provider)).await;
        drop_after(steps, provider.delete(&deleted)).await;
        keys.extend([made, leased, deleted]);
    }
    for key in &keys {
        let before = store.get(key).await.ok()?.is_some();
        let listed = store.walk(Walk::new(ALL), key).await?;
        let after = store.get(key).await.ok()?.is_some();
        if before == after {
            let there = keys.iter().filter(|there| after && *there == key);
            store.are_keys(&there.collect::<Vec<_>>(), &listed)?;
        }
    }
    Ok(())
}

pub(super) async fn dropped_listing_leaves_no_lock(store: &Subject) -> Check {
    let keys = ["a", "b", "c"].map(|name| store.key(name));
    let keys = store.keep(keys.to_vec()).await?;
    let provider = store.recorded();
    for round in 0..GIVEN_UP {
        let steps = round % STEPS + 1;
        drop_after(steps, provider.list("", None, ALL)).await;
        drop_after(steps, provider.list_with_values("", None, ALL)).await;
        if round >= STEPS {
            continue;
        }
        let key = store.key("new");
        store.set(&key, "new").await.is(())?;
        store.delete(&key).await.is(())?;
        store.lists("", &keys).await?;
    }
    store.lists("", &keys).await
}
