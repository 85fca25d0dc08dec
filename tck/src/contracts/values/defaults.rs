//! What is missing, and what only looks so.

use serde_json::json;
use tck_api::Typed;

use super::{Sample, typed};
use crate::{check::Check, subject::Subject};

pub(super) async fn missing_value_is_none(store: &Subject) -> Check {
    let text: Typed<String, _> = Typed::raw(store.recorded());
    let (json, samples) = (typed::json(store), typed::samples(store));
    let key = store.key("a");
    store.answer(text.get(&key).await).is(None)?;
    store.answer(json.get(&key).await).is(None)?;
    store.answer(samples.get(&key).await).is(None)?;
    store.answer(samples.has(&key).await).is(false)?;
    store.answer(samples.delete(&key).await).is(())?;
    store
        .answer(samples.set(&key, &Sample::filled()).await)
        .is(())?;
    store.answer(samples.delete(&key).await).is(())?;
    store.answer(samples.get(&key).await).is(None)?;
    store.answer(samples.has(&key).await).is(false)
}

pub(super) async fn zero_false_and_empty_are_values(store: &Subject) -> Check {
    let typed = typed::json(store);
    for (index, value) in [
        json!(0),
        json!(0.0),
        json!(false),
        json!(""),
        json!([]),
        json!({}),
    ]
    .into_iter()
    .enumerate()
    {
        let key = store.key(&index.to_string());
        store.answer(typed.set(&key, &value).await).is(())?;
        store.answer(typed.has(&key).await).is(true)?;
        store
            .answer(typed.get(&key).await)
            .is(Some(value.clone()))?;
        store
            .answer(typed.get_or(&key, json!("default")).await)
            .is(value)?;
    }
    let text: Typed<String, _> = Typed::raw(store.recorded());
    let key = store.key("text");
    store.answer(text.set(&key, &String::new()).await).is(())?;
    store.answer(text.get(&key).await).is(Some(String::new()))
}

pub(super) async fn get_or_answers_the_default_only_when_missing(store: &Subject) -> Check {
    let typed = typed::samples(store);
    let key = store.key("a");
    let default = Sample {
        id: 7,
        ..Sample::default()
    };
    store
        .answer(typed.get_or(&key, default.clone()).await)
        .is(default.clone())?;
    store.answer(typed.get(&key).await).is(None)?;
    store.answer(typed.has(&key).await).is(false)?;
    store
        .answer(typed.set(&key, &Sample::default()).await)
        .is(())?;
    store
        .answer(typed.get_or(&key, default.clone()).await)
        .is(Sample::default())?;
    store.answer(typed.delete(&key).await).is(())?;
    store
        .answer(typed.get_or(&key, default.clone()).await)
        .is(default)
}
