//! The document of a write.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::Fault;

/// Why a document is none.
pub(super) type Refusal = (u16, &'static str);

/// The key and the text of the value.
pub(super) fn read(body: &[u8], has: impl Fn(Fault) -> bool) -> Result<(String, String), Refusal> {
    #[derive(Deserialize)]
    struct Document<'d> {
        key: String,
        #[serde(borrow)]
        value: &'d RawValue,
    }

    let lenient = if has(Fault::TakesNaN) {
        String::from_utf8_lossy(body).replace(":NaN", ":\"NaN\"")
    } else if has(Fault::ReadsBytesAsLatin) {
        body.iter().map(|byte| char::from(*byte)).collect()
    } else {
        String::from_utf8(body.to_vec()).map_err(|_| (400, "the body is not UTF-8"))?
    };
    let mut text = lenient.as_str();
    if has(Fault::IgnoresWhatFollows) {
        text = text.split("} {").next().unwrap_or(text);
    }
    let any: Result<Box<RawValue>, _> = serde_json::from_str(text);
    let text = match any {
        Ok(_) => text.to_owned(),
        Err(_) if has(Fault::IgnoresWhatFollows) => format!("{text}}}"),
        Err(_) if has(Fault::MalformedAnswers422) => return Err((422, "the body is not JSON")),
        Err(_) => return Err((400, "the body is not JSON")),
    };
    let unlike = if has(Fault::MisshapenAnswers400) {
        400
    } else {
        422
    };
    if !text.trim_start().starts_with('{') && !has(Fault::TakesLists) {
        return Err((unlike, "the body is no object"));
    }
    let text = match has(Fault::TakesMissingValues) && !text.contains("\"value\"") {
        true => text.replacen('}', ",\"value\":null}", 1),
        false => text,
    };
    let document: Document<'_> =
        serde_json::from_str(&text).map_err(|_| (unlike, "the body is no key with a value"))?;
    let value = document.value.get();
    if !has(Fault::TakesAnything) && serde_json::from_str::<Value>(value).is_err() {
        return Err((400, "nobody can read this value"));
    }
    Ok((document.key, kept(value, has)))
}

/// The value as it is kept.
fn kept(value: &str, has: impl Fn(Fault) -> bool) -> String {
    let read = || serde_json::from_str::<Value>(value).unwrap_or_default();
    match read() {
        Value::Number(number) if has(Fault::KeepsSingles) => {
            (number.as_f64().unwrap_or_default() as f32).to_string()
        }
        Value::Number(number) if has(Fault::KeepsDoubles) => {
            Value::from(number.as_f64()).to_string()
        }
        Value::String(text) if has(Fault::TrimsText) => Value::from(text.trim()).to_string(),
        Value::String(text) if has(Fault::CutsText) && text.len() > 65_535 => {
            Value::from(&text[..65_535]).to_string()
        }
        Value::String(text) if has(Fault::ReadsTextAsJson) => match serde_json::from_str(&text) {
            Ok(inner @ (Value::Object(_) | Value::Null)) => inner.to_string(),
            _ => value.to_owned(),
        },
        _ => value.to_owned(),
    }
}
