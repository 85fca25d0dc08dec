//! What can't be written or read is refused, and nothing is lost.

use serde_json::{Value, json};
use tck_api::{ErrorKind::InvalidValue, Typed};

use super::{Odd, Sample, typed};
use crate::{answer::breach, check::Check, subject::Subject};

pub(super) async fn nothing_is_refused_as_a_value(store: &Subject) -> Check {
    let codec = || store.profile().codec.clone();
    let json = typed::json(store);
    let options: Typed<Option<Sample>, _> = Typed::new(store.recorded(), codec());
    let floats: Typed<Option<f64>, _> = Typed::new(store.recorded(), codec());
    let [held, fresh] = ["held", "fresh"].map(|name| store.key(name));
    store.answer(json.set(&held, &json!("old")).await).is(())?;
    for key in [&held, &fresh] {
        store
            .answer(json.set(key, &Value::Null).await)
            .is_refused(&[InvalidValue])?;
        store
            .answer(options.set(key, &None).await)
            .is_refused(&[InvalidValue])?;
    }
    // A codec that has a word for it may take it, and gives it back.
    let nan = store.key("nan");
    let answer = store.answer(floats.set(&nan, &Some(f64::NAN)).await);
    if answer.result.is_ok() {
        let read = floats.get(&nan).await;
        if !matches!(read, Ok(Some(Some(float))) if float.is_nan()) {
            let expected = "the same value back, or a refusal of it before".to_owned();
            return Err(breach(expected, format!("{read:?}"), store.last_step()));
        }
    } else {
        answer.is_refused(&[InvalidValue])?;
        store.lacks(&nan).await?;
    }
    for (name, ratio) in [
        ("nan", f64::NAN),
        ("endless", f64::INFINITY),
        ("below", f64::NEG_INFINITY),
    ] {
        let key = store.key(&format!("model-{name}"));
        comes_back_or_is_refused(store, &key, ratio).await?;
    }
    for (index, odd) in Odd::each().into_iter().enumerate() {
        is_taken_whole(store, &store.key(&format!("odd-{index}")), odd).await?;
    }
    store.answer(json.get(&held).await).is(Some(json!("old")))?;
    store.lacks(&fresh).await?;
    let some = Some(Sample::filled());
    store.answer(options.set(&fresh, &some).await).is(())?;
    store.answer(options.get(&fresh).await).is(Some(some))
}

/// A model with a float that JSON has no word for.
async fn comes_back_or_is_refused(store: &Subject, key: &str, ratio: f64) -> Check {
    let typed = typed::samples(store);
    let old = Sample::filled();
    let new = Sample {
        ratio,
        ..old.clone()
    };
    store.answer(typed.set(key, &old).await).is(())?;
    let answer = store.answer(typed.set(key, &new).await);
    let read = store.answer(typed.get(key).await);
    if answer.result.is_err() {
        answer.is_refused(&[InvalidValue])?;
        return read.is(Some(old));
    }
    match &read.result {
        Ok(Some(read)) if read.ratio.to_string() == ratio.to_string() => Ok(()),
        _ => read.is(Some(new)),
    }
}

/// What was taken comes back, and what was refused is not there.
async fn is_taken_whole(store: &Subject, key: &str, odd: Odd) -> Check {
    let typed: Typed<Odd, _> = Typed::new(store.recorded(), store.profile().codec.clone());
    let answer = store.answer(typed.set(key, &odd).await);
    if answer.result.is_ok() {
        return store.answer(typed.get(key).await).is(Some(odd));
    }
    answer.is_refused(&[InvalidValue])?;
    store.lacks(key).await
}

pub(super) async fn undecodable_value_is_an_error_and_stays(store: &Subject) -> Check {
    let typed = typed::samples(store);
    // A value that is torn, and one that is followed by the rest of another.
    let whole = serde_json::to_string(&Sample::filled()).unwrap_or_default();
    let torn = whole.char_indices().nth(whole.chars().count() / 2);
    let torn = torn
        .and_then(|(half, _)| whole.get(..half))
        .unwrap_or_default()
        .to_owned();
    let followed = format!("{whole}\"}}");
    let foreign: [&[u8]; 10] = [
        torn.as_bytes(),
        followed.as_bytes(),
        b"{\"id\":",
        b"",
        b"null",
        b"\xff\xfe\x00",
        b"[1,2]",
        b"{\"id\":\"not a number\"}",
        b"{}",
        b"12",
    ];
    for (index, bytes) in foreign.into_iter().enumerate() {
        let key = store.key(&index.to_string());
        store.set(&key, bytes.to_vec()).await.is(())?;
        is_no_sample(store, &key).await?;
        store.holds(&key, bytes.to_vec()).await?;
    }
    // What the codec itself has written: values of another shape, and half a model.
    let json = typed::json(store);
    let others = [
        json!({}),
        json!([1, 2]),
        json!(12),
        json!({"id": "not a number"}),
    ];
    for (index, other) in others.into_iter().enumerate() {
        let key = store.key(&format!("other-{index}"));
        store.answer(json.set(&key, &other).await).is(())?;
        is_no_sample(store, &key).await?;
        store.answer(json.get(&key).await).is(Some(other))?;
    }
    let key = store.key("half");
    let set = typed.set(&key, &Sample::filled()).await;
    store.answer(set).is(())?;
    let mut bytes = store.get(&key).await.ok()?.unwrap_or_default();
    bytes.truncate(bytes.len() / 2);
    store.set(&key, bytes.clone()).await.is(())?;
    is_no_sample(store, &key).await?;
    store.holds(&key, bytes).await
}

async fn is_no_sample(store: &Subject, key: &str) -> Check {
    let typed = typed::samples(store);
    let answer = store.answer(typed.get(key).await);
    answer.is_refused(&[InvalidValue])?;
    let answer = store.answer(typed.get_or(key, Sample::default()).await);
    answer.is_refused(&[InvalidValue])
}
