//! A store whose keys can be listed.
#![expect(clippy::unwrap_used, reason = "an example for tests")]

use std::{collections::BTreeMap, num::NonZeroUsize, ops::Bound, sync::Mutex};

use tck::{Bytes, KeyValueStore, Listing, Page, Result, async_trait};

#[derive(Default)]
struct Ordered(Mutex<BTreeMap<String, Bytes>>);

#[async_trait]
impl KeyValueStore for Ordered {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Ok(self.0.lock().unwrap().get(key).cloned())
    }

    async fn set(&self, key: &str, value: Bytes) -> Result<()> {
        self.0.lock().unwrap().insert(key.to_owned(), value);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.0.lock().unwrap().remove(key);
        Ok(())
    }
}

#[async_trait]
impl Listing for Ordered {
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: NonZeroUsize,
    ) -> Result<Page<String>> {
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let entries = self.0.lock().unwrap();
        let mut keys = entries
            .range::<str, _>((start, Bound::Unbounded))
            .map(|(key, _)| key.clone())
            .take_while(|key| key.starts_with(prefix));
        let items: Vec<_> = keys.by_ref().take(limit.get()).collect();
        let next = keys.next().and_then(|_| items.last().cloned());
        Ok(Page { items, next })
    }
}

tck::listing_contract!(ordered, || async { Ordered::default() });
