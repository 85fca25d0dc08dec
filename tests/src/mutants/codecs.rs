//! Faults of codecs that a provider brings along.

use serde_json::{Map, Value, json};
use tck::{Bytes, Error, Result, values};

use super::json::{each, members, numbers, text};
use crate::{Mutant, faulty_codec::Care};

pub(super) fn mutants() -> Vec<Mutant> {
    let mutant = Mutant::new;
    vec![
        mutant(
            "codec_takes_null",
            "a codec writes nothing as null",
            &[values::nothing_is_refused_as_a_value],
        )
        .codec(|json| Ok(Bytes::from(json.to_string())), parsed),
        mutant(
            "codec_takes_null_for_empty",
            "a codec writes nothing as no bytes, and reads those as nothing",
            &[values::nothing_is_refused_as_a_value],
        )
        .codec(
            |json| {
                Ok(if json.is_null() {
                    Bytes::new()
                } else {
                    Bytes::from(json.to_string())
                })
            },
            |bytes| {
                if bytes.is_empty() {
                    Ok(Value::Null)
                } else {
                    parsed(bytes)
                }
            },
        ),
        mutant(
            "codec_refuses_null_untyped",
            "a codec refuses nothing as a failure of the backend",
            &[values::nothing_is_refused_as_a_value],
        )
        .codec(
            |json| {
                if json.is_null() {
                    Err(Error::backend("null"))
                } else {
                    Ok(Bytes::from(json.to_string()))
                }
            },
            parsed,
        ),
        mutant(
            "codec_reads_foreign_bytes_as_default",
            "a codec reads what does not decode as an empty model",
            &[values::undecodable_value_is_an_error_and_stays],
        )
        .codec(written, |bytes| {
            parsed(bytes).or_else(|_| {
                serde_json::to_value(values::Sample::default()).map_err(Error::backend)
            })
        }),
        mutant(
            "codec_fills_in_fields",
            "a codec fills in the fields that a model lacks",
            &[values::undecodable_value_is_an_error_and_stays],
        )
        .codec(written, |bytes| {
            let json = parsed(bytes)?;
            match json.as_object().is_some_and(Map::is_empty) {
                true => serde_json::to_value(values::Sample::default()).map_err(Error::backend),
                false => Ok(json),
            }
        }),
        mutant(
            "codec_takes_odd_floats_in_models",
            "a codec refuses nothing alone, and writes null for a float in a model",
            &[values::nothing_is_refused_as_a_value],
        )
        .codec(written, parsed)
        .care(Care::None),
        mutant(
            "codec_loses_something_that_is_nothing",
            "a codec reads back nothing where there was something that is nothing",
            &[values::nothing_is_refused_as_a_value],
        )
        .codec(written, parsed)
        .care(Care::Readable),
        mutant(
            "versioned_codec_fills_in_fields",
            "a codec with a byte for its version fills in the fields that a model lacks",
            &[values::undecodable_value_is_an_error_and_stays],
        )
        .codec(versioned, |bytes| {
            let json = parsed(&unversioned(bytes)?)?;
            match json.as_object().is_some_and(Map::is_empty) {
                true => serde_json::to_value(values::Sample::default()).map_err(Error::backend),
                false => Ok(json),
            }
        }),
        mutant(
            "versioned_codec_takes_torn_values",
            "a codec with a byte for its version reads a value that is torn as an empty model",
            &[values::undecodable_value_is_an_error_and_stays],
        )
        .codec(versioned, |bytes| {
            let json = unversioned(bytes)?;
            parsed(&json).or_else(|error| match json.starts_with(b"{\"") {
                true => serde_json::to_value(values::Sample::default()).map_err(Error::backend),
                false => Err(error),
            })
        }),
        mutant(
            "codec_reports_a_failing_backend",
            "a codec reports what does not decode as a failure of the backend",
            &[values::undecodable_value_is_an_error_and_stays],
        )
        .codec(written, |bytes| {
            serde_json::from_slice(bytes).map_err(Error::backend)
        }),
        mutant(
            "codec_ignores_the_rest",
            "a codec ignores what follows the first value",
            &[values::undecodable_value_is_an_error_and_stays],
        )
        .codec(written, |bytes| {
            let mut all = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
            match all.next() {
                Some(Ok(Value::Null)) | None => Err(Error::invalid_value("null")),
                Some(json) => json.map_err(|error| Error::invalid_value(error.to_string())),
            }
        }),
        mutant(
            "codec_omits_empty",
            "a codec leaves out members that are zero, false or empty",
            &[values::models_round_trip, values::json_objects_round_trip],
        )
        .codec(
            |json| {
                written(members(json, |_, value| {
                    ![json!(0), json!(false), json!("")].contains(value)
                }))
            },
            parsed,
        ),
        mutant(
            "codec_writes_strings_bare",
            "a codec writes strings without quotes",
            &[values::json_objects_round_trip],
        )
        .codec(
            |json| match json {
                Value::String(text) => Ok(Bytes::from(text)),
                json => written(json),
            },
            |bytes| parsed(bytes).or_else(|_| Ok(Value::from(String::from_utf8_lossy(bytes)))),
        ),
        mutant(
            "codec_cuts_floats",
            "a codec writes floats with two digits",
            &[values::numbers_keep_their_edges, values::models_round_trip],
        )
        .codec(
            |json| {
                written(numbers(json, |number| {
                    if number.is_f64() {
                        number
                            .as_f64()
                            .map(|float| Value::from((float * 100.0).round() / 100.0))
                    } else {
                        Some(Value::Number(number.clone()))
                    }
                }))
            },
            parsed,
        ),
        mutant(
            "codec_cuts_strings",
            "a codec cuts strings after 255 characters",
            &[values::nested_and_empty_values_are_kept],
        )
        .codec(
            |json| written(text(json, |text| text.chars().take(255).collect())),
            parsed,
        ),
        mutant(
            "codec_cuts_lists",
            "a codec cuts lists after 100 items",
            &[values::nested_and_empty_values_are_kept],
        )
        .codec(
            |json| {
                written(each(json, |value| match value {
                    Value::Array(items) => items.into_iter().take(100).collect(),
                    other => other,
                }))
            },
            parsed,
        ),
        mutant(
            "codec_cuts_names",
            "a codec cuts names of members after 64 characters",
            &[values::nested_and_empty_values_are_kept],
        )
        .codec(
            |json| {
                written(each(json, |value| match value {
                    Value::Object(members) => members
                        .into_iter()
                        .map(|(name, value)| (name.chars().take(64).collect::<String>(), value))
                        .collect(),
                    other => other,
                }))
            },
            parsed,
        ),
        mutant(
            "codec_with_a_buffer_of_4k",
            "a codec refuses a value that is written in more than 4 KiB",
            &[values::nested_and_empty_values_are_kept],
        )
        .codec(
            |json| match json.to_string().len() > 4096 {
                true => Err(Error::invalid_value("too large")),
                false => written(json),
            },
            parsed,
        ),
        mutant(
            "codec_sorts_lists",
            "a codec sorts lists of strings",
            &[values::models_round_trip, values::unicode_is_kept],
        )
        .codec(
            |json| {
                written(each(json, |value| match value {
                    Value::Array(mut items) if items.iter().all(Value::is_string) => {
                        items.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
                        Value::Array(items)
                    }
                    other => other,
                }))
            },
            parsed,
        ),
        mutant(
            "codec_lowers_uuids",
            "a codec writes strings that look like a UUID in lower case",
            &[values::json_objects_round_trip],
        )
        .codec(
            |json| {
                written(text(json, |text| match text.split('-').count() {
                    5 if text.len() == 36 => text.to_lowercase(),
                    _ => text.to_owned(),
                }))
            },
            parsed,
        ),
        mutant(
            "codec_gives_dates_a_time",
            "a codec adds midnight to strings that look like a date alone",
            &[values::json_objects_round_trip],
        )
        .codec(
            |json| {
                written(text(json, |text| match text.as_bytes() {
                    [_, _, _, _, b'-', _, _, b'-', _, _] => format!("{text}T00:00:00Z"),
                    _ => text.to_owned(),
                }))
            },
            parsed,
        ),
    ]
}

fn written(json: Value) -> Result<Bytes> {
    match json {
        Value::Null => Err(Error::invalid_value("null")),
        json => Ok(Bytes::from(json.to_string())),
    }
}

fn parsed(bytes: &Bytes) -> Result<Value> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Null) => Err(Error::invalid_value("null")),
        Ok(json) => Ok(json),
        Err(error) => Err(Error::invalid_value(error.to_string())),
    }
}

const VERSION: u8 = 1;

fn versioned(json: Value) -> Result<Bytes> {
    Ok([&[VERSION], &*written(json)?].concat().into())
}

fn unversioned(bytes: &Bytes) -> Result<Bytes> {
    match bytes.first() {
        Some(&VERSION) => Ok(bytes.slice(1..)),
        _ => Err(Error::invalid_value("of another version")),
    }
}
