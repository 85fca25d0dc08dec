//! Values come back exactly, whatever is in them.

use bytes::{Bytes, BytesMut};
use tck_api::ErrorKind::{InvalidKey, TooLarge};

use crate::{
    check::Check,
    probe::{
        crowd::Action,
        keys::{length_of_long_keys, sized},
        payload::{pattern, scattered},
    },
    subject::Subject,
};

pub(super) async fn values_are_exact_over_all_bytes(store: &Subject) -> Check {
    let all: Vec<u8> = (0..=u8::MAX).collect();
    let mut values = vec![all.clone(), all.into_iter().rev().collect()];
    values.extend((0..=u8::MAX).map(|byte| vec![byte]));
    values.extend(
        [
            b"\0".as_slice(),
            b"a\0b",
            b"a\0",
            b"\0a",
            b"\r\n",
            b"a\r\nb\r\n",
            b"a\n",
            b"\na",
            b" a ",
            b"\ta\t",
            b"\xff\xfe\xfd",
            b"\xc3\x28",
            b"\xed\xa0\x80",
            b"\xf0\x9f\x98\x80",
            b"\xef\xbb\xbfa",
            b"\xe2\x28\xa1",
            b"e\xcc\x81",
            // What looks like the padding of a cipher.
            b"\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x01",
        ]
        .map(<[u8]>::to_vec),
    );
    for (key, value) in each_set(store, values).await? {
        store.get(&key).await.is_value(value)?;
    }
    Ok(())
}

/// Sets each value under a key of its own.
async fn each_set(store: &Subject, values: Vec<Vec<u8>>) -> Check<Vec<(String, Vec<u8>)>> {
    let mut held = Vec::new();
    for (index, value) in values.into_iter().enumerate() {
        let key = store.key(&index.to_string());
        store.set(&key, value.clone()).await.is(())?;
        held.push((key, value));
    }
    Ok(held)
}

pub(super) async fn empty_value_is_not_missing(store: &Subject) -> Check {
    let key = store.key("a");
    store.set(&key, "").await.is(())?;
    store.holds(&key, "").await?;
    store.delete(&key).await.ok()?;
    store.lacks(&key).await
}

pub(super) async fn values_that_look_special_are_kept(store: &Subject) -> Check {
    let values = [
        // Nothing, in the words of many languages.
        "null",
        "nil",
        "None",
        "undefined",
        "NULL",
        "0",
        "false",
        "\"\"",
        "''",
        "{}",
        "[]",
        "-1",
        "(nil)",
        "\\N",
        "N;",
        // Numbers that a reader might tidy up.
        "007",
        "1.0",
        "1e3",
        "+5",
        "9007199254740993",
        "0x10",
        "NaN",
        "-0",
        "123456789012345678901234567890",
        // Quotes, escapes, markup.
        "\"quoted\"",
        "'",
        "\\",
        "\\u0041",
        "%41",
        "a+b",
        "a%20b",
        "&amp;",
        "<a/>",
        "${x}",
        "{{x}}",
        "%s",
        "$1",
        // Replies and commands of protocols.
        "+OK\r\n",
        "-ERR\r\n",
        "$-1\r\n",
        "*0\r\n",
        "END\r\n",
        "STORED\r\n",
        "VALUE a 0 1\r\n",
        "\r\nset b 0 0 1\r\nx\r\n",
        "HTTP/1.1 404 Not Found\r\n\r\n",
        // Encoded or compressed data, and what looks like an envelope.
        "aGVsbG8=",
        "68656c6c6f",
        "gzip:",
        "base64:aGVsbG8=",
        "data:,x",
        "{\"value\":\"x\"}",
        "{\"value\":1,\"expires_at\":0}",
        "{\"v\":null}",
        "[1,2]",
        "O:8:\"stdClass\":0:{}",
        "a:0:{}",
        "b:0;",
        "__deleted__",
        "tombstone",
        "EX 0",
        "expired",
    ];
    let mut values: Vec<Vec<u8>> = values
        .into_iter()
        .map(|text| text.as_bytes().to_vec())
        .collect();
    values.extend(
        [
            // Nothing, and a letter, compressed.
            b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\x03\0\0\0\0\0\0\0\0\0",
            b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xab\0\0\x83\x16\xdc\x8c\x01\0\0\0".as_slice(),
            b"\x78\x9c\xab\0\0\0\x79\0\x79",
            // What only begins like it.
            b"\x1f\x8b\x08\x00\x00",
            b"\x28\xb5\x2f\xfd",
            b"\x78\x9c\x03\x00",
            b"\x80\x04\x95",
            b"\xac\xed\x00\x05",
            b"\x04\x22\x4d\x18",
        ]
        .map(<[u8]>::to_vec),
    );
    // What an envelope with a deadline in front would look like.
    values.extend([
        vec![0; 8],
        vec![0; 16],
        vec![0xff; 8],
        [vec![0; 8], b"x".to_vec()].concat(),
    ]);
    for (key, value) in each_set(store, values).await? {
        store.holds(&key, value).await?;
    }
    Ok(())
}

const KIB: usize = 1024;

pub(super) async fn large_values_are_kept_whole(store: &Subject) -> Check {
    let limit = store.profile().largest_value.unwrap_or(KIB * KIB);
    let powers = (5..=20).map(|power| 1 << power);
    let sizes = powers.flat_map(|size| [size - 1, size, size + 1]);
    let values = sizes.chain([1_460, 1_500, 9_000]).map(pattern);
    // Pages of zeros that look like holes, and runs that no counter of a byte holds.
    let plain = [
        vec![0; 4 * KIB],
        vec![0; 64 * KIB],
        vec![b'x'; 70_000],
        vec![0; KIB * KIB],
    ];
    let values: Vec<_> = values
        .chain(plain.map(Bytes::from))
        // What can't be compressed.
        .chain([scattered(4 * KIB), scattered(70_000)])
        .filter(|value| value.len() <= limit)
        .collect();
    // Each under its own key, and all there at once.
    let key = |index: usize| store.key(&index.to_string());
    for (index, value) in values.iter().enumerate() {
        store.set(&key(index), value.clone()).await.is(())?;
        store.get(&key(index)).await.is_value(value.clone())?;
    }
    for (index, value) in values.into_iter().enumerate() {
        store.holds(&key(index), value).await?;
        store.set(&key(index), "small").await.ok()?;
        store.holds(&key(index), "small").await?;
        store.delete(&key(index)).await.ok()?;
        store.lacks(&key(index)).await?;
    }
    // Those that fill a page together with what a store writes in front of them.
    let framed = store.key("framed");
    let frames = [2, 4, 5, 6, 8, 9, 10, 12, 14, 16, 20, 24, 28, 32, 40];
    let full = [4 * KIB, 16 * KIB, 64 * KIB].into_iter();
    let sizes = full.flat_map(|full| frames.map(|frame| full - frame));
    for value in sizes.filter(|size| *size <= limit).map(pattern) {
        store.set(&framed, value.clone()).await.ok()?;
        store.get(&framed).await.is_value(value)?;
    }
    let (changes, largest) = (store.key("changes"), limit.min(KIB * KIB));
    for (size, deletes) in [
        (largest, false),
        (largest / 3, false),
        (largest, true),
        (largest / 3, false),
    ] {
        store.set(&changes, pattern(size)).await.ok()?;
        store.get(&changes).await.is_value(pattern(size))?;
        if deletes {
            store.delete(&changes).await.ok()?;
            store.lacks(&changes).await?;
        }
    }
    // Nor does a name beside it reach a piece of it, nor go with it.
    let mut beside = Vec::new();
    for piece in [":0", ":1", ".0", ".1", "-0", "-1", "_0", "_1"] {
        let key = store.key(&format!("changes{piece}"));
        let answer = store.set(&key, "beside").await;
        if answer.is_done_unless(InvalidKey)? {
            beside.push(key);
        }
    }
    store.get(&changes).await.is_value(pattern(largest / 3))?;
    store.delete(&changes).await.ok()?;
    for key in &beside {
        store.holds(key, "beside").await?;
    }
    Ok(())
}

pub(super) async fn oversized_value_is_refused_and_nothing_changes(store: &Subject) -> Check {
    // Together with a long key.
    let key = sized(store, length_of_long_keys(store), "x", "a");
    let fresh = store.key("fresh");
    store.set(&key, "old").await.ok()?;
    // A limit that no check comes near is as good as none.
    let limit = store.profile().largest_value;
    let Some(limit) = limit.filter(|limit| *limit <= 16 * KIB * KIB) else {
        let huge = pattern(8 * KIB * KIB);
        let answer = store.set(&key, huge.clone()).await;
        return if store.profile().largest_value.is_none() && answer.is_error(TooLarge) {
            store.holds(&key, "old").await
        } else {
            answer.is(())?;
            store.holds(&key, huge).await
        };
    };
    let over = pattern(limit + 1);
    store
        .set(&key, over.clone())
        .await
        .is_refused(&[TooLarge])?;
    store.holds(&key, "old").await?;
    store.set(&fresh, over).await.is_refused(&[TooLarge])?;
    store.lacks(&fresh).await?;
    let full = pattern(limit);
    store.set(&key, full.clone()).await.is(())?;
    store.holds(&key, full).await
}

pub(super) async fn values_are_copied_in_and_out(store: &Subject) -> Check {
    let mut buffer = BytesMut::with_capacity(64);
    for round in 0..8_u8 {
        buffer.clear();
        buffer.reserve(64);
        buffer.extend_from_slice(&[b'a' + round; 64]);
        let value = buffer.split().freeze();
        let key = store.key(&round.to_string());
        store.set(&key, value).await.ok()?;
    }
    // Two values that lie side by side in one allocation.
    let both = Bytes::from_static(b"leftright");
    store.set(&store.key("left"), both.slice(..4)).await.ok()?;
    store.set(&store.key("right"), both.slice(4..)).await.ok()?;
    for round in 0..8_u8 {
        let key = store.key(&round.to_string());
        let original = Bytes::from(vec![b'a' + round; 64]);
        let answered = store.get(&key).await.ok()?;
        if let Some(Ok(mut mine)) = answered.map(Bytes::try_into_mut) {
            mine.fill(b'!');
        }
        store.get(&key).await.is_value(original)?;
    }
    store.get(&store.key("left")).await.is_value("left")?;
    store.get(&store.key("right")).await.is_value("right")
}

/// How many of the keys are there before some of them go. It is a prime, so that what writes in
/// batches has not written all of them.
const MANY_AT_FIRST: usize = 809;

pub(super) async fn many_keys_are_all_kept(store: &Subject) -> Check {
    let keys: Vec<String> = (0..1_200)
        .map(|index| store.key(&index.to_string()))
        .collect();
    let all = || keys.iter().enumerate();
    // One of them is empty.
    let first = |index: usize| match index {
        7 => Bytes::new(),
        _ => Bytes::from(index.to_string()),
    };
    let sets = || all().map(|(index, key)| Action::set(key, first(index)));
    store.all_of(sets().take(MANY_AT_FIRST).collect()).await?;
    // A part of them goes, and a part changes. Many more come after it: what cleans up does so
    // by then.
    let changes = |index: usize| index < MANY_AT_FIRST && index % 10 == 1;
    let value = |index: usize| match changes(index) {
        true => Bytes::from(format!("{index}, changed")),
        false => first(index),
    };
    let goes = |index: usize| index < MANY_AT_FIRST && index.is_multiple_of(5);
    let deletes = all()
        .filter(|(index, _)| goes(*index))
        .map(|(_, key)| Action::delete(key));
    store.all_of(deletes.collect()).await?;
    let changed = all().filter(|(index, _)| changes(*index));
    let changed = changed.map(|(index, key)| Action::set(key, value(index)));
    store.all_of(changed.collect()).await?;
    // Those that stay are there also while the table grows.
    let meanwhile = all()
        .filter(|(index, _)| !goes(*index))
        .map(|(index, key)| Action::reads(key, Some(value(index))));
    let more = sets().skip(MANY_AT_FIRST).zip(meanwhile);
    let more = more.flat_map(|(set, read)| [set, read]).collect();
    store.side_by_side(more).await?;
    let reads = all().map(|(index, key)| {
        let value = (!goes(index)).then(|| value(index));
        // On every path where two stand next to each other, one of which is gone.
        match index % 10 {
            0 | 1 => Action::holds(key, value),
            _ => Action::reads(key, value),
        }
    });
    store.all_of(reads.collect()).await
}
