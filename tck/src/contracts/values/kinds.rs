//! Values of every kind read back equal.

use bytes::Bytes;
use serde_json::{Value, json};
use tck_api::{Codec, Typed};

use super::{Sample, typed};
use crate::{check::Check, subject::Subject};

pub(super) async fn bytes_round_trip(store: &Subject) -> Check {
    let typed: Typed<Bytes, _> = Typed::raw(store.recorded());
    let all: Vec<u8> = (0..=u8::MAX).collect();
    for (index, value) in [&all[..], b"", b"\0", b"\xff\xfe", b"null", b"\"text\""]
        .into_iter()
        .enumerate()
    {
        let key = store.key(&index.to_string());
        let value = Bytes::copy_from_slice(value);
        store.answer(typed.set(&key, &value).await).is(())?;
        store.answer(typed.get(&key).await).is(Some(value))?;
    }
    Ok(())
}

pub(super) async fn strings_round_trip(store: &Subject) -> Check {
    let typed: Typed<String, _> = Typed::raw(store.recorded());
    let texts = [
        "text",
        "",
        " ",
        "\0",
        "null",
        "12",
        "1.0",
        "true",
        "\"quoted\"",
        "{\"a\":1}",
        "line\r\nline\n",
        "\u{feff}text",
        "naïve",
        "😀",
        " a ",
    ];
    for (index, text) in texts.into_iter().enumerate() {
        let key = store.key(&index.to_string());
        store
            .answer(typed.set(&key, &text.to_owned()).await)
            .is(())?;
        store
            .answer(typed.get(&key).await)
            .is(Some(text.to_owned()))?;
    }
    Ok(())
}

pub(super) async fn json_objects_round_trip(store: &Subject) -> Check {
    round_trip(store, [
        json!({"string": "text", "number": 1, "float": 1.5, "yes": true, "no": false, "list": [1, "a"], "object": {"a": 1}}),
        json!({"nothing": null, "something": 1}),
        json!({"": 1, " ": 2, "a b": 3, "a": {"": {}}}),
        json!({"$set": {"a": 1}, "a.b": 2, "_id": 3, "__proto__": 4, "constructor": 5, "$oid": "6", "$date": 7, "key": 8, "value": 9, "data": 10, "ttl": 0, "expires_at": 0}),
        json!({"A": 1, "a": 2, "é": 3, "e\u{301}": 4}),
        json!({"date": "2026-11-21T00:00:00Z", "id": "507f1f77bcf86cd799439011", "number": "12", "base64": "aGVsbG8=", "day": "2026-11-21", "uuid": "550E8400-E29B-41D4-A716-446655440000"}),
        json!({"country": "no", "switch": "on", "answers": ["yes", "true", "off", "false", "~", "y"]}),
        json!({"id": {"$oid": "6"}, "at": {"$date": 7}, "long": {"$numberLong": "8"}}),
        json!("a string alone"),
            json!("12"),
            json!("null"),
            json!("[1]"),
        json!([{"a": 1}, {"a": 2}]),
        json!({"0": "a", "1": "b"}),
        json!([1, 0.5, 2]),
    ])
    .await
}

pub(super) async fn models_round_trip(store: &Subject) -> Check {
    let typed = typed::samples(store);
    for (index, value) in [Sample::filled(), Sample::default()]
        .into_iter()
        .enumerate()
    {
        let key = store.key(&index.to_string());
        store.answer(typed.set(&key, &value).await).is(())?;
        store.answer(typed.get(&key).await).is(Some(value))?;
        store.answer(typed.has(&key).await).is(true)?;
        store.answer(typed.delete(&key).await).is(())?;
        store.answer(typed.get(&key).await).is(None)?;
    }
    Ok(())
}

pub(super) async fn nested_and_empty_values_are_kept(store: &Subject) -> Check {
    let deep = (0..50).fold(json!(1), |inner, _| json!({"a": [inner]}));
    round_trip(store, [
        json!({}),
        json!([]),
        json!({"object": {}, "list": [], "string": "", "lists": [[], [[]]], "objects": [{}, {"a": {}}]}),
        json!([null, 1, null]),
        json!([[1, [2, [3]]], {"a": [{"b": {}}]}]),
        deep,
    ])
    .await?;
    // Long ones, as far as the store holds them.
    let names = (0..300).map(|index| (format!("{index:0>300}"), json!(index)));
    let members = (0..1_100).map(|index| (index.to_string(), json!(index)));
    let long = [
        json!("x".repeat(300)),
        json!("😀".repeat(20_000)),
        json!((0..10_500).collect::<Vec<_>>()),
        Value::Object(names.collect()),
        Value::Object(members.collect()),
    ];
    let codec = store.profile().codec.clone();
    let fits = |value: &Value| {
        let encoded = || Codec::<Value>::encode(&*codec, value);
        let largest = store.profile().largest_value;
        largest.is_none_or(|largest| encoded().map_or(true, |bytes| bytes.len() <= largest))
    };
    round_trip(store, long.into_iter().filter(fits)).await
}

pub(super) async fn unicode_is_kept(store: &Subject) -> Check {
    let texts = [
        "Grüße",
        "日本語",
        "Ελλάδα",
        "עברית",
        "हिन्दी",
        "한국어",
        "😀👩‍👩‍👧‍👦🏳️‍🌈",
        "𝔘𝔫𝔦",
        "\u{10ffff}",
        "é",
        "e\u{301}",
        "\u{212b}",
        "ﬁ",
        "\u{0}\u{1}\u{1f}\u{7f}\u{80}",
        "\u{2028}\u{2029}",
        "\u{feff}",
        "\u{202e}abc",
        "\\u00e9 \\ / \" \t\r\n",
        "\u{fffd}",
    ];
    let values: Vec<Value> = texts.iter().map(|text| json!({ *text: [*text] })).collect();
    round_trip(store, values).await?;
    round_trip(store, [json!({"all": texts, "é": 1, "e\u{301}": 2})]).await
}

pub(super) async fn numbers_keep_their_edges(store: &Subject) -> Check {
    let integers = json!([
        0,
        1,
        -1,
        255,
        256,
        i32::MIN,
        i32::MAX,
        u32::MAX,
        9_007_199_254_740_991_u64,
        9_007_199_254_740_993_u64,
        -9_007_199_254_740_993_i64,
        i64::MIN,
        i64::MAX,
        u64::MAX,
        1_700_000_000_123_456_789_u64
    ]);
    let floats = json!([
        0.1,
        0.1 + 0.2,
        -0.0,
        1.0,
        1e0,
        1e21,
        1e-7,
        1.5e300,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        f64::EPSILON,
        2.0_f64.powi(53) + 2.0,
        123_456_789.123_456_79
    ]);
    for numbers in [integers, floats] {
        round_trip(
            store,
            numbers
                .as_array()
                .into_iter()
                .flatten()
                .cloned()
                .chain([numbers.clone()]),
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn overwriting_replaces_the_whole_value(store: &Subject) -> Check {
    let typed = typed::json(store);
    let key = store.key("a");
    for value in [
        json!({"a": 1, "b": {"c": 2, "d": 3}}),
        json!({"b": {"c": 4}}),
        json!({"b": 5}),
        json!({}),
        json!([1, 2, 3]),
        json!([4]),
        json!("text"),
        json!({"z": 1}),
    ] {
        store.answer(typed.set(&key, &value).await).is(())?;
        store.answer(typed.get(&key).await).is(Some(value))?;
    }
    Ok(())
}

async fn round_trip(store: &Subject, values: impl IntoIterator<Item = Value>) -> Check {
    let typed = typed::json(store);
    for (index, value) in values.into_iter().enumerate() {
        let key = store.key(&index.to_string());
        store.answer(typed.set(&key, &value).await).is(())?;
        let answer = store.answer(typed.get(&key).await);
        if matches!(&answer.result, Ok(Some(read)) if same(read, &value)) {
            continue;
        }
        answer.is_not(&format!("Ok(Some({value}))"))?;
    }
    Ok(())
}

/// Equal is not enough: to `serde_json`, minus zero equals zero. Nor is the text: the order
/// of members is nobody's promise, and some program may have `serde_json` keep it.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other && (!one.is_f64() || one.to_string() == other.to_string())
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, one)| other.get(name).is_some_and(|other| same(one, other)))
        }
        _ => one == other,
    }
}
