//! When a conditional write happens, and what it leaves when it does not.

use bytes::Bytes;
use tck_api::ErrorKind::{InvalidKey, TooLarge};

use crate::{
    EmptyKey,
    check::Check,
    probe::{
        keys::{length_of_long_keys, sized},
        payload::pattern,
    },
    subject::Subject,
};

pub(super) async fn set_if_absent_stores_where_nothing_is(store: &Subject) -> Check {
    let [key, other] = ["a", "b"].map(|name| store.key(name));
    store.set_if_absent(&key, "first").await.is(true)?;
    store.holds(&key, "first").await?;
    for value in ["second", "first", ""] {
        store.set_if_absent(&key, value).await.is(false)?;
        store.holds(&key, "first").await?;
    }
    store.lacks(&other).await?;
    store.set(&other, "plain").await.is(())?;
    store.set_if_absent(&other, "second").await.is(false)?;
    store.holds(&other, "plain").await?;
    let largest = store.profile().largest_value.unwrap_or(usize::MAX);
    for (index, value) in [
        (0..=u8::MAX).collect(),
        pattern(largest.min(70_000)),
        Bytes::from("null"),
    ]
    .into_iter()
    .enumerate()
    {
        let key = store.key(&index.to_string());
        store.set_if_absent(&key, value.clone()).await.is(true)?;
        store.holds(&key, value).await?;
    }
    Ok(())
}

pub(super) async fn set_if_absent_stores_again_after_a_delete(store: &Subject) -> Check {
    let key = store.key("a");
    for round in 0..3 {
        let value = format!("round {round}");
        store.set_if_absent(&key, value.clone()).await.is(true)?;
        store.holds(&key, value).await?;
        store.delete(&key).await.is(())?;
        store.lacks(&key).await?;
    }
    store.set(&key, "plain").await.is(())?;
    store.delete(&key).await.is(())?;
    store.set_if_absent(&key, "last").await.is(true)?;
    store.holds(&key, "last").await
}

pub(super) async fn compare_and_set_replaces_the_expected_value(store: &Subject) -> Check {
    let key = store.key("a");
    let largest = store.profile().largest_value.unwrap_or(usize::MAX);
    let values = [
        Bytes::from("second"),
        Bytes::new(),
        (0..=u8::MAX).collect(),
        pattern(largest.min(70_000)),
        // Shorter, and in pieces where pieces are small.
        pattern(largest.min(20_000)),
        Bytes::from("null"),
        Bytes::from("null"),
        Bytes::from("last"),
    ];
    let mut held = Bytes::from("first");
    store.set(&key, held.clone()).await.is(())?;
    for value in values {
        let answer = store.compare_and_set(&key, &held, value.clone()).await;
        answer.is(true)?;
        store.holds(&key, value.clone()).await?;
        held = value;
    }
    Ok(())
}

pub(super) async fn compare_and_set_leaves_any_other_value(store: &Subject) -> Check {
    let key = store.key("a");
    let largest = store.profile().largest_value.unwrap_or(usize::MAX);
    let large = pattern(largest.min(70_000));
    let (mut end_differs, mut middle_differs) = (large.to_vec(), large.to_vec());
    if let Some(last) = end_differs.last_mut() {
        *last ^= 1;
    }
    let middle = middle_differs.len() / 2;
    if let Some(byte) = middle_differs.get_mut(middle) {
        *byte ^= 1;
    }
    let held_and_expected: [(Bytes, &[&[u8]]); 7] = [
        (
            Bytes::from("Value"),
            &[
                b"value", b"VALUE", b"Valu", b"Value ", b" Value", b"Value\0", b"Valuf", b"",
                b"new", b"*", b"%",
            ],
        ),
        // The same to CRC-32.
        (Bytes::from("plumless"), &[b"buckeroo"]),
        (Bytes::from("1"), &[b"1.0", b"01", b"+1", b"2", b"true"]),
        (
            Bytes::from(r#"{"a":1}"#),
            &[br#"{"a": 1}"#, br#"{"a":1.0}"#],
        ),
        (
            Bytes::from(vec![0xff, 0xfe]),
            &[b"\xff\xfd", "\u{fffd}\u{fffd}".as_bytes()],
        ),
        (Bytes::new(), &[b" ", b"\0", b"null", b"None"]),
        (
            large.clone(),
            &[
                &end_differs,
                &middle_differs,
                large.get(1..).unwrap_or_default(),
            ],
        ),
    ];
    store.set(&key, "before").await.is(())?;
    for (held, near_twins) in held_and_expected {
        store.set(&key, held.clone()).await.is(())?;
        for expected in [b"before".as_slice()].iter().chain(near_twins) {
            store
                .compare_and_set(&key, expected, "new")
                .await
                .is(false)?;
            store.holds(&key, held.clone()).await?;
        }
    }
    Ok(())
}

pub(super) async fn compare_and_set_stores_nothing_where_nothing_is(store: &Subject) -> Check {
    let [never, deleted] = ["a", "b"].map(|name| store.key(name));
    store.set(&deleted, "last").await.is(())?;
    store.delete(&deleted).await.is(())?;
    for key in [&never, &deleted] {
        for expected in ["last", "", "null"] {
            let answer = store.compare_and_set(key, expected, "new").await;
            answer.is(false)?;
            store.lacks(key).await?;
        }
    }
    Ok(())
}

pub(super) async fn empty_value_is_present(store: &Subject) -> Check {
    let key = store.key("a");
    store.set_if_absent(&key, "").await.is(true)?;
    store.holds(&key, "").await?;
    store.set_if_absent(&key, "second").await.is(false)?;
    store.holds(&key, "").await?;
    store.compare_and_set(&key, "", "third").await.is(true)?;
    store.holds(&key, "third").await
}

pub(super) async fn conditions_tell_keys_apart(store: &Subject) -> Check {
    let twins = [
        "key", "Key", "key ", "key\t", "key*", "key/", "k", "\u{e9}", "e\u{301}", "ke%79", "keys",
        "k+k", "k k", "n\0a", "n\0b", "1", "01", "x/y", "x//y",
    ];
    let mut held = Vec::new();
    let longest = length_of_long_keys(store);
    let long = ["1", "2"].map(|end| sized(store, longest, "x", end));
    for twin in twins.map(|twin| store.key(twin)).into_iter().chain(long) {
        let answer = store.set_if_absent(&twin, twin.clone()).await;
        if answer.is_error(InvalidKey) {
            continue;
        }
        answer.is(true)?;
        held.push(twin);
    }
    for twin in &held {
        let answer = store
            .compare_and_set(twin, twin, format!("{twin}, anew"))
            .await;
        answer.is(true)?;
    }
    for twin in &held {
        store.holds(twin, format!("{twin}, anew")).await?;
    }
    Ok(())
}

pub(super) async fn what_can_not_be_held_is_refused(store: &Subject) -> Check {
    let [key, free] = ["a", "b"].map(|name| store.key(name));
    store.set(&key, "held").await.is(())?;
    // A limit that no caller comes near is as good as none.
    let largest = store.profile().largest_value;
    if let Some(limit) = largest.filter(|limit| *limit < 64 << 20) {
        let over = pattern(limit + 1);
        let answer = store.set_if_absent(&free, over.clone()).await;
        answer.is_refused(&[TooLarge])?;
        let answer = store.compare_and_set(&key, "held", over.clone()).await;
        answer.is_refused(&[TooLarge])?;
        // What can't be there is not there.
        store.compare_and_set(&key, &over, "new").await.is(false)?;
        store.lacks(&free).await?;
        store.holds(&key, "held").await?;
    }
    // And what is as large as allowed is not.
    let most = largest.unwrap_or(1 << 20);
    if most < 64 << 20 {
        let most = pattern(most);
        store.set_if_absent(&free, most.clone()).await.is(true)?;
        let answer = store.compare_and_set(&key, "held", most.clone()).await;
        answer.is(true)?;
        store.holds(&free, most.clone()).await?;
        let another = Bytes::from(vec![b'x'; most.len()]);
        let answer = store.compare_and_set(&key, &most, another.clone()).await;
        answer.is(true)?;
        store.holds(&key, another).await?;
    }
    match store.profile().empty_key {
        EmptyKey::Accepted => {
            store.set_if_absent("", "new").await.is(true)?;
            store.compare_and_set("", "new", "newer").await.is(true)?;
            store.holds("", "newer").await?;
        }
        EmptyKey::Refused => {
            let answer = store.set_if_absent("", "new").await;
            answer.is_refused(&[InvalidKey])?;
            let answer = store.compare_and_set("", "held", "new").await;
            answer.is_refused(&[InvalidKey])?;
        }
    }
    let longest = store.profile().longest_key;
    if let Some(limit) = longest.filter(|limit| *limit < 1 << 20) {
        let over = sized(store, limit + 1, "x", "");
        let answer = store.set_if_absent(&over, "new").await;
        answer.is_refused(&[InvalidKey])?;
        let answer = store.compare_and_set(&over, "held", "new").await;
        answer.is_refused(&[InvalidKey])?;
    }
    Ok(())
}
