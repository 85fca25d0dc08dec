//! Listings in a transaction.

use std::num::NonZeroUsize;

use bytes::Bytes;

use crate::{
    EmptyKey,
    check::Check,
    probe::{
        keys::{length_of_long_keys, sized},
        listing::{ALL, TWO, Walk},
        transaction::Attempt,
    },
    subject::Subject,
};

pub(super) async fn listing_sees_the_own_writes(store: &Subject) -> Check {
    let key = |name: &str| store.key(name);
    store.keep(["b", "d", "f", "h"].map(key).to_vec()).await?;
    // An empty value is one, stored or own.
    store.set(&key("f"), "").await.is(())?;
    let mut transaction = store.begin().await?;
    lists(store, &mut transaction, "", &["b", "d", "f", "h"]).await?;
    for (index, new) in ["a", "da", "i"].into_iter().enumerate() {
        // With a time to live as well, which is another way to write.
        let ttl = store.lasting().filter(|_| index % 2 == 0);
        let value = if new == "i" { "" } else { "new" };
        transaction.write(&key(new), value, ttl).await.is(())?;
    }
    let over = transaction.write(&key("b"), "over", store.lasting()).await;
    over.is(())?;
    for gone in ["d", "h", "never"] {
        transaction.delete(&key(gone)).await.is(())?;
    }
    transaction.set(&key("h"), "again").await.is(())?;
    let brief = transaction
        .write(&key("x"), "for a moment", store.lasting())
        .await;
    brief.is(())?;
    transaction.delete(&key("x")).await.is(())?;
    let own = ["a", "b", "da", "f", "h", "i"];
    lists(store, &mut transaction, "", &own).await?;
    let everything = transaction.walk(Walk::new(ALL), "").await?;
    store.are_keys(&own.map(key), &everything)?;
    lists(store, &mut transaction, "d", &["da"]).await?;
    lists(store, &mut transaction, "x", &[]).await?;
    transaction.commit().await.is(())?;
    let mut next = store.begin().await?;
    lists(store, &mut next, "", &own).await?;
    // What a page has shown goes before the next comes.
    let (mut walk, mut gone) = (Walk::new(TWO), 0);
    loop {
        let goes_on = next.step(&mut walk, &key("")).await?;
        for key in walk.items.iter().skip(gone) {
            next.delete(key).await.is(())?;
        }
        gone = walk.items.len();
        if !goes_on {
            break;
        }
    }
    store.are_keys(&own.map(key), &walk.items)?;
    next.rollback().await.is(())?;
    // What is written ahead of a page shows on it.
    let mut next = store.begin().await?;
    let mut walk = Walk::new(TWO);
    while walk.items.is_empty() && next.step(&mut walk, &key("")).await? {}
    next.delete(&key("i")).await.is(())?;
    next.set(&key("z"), "new").await.is(())?;
    while next.step(&mut walk, &key("")).await? {}
    store.are_keys(&["a", "b", "da", "f", "h", "z"].map(key), &walk.items)?;
    next.rollback().await.is(())?;

    let odd = [
        "q*b", "q/", "q/b", "q/b/c", "qxb", "q b", "q%20b", "q+b", "qa", "qB", "qé", "q\0a", "q\0b",
    ];
    let mut odd = odd.map(key).to_vec();
    let longest = length_of_long_keys(store);
    odd.extend(["1", "2"].map(|end| sized(store, longest, "q", end)));
    let odd = store.keep(odd).await?;
    let mut next = store.begin().await?;
    // Each of them is a place where a page goes on, too.
    for limit in [NonZeroUsize::MIN, ALL] {
        let listed = next.walk(Walk::new(limit), &key("q")).await?;
        store.are_keys(&odd, &listed)?;
    }
    if store.profile().empty_key == EmptyKey::Accepted {
        store.set("", "value").await.is(())?;
        next.rollback().await.is(())?;
        next = store.begin().await?;
        let all = store.walk(Walk::new(ALL), "").await?;
        let walk = Walk::new(NonZeroUsize::MIN);
        store.are_keys(&all, &next.walk(walk, "").await?)?;
    }
    for prefix in ["q*", "q/"].map(key) {
        let selected: Vec<_> = odd.iter().filter(|key| key.starts_with(&prefix)).collect();
        let listed = next.walk(Walk::new(ALL), &prefix).await?;
        store.are_keys(&selected, &listed)?;
    }
    next.rollback().await.is(())?;
    own_writes_are_listed_among_many(store).await
}

async fn own_writes_are_listed_among_many(store: &Subject) -> Check {
    let key = |name: &str| store.key(name);
    let many: Vec<_> = (1_000..2_190)
        .map(|number| key(&format!("many-{number}")))
        .collect();
    // No more of them than every transaction has to hold.
    let (before, own) = many.split_at(1_100);
    store.set_each(before, "old").await?;
    let mut transaction = store.begin().await?;
    for key in own {
        let written = transaction.write(key, "new", store.lasting()).await;
        written.is(())?;
    }
    let listed = transaction.walk(Walk::new(ALL), &key("many-")).await?;
    store.are_keys(&many, &listed)?;
    for (prefix, after, expected) in [
        ("many-", "", many.as_slice()),
        ("MANY-", "", &[]),
        // After a text that is no key, and behind all that the prefix selects.
        ("many-", "many-21871", &[key("many-2188"), key("many-2189")]),
        ("many-", "n", &[]),
    ] {
        let listed = transaction
            .walk(Walk::after(ALL, &key(after)), &key(prefix))
            .await?;
        store.are_keys(expected, &listed)?;
    }
    transaction.rollback().await.is(())
}

pub(super) async fn commits_show_in_listings(store: &Subject) -> Check {
    let [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(|name| store.key(name));
    store
        .set_all(&[(&b, "old"), (&d, "old"), (&e, "old")])
        .await?;
    store.lists("", &[&b, &d, &e]).await?;
    // What was read before is out of date after it.
    store.lacks(&a).await?;
    store.holds(&b, "old").await?;
    let mut transaction = store.begin().await?;
    let lasting = store.lasting();
    for (key, ttl) in [(&a, lasting), (&b, lasting), (&c, None), (&e, None)] {
        transaction.write(key, "new", ttl).await.is(())?;
    }
    transaction.delete(&d).await.is(())?;
    store.lists("", &[&b, &d, &e]).await?;
    store
        .lists_pairs(&[&b, &d, &e].map(|key| (key.clone(), Bytes::from("old"))))
        .await?;
    transaction.commit().await.is(())?;
    let all = [&a, &b, &c, &e].map(|key| (key.as_str(), "new"));
    store.holds_all(&all).await?;
    store.lists("", &[&a, &b, &c, &e]).await?;
    store
        .lists_pairs(&[a, b, c, e].map(|key| (key, Bytes::from("new"))))
        .await
}

/// Expects these keys at once and page by page.
async fn lists(
    store: &Subject,
    transaction: &mut Attempt<'_>,
    prefix: &str,
    names: &[&str],
) -> Check {
    let prefix = store.key(prefix);
    let expected: Vec<_> = names.iter().map(|name| store.key(name)).collect();
    for limit in [ALL, TWO, NonZeroUsize::MIN] {
        let listed = transaction.walk(Walk::new(limit), &prefix).await?;
        store.are_keys(&expected, &listed)?;
    }
    Ok(())
}
