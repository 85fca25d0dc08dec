//! What can't be written or read is refused, and nothing is lost.

use serde_json::{Value, json};
use tck_api::{ErrorKind::InvalidValue, Typed};

use super::{Sample, typed};
use crate::{check::Check, subject::Subject};

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
        store
            .answer(floats.set(key, &Some(f64::NAN)).await)
            .is_refused(&[InvalidValue])?;
    }
    store.answer(json.get(&held).await).is(Some(json!("old")))?;
    store.lacks(&fresh).await?;
    let some = Some(Sample::filled());
    store.answer(options.set(&fresh, &some).await).is(())?;
    store.answer(options.get(&fresh).await).is(Some(some))
}

pub(super) async fn undecodable_value_is_an_error_and_stays(store: &Subject) -> Check {
    let typed = typed::samples(store);
    let foreign: [&[u8]; 8] = [
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
        store.set(&key, bytes).await.is(())?;
        store
            .answer(typed.get(&key).await)
            .is_refused(&[InvalidValue])?;
        store
            .answer(typed.get_or(&key, Sample::default()).await)
            .is_refused(&[InvalidValue])?;
        store.holds(&key, bytes).await?;
    }
    Ok(())
}
