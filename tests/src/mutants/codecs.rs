//! Faults of codecs that a provider brings along.

use serde_json::{Map, Value, json};
use tck::{Bytes, Error, Result, values};

use super::json::{members, numbers};
use crate::Mutant;

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
            "codec_reports_a_failing_backend",
            "a codec reports what does not decode as a failure of the backend",
            &[values::undecodable_value_is_an_error_and_stays],
        )
        .codec(written, |bytes| {
            serde_json::from_slice(bytes).map_err(Error::backend)
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
