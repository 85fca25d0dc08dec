//! Listings on several handles and in several namespaces.

use crate::{
    check::Check,
    probe::listing::{ALL, Walk},
    subject::Subject,
};

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
    let prefix = store.key("by-");
    let [by_other, own] = ["by-other", "by-own"].map(|name| store.key(name));
    store.lists(&prefix, &[""; 0]).await?;
    other
        .write(&by_other, "value", store.lasting())
        .await
        .is(())?;
    store.lists(&prefix, &[&by_other]).await?;
    // Handles come and go; what was listed stays.
    store.set(&own, "value").await.is(())?;
    let third = store.second_handle().await?;
    store.lists(&prefix, &[&by_other, &own]).await?;
    drop((other, third));
    store.lists(&prefix, &[&by_other, &own]).await
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
    // What ends in one does not in the others.
    if store.profile().cache {
        let key = store.key("lease");
        longer.set(&key, "for ever").await.is(())?;
        let lease = store.lease(&key, "short", store.first_ttl()).await?;
        store.wait_until_gone(&lease).await;
        store.lists(&key, &[""; 0]).await?;
        longer.lists(&key, &[&key]).await?;
    }
    // Nor is a name a pattern of others, where it is taken at all.
    for name in ["-*", "-a*", "-?", "-[a-z]", "-%", "-_", "-.*"] {
        if let Some(odd) = store.odd_namespace(name).await? {
            odd.lists("", &[""; 0]).await?;
        }
    }
    // Where an odd name is taken, its keys are listed as they are.
    for name in ["-a:b", "-a/b", "-%41", "-é", "-a b", "-a\0b", "-*a"] {
        if let Some(odd) = store.odd_namespace(name).await? {
            let keys = ["a", "b"].map(|name| store.key(name));
            for key in &keys {
                odd.set(key, "value").await.is(())?;
            }
            odd.lists("", &keys).await?;
            odd.lists(&keys[0], &keys[..1]).await?;
        }
    }
    Ok(())
}
