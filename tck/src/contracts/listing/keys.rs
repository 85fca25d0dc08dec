//! Which keys are listed, in which order, with which values.

use std::num::NonZeroUsize;

use bytes::Bytes;

use crate::{
    EmptyKey,
    check::Check,
    probe::{
        keys::{length_of_long_keys, sized},
        payload::pattern,
    },
    subject::Subject,
};

pub(super) async fn every_key_is_listed_once(store: &Subject) -> Check {
    store.lists("", &[""; 0]).await?;
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| store.key(name));
    for key in [&c, &a, &d, &b] {
        store.set(key, "first").await.is(())?;
    }
    for _ in 0..3 {
        store.set(&b, "second").await.is(())?;
    }
    store.lists("", &[&a, &b, &c, &d]).await?;
    store.delete(&c).await.is(())?;
    store.delete(&c).await.is(())?;
    store.lists("", &[&a, &b, &d]).await?;
    store.set(&c, "again").await.is(())?;
    store.lists("", &[&a, &b, &c, &d]).await
}

pub(super) async fn keys_come_in_the_order_of_their_bytes(store: &Subject) -> Check {
    let names = [
        "",
        "a",
        "A",
        "b",
        "B",
        "Z",
        "z",
        "aa",
        "ab",
        "a b",
        "a-b",
        "a.b",
        "a/b",
        "a:b",
        "a_b",
        "a~",
        "a!",
        "a\u{1}",
        "a\0b",
        "a\nb",
        " a",
        "a ",
        "a%20b",
        "a%2Fb",
        "a+b",
        "1",
        "01",
        "9",
        "10",
        "-1",
        "é",
        "e",
        "f",
        "e\u{301}",
        "ß",
        "Ω",
        "ω",
        "語",
        "\u{ffee}",
        "\u{1f600}",
        "\u{10ffff}",
    ];
    let longest = length_of_long_keys(store);
    let mut keys = names.map(|name| store.key(name)).to_vec();
    keys.extend(["1", "2"].map(|end| sized(store, longest, "x", end)));
    // And as others would name them: the namespace is this check's own.
    let bare = ["!", "10", "9", ".a", "_a", "~a", "é", "語", "\u{10ffff}"];
    keys.extend(bare.map(str::to_owned));
    if store.profile().empty_key == EmptyKey::Accepted {
        keys.push(String::new());
    }
    let keys = store.keep(keys).await?;
    let mut pairs: Vec<_> = keys
        .iter()
        .map(|key| (key.clone(), key.clone().into()))
        .collect();
    for (key, value) in pairs.iter_mut().step_by(2) {
        *value = Bytes::from("again");
        store.set(key, value.clone()).await.is(())?;
    }
    store.lists("", &keys).await?;
    store.lists_pairs(&pairs).await?;
    // Each of them is a place where a page goes on, too.
    store.lists_by(NonZeroUsize::MIN, "", &keys).await
}

pub(super) async fn changes_show_at_once(store: &Subject) -> Check {
    let [a, b] = ["a", "b"].map(|name| store.key(name));
    store.lists(&a, &[""; 0]).await?;
    store.set(&a, "1").await.is(())?;
    store.lists("", &[&a]).await?;
    store.lists(&a, &[&a]).await?;
    store.set(&b, "2").await.is(())?;
    store.lists("", &[&a, &b]).await?;
    store.set(&a, "3").await.is(())?;
    store.lists("", &[&a, &b]).await?;
    store.delete(&a).await.is(())?;
    store.lists("", &[&b]).await?;
    store.lists(&a, &[""; 0]).await?;
    store.set(&a, "4").await.is(())?;
    store.lists("", &[&a, &b]).await?;
    // Nor is what was listed read in place of what came after it.
    store.write(&a, "5", store.lasting()).await.is(())?;
    store.holds(&a, "5").await?;
    store.delete(&b).await.is(())?;
    store.delete(&a).await.is(())?;
    store.lists("", &[""; 0]).await
}

pub(super) async fn values_come_with_their_keys(store: &Subject) -> Check {
    let largest = store.profile().largest_value.unwrap_or(usize::MAX);
    let values = [
        Bytes::new(),
        (0..=u8::MAX).collect(),
        Bytes::from("null"),
        Bytes::from("same"),
        Bytes::from("same"),
        pattern(largest.min(70_000)),
        pattern(largest.min(1 << 20)),
        Bytes::from("last"),
    ];
    // Together more than a page, or an answer, that is measured in bytes holds.
    let large = (0..30).map(|_| pattern(150_000));
    let mut expected = Vec::new();
    for (index, value) in values.into_iter().chain(large).enumerate() {
        let key = store.key(&format!("{index:02}"));
        if value.len() <= largest {
            store.set(&key, value.clone()).await.is(())?;
            expected.push((key, value));
        }
    }
    store.lists_pairs(&expected).await?;
    let keys: Vec<_> = expected.iter().map(|(key, _)| key).collect();
    store.lists("", &keys).await?;
    for (key, value) in &mut expected {
        *value = Bytes::from(format!("second {}", &key.len()));
        store.set(key, value.clone()).await.is(())?;
    }
    store.lists_pairs(&expected).await
}
