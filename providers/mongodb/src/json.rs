//! JSON as documents of MongoDB, and back.

use mongodb::bson::{Bson, Document};
use serde_json::{Map, Number, Value};

/// How deep a document may be, of the hundred levels that MongoDB takes.
const DEEPEST: usize = 64;

/// The document for a text, where it is a JSON object that MongoDB can hold.
pub(crate) fn document(text: &str) -> Option<Document> {
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => to_document(members, DEEPEST),
        _ => None,
    }
}

/// The text of a document, where nothing in it is of a type that JSON lacks.
pub(crate) fn text(document: &Document) -> Option<String> {
    let members = to_object(document)?;
    serde_json::to_string(&members).ok()
}

fn to_document(members: Map<String, Value>, depth: usize) -> Option<Document> {
    let members = members.into_iter().map(|(name, member)| {
        // They have a meaning in queries, or end the name.
        let is_odd = name.starts_with('$') || name.contains(['.', '\0']);
        (!is_odd && depth > 0).then_some(())?;
        Some((name, to_bson(member, depth - 1)?))
    });
    members.collect()
}

fn to_bson(member: Value, depth: usize) -> Option<Bson> {
    Some(match member {
        Value::Null => Bson::Null,
        Value::Bool(bool) => Bson::Boolean(bool),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Bson::Int64(integer),
            None => Bson::Double(number.as_f64()?),
        },
        Value::String(text) => Bson::String(text),
        Value::Array(list) => {
            let depth = depth.checked_sub(1)?;
            let items = list.into_iter().map(|item| to_bson(item, depth));
            Bson::Array(items.collect::<Option<_>>()?)
        }
        Value::Object(members) => Bson::Document(to_document(members, depth)?),
    })
}

fn to_object(document: &Document) -> Option<Map<String, Value>> {
    document
        .iter()
        .map(|(name, member)| Some((name.clone(), to_value(member)?)))
        .collect()
}

fn to_value(member: &Bson) -> Option<Value> {
    Some(match member {
        Bson::Null => Value::Null,
        Bson::Boolean(bool) => Value::Bool(*bool),
        Bson::Int32(integer) => Value::from(*integer),
        Bson::Int64(integer) => Value::from(*integer),
        Bson::Double(float) => Value::Number(Number::from_f64(*float)?),
        Bson::String(text) => Value::String(text.clone()),
        Bson::Array(list) => Value::Array(list.iter().map(to_value).collect::<Option<_>>()?),
        Bson::Document(document) => Value::Object(to_object(document)?),
        _ => return None,
    })
}
