//! Faults of stores that read JSON and write it anew, as document databases do.

use serde_json::{Map, Value, json};
use tck::{Bytes, values};

use super::json::{each, members, numbers, shallow, text};
use crate::Mutant;

pub(super) fn mutants() -> Vec<Mutant> {
    macro_rules! documents {
        ($name:literal, $fault:literal, [$($clause:expr),+], $change:expr) => {
            Mutant::new($name, $fault, &[$($clause),+]).write(|hand, key, value, ttl| {
                let change: fn(Value) -> Value = $change;
                match serde_json::from_slice(&value) {
                    Ok(json) => hand.write(key, Bytes::from(change(json).to_string()), ttl),
                    Err(_) => hand.write(key, value, ttl),
                }
            })
        };
    }
    vec![
        documents!(
            "numbers_become_floats",
            "all numbers are stored as floats of 64 bits",
            [values::numbers_keep_their_edges],
            |json| numbers(json, |number| number.as_f64().map(|float| {
                if float.fract() == 0.0 && float.abs() < 9e15 {
                    Value::from(float as i64)
                } else {
                    Value::from(float)
                }
            }))
        ),
        documents!(
            "integers_signed_only",
            "integers above 63 bits become floats",
            [values::numbers_keep_their_edges],
            |json| numbers(json, |number| number
                .as_i64()
                .map(Value::from)
                .or_else(|| number.as_f64().map(Value::from)))
        ),
        documents!(
            "integers_in_32_bits",
            "integers are cut to 32 bits",
            [values::numbers_keep_their_edges],
            |json| numbers(json, |number| number
                .as_i64()
                .map(|integer| Value::from(integer as i32))
                .or_else(|| Some(Value::Number(number.clone()))))
        ),
        documents!(
            "floats_in_32_bits",
            "floats are stored in 32 bits",
            [values::numbers_keep_their_edges],
            |json| numbers(json, |number| if number.is_f64() {
                number.as_f64().map(|float| Value::from(float as f32))
            } else {
                Some(Value::Number(number.clone()))
            })
        ),
        documents!(
            "floats_with_15_digits",
            "floats are written with 15 digits",
            [values::numbers_keep_their_edges],
            |json| numbers(json, |number| if number.is_f64() {
                format!("{:.14e}", number.as_f64()?)
                    .parse()
                    .ok()
                    .map(|float: f64| Value::from(float))
            } else {
                Some(Value::Number(number.clone()))
            })
        ),
        documents!(
            "minus_zero_lost",
            "minus zero becomes zero",
            [values::numbers_keep_their_edges],
            |json| numbers(json, |number| {
                if number.as_f64() == Some(0.0) && number.is_f64() {
                    Some(json!(0.0))
                } else {
                    Some(Value::Number(number.clone()))
                }
            })
        ),
        documents!(
            "null_members_dropped",
            "members that are null are dropped",
            [values::json_objects_round_trip],
            |json| members(json, |_, value| !value.is_null())
        ),
        documents!(
            "empty_members_dropped",
            "members that are empty lists or objects are dropped",
            [values::nested_and_empty_values_are_kept],
            |json| members(json, |_, value| *value != json!([]) && *value != json!({}))
        ),
        documents!(
            "empty_strings_dropped",
            "members that are empty strings are dropped",
            [values::nested_and_empty_values_are_kept],
            |json| members(json, |_, value| *value != json!(""))
        ),
        documents!(
            "reserved_members_dropped",
            "members whose names begin with a dollar sign are dropped",
            [values::json_objects_round_trip],
            |json| members(json, |name, _| !name.starts_with('$'))
        ),
        documents!(
            "id_member_dropped",
            "the member `_id` is dropped",
            [values::json_objects_round_trip],
            |json| members(json, |name, _| name != "_id")
        ),
        documents!(
            "prototype_member_dropped",
            "the member `__proto__` is dropped",
            [values::json_objects_round_trip],
            |json| members(json, |name, _| name != "__proto__")
        ),
        documents!(
            "unnamed_member_dropped",
            "the member with the empty name is dropped",
            [values::json_objects_round_trip],
            |json| members(json, |name, _| !name.is_empty())
        ),
        documents!(
            "dotted_members_nested",
            "a member `a.b` becomes a member `b` of `a`",
            [values::json_objects_round_trip],
            |json| match json {
                Value::Object(members) if members.contains_key("a.b") => {
                    let mut members = members;
                    let value = members.remove("a.b").unwrap_or_default();
                    members.insert("a".to_owned(), json!({ "b": value }));
                    Value::Object(members)
                }
                other => other,
            }
        ),
        documents!(
            "member_names_folded",
            "names of members are told apart without case",
            [values::json_objects_round_trip],
            |json| match json {
                Value::Object(members) => members
                    .into_iter()
                    .map(|(name, value)| (name.to_lowercase(), value))
                    .collect::<Map<_, _>>()
                    .into(),
                other => other,
            }
        ),
        documents!(
            "member_names_composed",
            "names of members are normalised to composed Unicode",
            [values::unicode_is_kept],
            |json| match json {
                Value::Object(members) => members
                    .into_iter()
                    .map(|(name, value)| (name.replace("e\u{301}", "\u{e9}"), value))
                    .collect::<Map<_, _>>()
                    .into(),
                other => other,
            }
        ),
        documents!(
            "ttl_member_obeyed",
            "a document with a member `ttl` is taken for one that has expired",
            [values::json_objects_round_trip],
            |json| if json.get("ttl").is_some() {
                Value::Null
            } else {
                json
            }
        ),
        documents!(
            "dates_rewritten",
            "text that looks like a date is written anew",
            [values::json_objects_round_trip],
            |json| text(json, |text| text.replace("T00:00:00Z", "T00:00:00.000Z"))
        ),
        documents!(
            "strings_trimmed",
            "strings are trimmed",
            [values::models_round_trip],
            |json| text(json, |text| text.trim().to_owned())
        ),
        documents!(
            "nul_dropped",
            "NUL in strings is dropped",
            [values::unicode_is_kept],
            |json| text(json, |text| text.replace('\0', ""))
        ),
        documents!(
            "characters_in_16_bits",
            "characters beyond 16 bits become replacement characters",
            [values::unicode_is_kept, values::models_round_trip],
            |json| text(json, |text| text
                .replace(|c: char| c > '\u{ffff}', "\u{fffd}"))
        ),
        documents!(
            "strings_as_numbers",
            "strings of digits become numbers",
            [values::json_objects_round_trip],
            |json| each(json, |value| {
                match value.as_str().and_then(|text| text.parse::<i64>().ok()) {
                    Some(number) => Value::from(number),
                    None => value,
                }
            })
        ),
        documents!(
            "depth_of_32",
            "what is nested more than 32 deep is dropped",
            [values::nested_and_empty_values_are_kept],
            |json| shallow(json, 32)
        ),
        documents!(
            "lists_of_one_unwrapped",
            "a list of one item becomes the item",
            [
                values::nested_and_empty_values_are_kept,
                values::overwriting_replaces_the_whole_value
            ],
            |json| each(json, |value| match value {
                Value::Array(mut items) if items.len() == 1 => items.pop().unwrap_or_default(),
                other => other,
            })
        ),
        documents!(
            "lists_as_sets",
            "what stands twice in a list is stored once",
            [values::models_round_trip],
            |json| each(json, |value| match value {
                Value::Array(items) => items
                    .into_iter()
                    .fold(Vec::new(), |mut kept, item| {
                        if !kept.contains(&item) {
                            kept.push(item);
                        }
                        kept
                    })
                    .into(),
                other => other,
            })
        ),
        Mutant::new(
            "objects_are_merged",
            "an object that replaces another keeps the members of both",
            &[values::overwriting_replaces_the_whole_value],
        )
        .write(|hand, key, value, ttl| {
            let old = hand
                .get(key)?
                .and_then(|old| serde_json::from_slice(&old).ok());
            match (old, serde_json::from_slice(&value)) {
                (Some(Value::Object(mut old)), Ok(Value::Object(new))) => {
                    old.extend(new);
                    hand.write(key, Bytes::from(Value::Object(old).to_string()), ttl)
                }
                _ => hand.write(key, value, ttl),
            }
        }),
        documents!(
            "thousand_members_at_the_most",
            "an object keeps its first 1,000 members",
            [values::nested_and_empty_values_are_kept],
            |json| each(json, |value| match value {
                Value::Object(members) => Value::Object(members.into_iter().take(1_000).collect()),
                other => other,
            })
        ),
        documents!(
            "ten_thousand_items_at_the_most",
            "a list keeps its first 10,000 items",
            [values::nested_and_empty_values_are_kept],
            |json| each(json, |value| match value {
                Value::Array(mut items) => {
                    items.truncate(10_000);
                    items.into()
                }
                other => other,
            })
        ),
        documents!(
            "objects_of_numbers_become_lists",
            "an object whose names count from 0 on in their order becomes a list",
            [values::json_objects_round_trip],
            |json| each(json, |value| match value {
                Value::Object(members)
                    if !members.is_empty()
                        && members
                            .keys()
                            .enumerate()
                            .all(|(place, name)| *name == place.to_string()) =>
                    members.into_iter().map(|(_, value)| value).collect(),
                other => other,
            })
        ),
        documents!(
            "one_float_makes_all_of_a_list_floats",
            "integers beside a float in a list become floats",
            [values::json_objects_round_trip],
            |json| each(json, |value| match value {
                Value::Array(items) if items.iter().any(Value::is_f64) => items
                    .into_iter()
                    .map(|item| item.as_f64().map_or(item, Value::from))
                    .collect(),
                other => other,
            })
        ),
    ]
}
