//! What happens in one namespace shows in no other.

use bytes::Bytes;
use tck_api::ErrorKind::InvalidKey;

use crate::{
    check::Check,
    probe::{
        crowd::Action,
        keys::{length_of_long_keys, sized},
        payload::{large_value, scattered},
        together::both,
    },
    subject::Subject,
};

pub(super) async fn same_key_in_two_namespaces_holds_two_values(base: &Subject) -> Check {
    let [a, b] = [base.neighbour("a").await?, base.neighbour("b").await?];
    let large = large_value(base);
    let alike = [large.clone(), large.clone()];
    let large = [large.clone(), scattered(large.len())];
    let small = ["of a", "of b"].map(Bytes::from);
    // Keys and values that a store may keep elsewhere. A long key may be refused: the name of
    // the namespace may count.
    let long = sized(base, length_of_long_keys(base), "x", "");
    for (key, values) in [
        (base.key("key"), &small),
        (base.key("large"), &large),
        (base.key("alike"), &alike),
        (long, &small),
        (String::new(), &small),
    ] {
        let [of_a, of_b] = values.clone();
        if !a.set(&key, of_a.clone()).await.is_done_unless(InvalidKey)? {
            continue;
        }
        b.set(&key, of_b.clone()).await.ok()?;
        a.holds(&key, of_a).await?;
        b.holds(&key, of_b.clone()).await?;
        a.delete(&key).await.ok()?;
        a.lacks(&key).await?;
        b.holds(&key, of_b).await?;
    }
    Ok(())
}

pub(super) async fn key_is_absent_from_every_other_namespace(base: &Subject) -> Check {
    let before = base.neighbour("before").await?;
    let a = base.neighbour("a").await?;
    let keys = ["key", "key-key", ""].map(|name| base.key(name));
    for key in &keys {
        a.set(key, "of a").await.ok()?;
        a.has(key).await.is(true)?;
    }
    let after = base.neighbour("after").await?;
    for key in &keys {
        before.has(key).await.is(false)?;
        before.get(key).await.is_missing()?;
        after.get(key).await.is_missing()?;
        after.has(key).await.is(false)?;
        base.lacks(key).await?;
    }
    // Nor does one that comes get what another has left that went.
    let gone = base.neighbour("gone").await?;
    gone.set(&base.key("key"), "of one that went").await.ok()?;
    drop(gone);
    let next = base.neighbour("next").await?;
    next.lacks(&base.key("key")).await?;
    // Nor two that come at the same moment from each other.
    let (left, right) = both(base.neighbour("left"), base.neighbour("right")).await;
    let (left, right) = (left?, right?);
    for key in &keys {
        left.set(key, "of the left").await.ok()?;
        right.lacks(key).await?;
    }
    Ok(())
}

pub(super) async fn deleting_in_one_namespace_leaves_the_others(base: &Subject) -> Check {
    let [a, b, c] = [
        base.neighbour("a").await?,
        base.neighbour("b").await?,
        base.neighbour("c").await?,
    ];
    let keys = ["key", "key2", "other"].map(|name| base.key(name));
    for store in [&a, &b, &c] {
        for key in &keys {
            store.set(key, "value").await.ok()?;
        }
    }
    for key in &keys {
        b.delete(key).await.is(())?;
    }
    for key in &keys {
        a.holds(key, "value").await?;
        b.lacks(key).await?;
        c.holds(key, "value").await?;
    }
    Ok(())
}

pub(super) async fn overwriting_in_one_namespace_leaves_the_others(base: &Subject) -> Check {
    let stores = [
        base.neighbour("a").await?,
        base.neighbour("b").await?,
        base.neighbour("c").await?,
    ];
    let key = base.key("key");
    let mut latest = [0; 3];
    for store in &stores {
        store.set(&key, "0").await.ok()?;
    }
    for turn in [1, 0, 2, 1, 1, 2, 0] {
        for (index, (store, latest)) in stores.iter().zip(&mut latest).enumerate() {
            if index == turn {
                *latest += 1;
                store.set(&key, latest.to_string()).await.ok()?;
            }
        }
        for (store, latest) in stores.iter().zip(latest) {
            store.holds(&key, latest.to_string()).await?;
        }
    }
    Ok(())
}

pub(super) async fn one_name_is_one_namespace(base: &Subject) -> Check {
    let [one, again] = [base.neighbour("a").await?, base.neighbour("a").await?];
    let key = base.key("key");
    one.set(&key, "first").await.ok()?;
    again.holds(&key, "first").await?;
    again.set(&key, "second").await.ok()?;
    one.holds(&key, "second").await?;
    one.delete(&key).await.ok()?;
    again.lacks(&key).await?;
    again.set(&key, "third").await.ok()?;
    base.neighbour("a").await?.holds(&key, "third").await?;
    // Also where nobody has opened it before, and two do at a time.
    let (one, again) = both(base.neighbour("new"), base.neighbour("new")).await;
    let (one, again) = (one?, again?);
    one.set(&key, "first").await.ok()?;
    again.holds(&key, "first").await
}

pub(super) async fn many_namespaces_stay_apart(base: &Subject) -> Check {
    let key = base.key("key");
    let mut stores = Vec::new();
    for index in 0..110 {
        let store = base.neighbour(&index.to_string()).await?;
        store.get(&key).await.is_missing()?;
        store.set(&key, index.to_string()).await.ok()?;
        stores.push(store);
    }
    for store in stores.iter().step_by(2) {
        store.delete(&key).await.ok()?;
    }
    for (index, store) in stores.iter().enumerate() {
        match index % 2 {
            0 => store.lacks(&key).await?,
            _ => store.holds(&key, index.to_string()).await?,
        }
    }
    Ok(())
}

pub(super) async fn concurrent_calls_stay_each_in_its_namespace(base: &Subject) -> Check {
    let [a, b] = [base.neighbour("a").await?, base.neighbour("b").await?];
    let keys: Vec<String> = (0..64).map(|index| base.key(&index.to_string())).collect();
    for round in 0..2 {
        let value = |name: &str| format!("{round} of {name}");
        let writes = |name: &str| {
            keys.iter()
                .map(|key| Action::set(key, value(name)))
                .collect()
        };
        let (of_a, of_b) = both(a.side_by_side(writes("a")), b.side_by_side(writes("b"))).await;
        of_a.and(of_b)?;
        let reads = |name: &str| {
            keys.iter()
                .map(|key| Action::reads(key, Some(value(name).into())))
                .collect()
        };
        let (of_a, of_b) = both(a.all_of(reads("a")), b.all_of(reads("b"))).await;
        of_a.and(of_b)?;
    }
    Ok(())
}
