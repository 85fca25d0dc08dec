//! Changes throughout a JSON value.

use serde_json::{Number, Value};

/// Changes every value, the inner ones first.
pub(super) fn each(json: Value, change: fn(Value) -> Value) -> Value {
    change(match json {
        Value::Array(items) => items.into_iter().map(|item| each(item, change)).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, each(value, change)))
            .collect(),
        other => other,
    })
}

pub(super) fn numbers(json: Value, change: fn(&Number) -> Option<Value>) -> Value {
    match json {
        Value::Number(number) => change(&number).unwrap_or_default(),
        Value::Array(items) => items
            .into_iter()
            .map(|item| numbers(item, change))
            .collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, numbers(value, change)))
            .collect(),
        other => other,
    }
}

pub(super) fn text(json: Value, change: fn(&str) -> String) -> Value {
    match json {
        Value::String(text) => Value::from(change(&text)),
        Value::Array(items) => items.into_iter().map(|item| text(item, change)).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, text(value, change)))
            .collect(),
        other => other,
    }
}

pub(super) fn members(json: Value, keep: fn(&str, &Value) -> bool) -> Value {
    match json {
        Value::Array(items) => items.into_iter().map(|item| members(item, keep)).collect(),
        Value::Object(all) => all
            .into_iter()
            .filter(|(name, value)| keep(name, value))
            .map(|(name, value)| (name, members(value, keep)))
            .collect(),
        other => other,
    }
}

pub(super) fn shallow(json: Value, depth: usize) -> Value {
    match json {
        Value::Array(_) | Value::Object(_) if depth == 0 => Value::Null,
        Value::Array(items) => items
            .into_iter()
            .map(|item| shallow(item, depth - 1))
            .collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, shallow(value, depth - 1)))
            .collect(),
        other => other,
    }
}
