//! Typed values over a store, and stores behind pointers.
#![cfg(feature = "values")]
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tck_api::{Bytes, Cache, Error, ErrorKind, KeyValueStore, Raw, Result, Typed, async_trait};

/// A store that says what it was asked for last.
#[derive(Default)]
struct Told {
    entries: Mutex<HashMap<String, Bytes>>,
    last: Mutex<String>,
}

impl Told {
    fn tell(&self, what: String) {
        *self.last.lock().unwrap() = what;
    }
}

#[async_trait]
impl KeyValueStore for Told {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.tell(format!("get {key}"));
        Ok(self.entries.lock().unwrap().get(key).cloned())
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.tell(format!("set {key}"));
        self.entries.lock().unwrap().insert(key.to_owned(), value);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.tell(format!("delete {key}"));
        self.entries.lock().unwrap().remove(key);
        Ok(())
    }

    async fn has(&self, key: &str) -> Result<bool> {
        self.tell(format!("has {key}"));
        Ok(self.entries.lock().unwrap().contains_key(key))
    }
}

#[async_trait]
impl Cache for Told {
    async fn set_with_ttl(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        self.set(key, value).await?;
        self.tell(format!("set {key} for {ttl:?}"));
        Ok(())
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Point {
    x: f64,
    #[serde(skip_serializing)]
    label: String,
}

#[tokio::test]
async fn pointers_pass_each_call_on_as_it_is() -> Result<()> {
    let store = Arc::new(Told::default());
    let pointer: Box<dyn Cache> = Box::new(Arc::clone(&store));
    pointer
        .set_with_ttl("a", Bytes::from("1"), Duration::from_secs(1))
        .await?;
    assert_eq!(*store.last.lock().unwrap(), "set a for 1s");
    assert!(pointer.has("a").await?);
    assert_eq!(*store.last.lock().unwrap(), "has a");
    assert_eq!(pointer.get("a").await?, Some(Bytes::from("1")));
    pointer.set("a", Bytes::from("2")).await?;
    pointer.delete("a").await?;
    assert_eq!(*store.last.lock().unwrap(), "delete a");
    assert!(!pointer.has("a").await?);
    Ok(())
}

#[tokio::test]
async fn a_typed_value_can_have_a_time_to_live() -> Result<()> {
    let store = Arc::new(Told::default());
    let typed: Typed<u32, _> = Typed::json(Arc::clone(&store));
    typed.set_with_ttl("a", &7, Duration::from_secs(60)).await?;
    assert_eq!(*store.last.lock().unwrap(), "set a for 60s");
    assert_eq!(typed.get("a").await?, Some(7));
    Ok(())
}

#[tokio::test]
async fn what_could_not_be_read_back_is_refused_before_the_store_is_asked() {
    let store = Arc::new(Told::default());
    let points: Typed<Point, _> = Typed::json(Arc::clone(&store));
    let unreadable = Point {
        x: 1.0,
        label: "skipped when written, needed when read".to_owned(),
    };
    let refusal = points.set("a", &unreadable).await.unwrap_err();
    assert_eq!(refusal.kind(), ErrorKind::InvalidValue);
    assert_eq!(*store.last.lock().unwrap(), "");
}

#[tokio::test]
async fn bytes_and_text_are_stored_as_they_are() -> Result<()> {
    let store = Arc::new(Told::default());
    let text: Typed<String, _> = Typed::raw(Arc::clone(&store));
    text.set("a", &"plain".to_owned()).await?;
    assert_eq!(store.get("a").await?, Some(Bytes::from("plain")));
    store.set("b", Bytes::from_static(b"\xff")).await?;
    assert!(matches!(
        text.get("b").await,
        Err(Error::InvalidValue { .. })
    ));
    let bytes: Typed<Bytes, _> = Typed::new(Arc::clone(&store), Arc::new(Raw));
    assert_eq!(bytes.get("b").await?, Some(Bytes::from_static(b"\xff")));
    Ok(())
}

#[tokio::test]
async fn what_would_read_back_as_something_else_is_refused() {
    let store = Arc::new(Told::default());
    let floats = Typed::<Vec<Option<f64>>, _>::json(Arc::clone(&store));
    floats.set("key", &vec![Some(1.5), None]).await.unwrap();
    let refused = floats.set("key", &vec![Some(f64::NAN)]).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidValue);
    let nested = Typed::<Vec<Option<Option<u8>>>, _>::json(store);
    let refused = nested.set("key", &vec![Some(None)]).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidValue);
    assert_eq!(
        floats.get("key").await.unwrap(),
        Some(vec![Some(1.5), None])
    );
}
