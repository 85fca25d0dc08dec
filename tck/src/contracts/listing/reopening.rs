//! A store that is closed and opened again.

use crate::{check::Check, lease::DAY, probe::listing::TWO, subject::Subject};

pub(super) async fn reopened_store_lists_the_same_keys(store: &Subject) -> Check {
    let prefix = store.key("");
    let mut expected = Vec::new();
    for opening in 0..3 {
        let alone = store.opened("reopened").await?;
        lists_exactly(&alone, &prefix, &expected).await?;
        for index in 0..8 {
            let key = store.key(&format!("{index}-{opening}"));
            alone.set(&key, "value").await.is(())?;
            expected.push(key);
        }
        expected.sort();
        // One of the last opening and one of this.
        for place in [3, 8] {
            if place < expected.len() {
                alone.delete(&expected.remove(place)).await.is(())?;
            }
        }
    }
    let alone = store.opened("reopened").await?;
    lists_exactly(&alone, &prefix, &expected).await?;
    if store.profile().cache {
        let [long, short] = ["long", "short"].map(|name| store.key(name));
        alone.set_with_ttl(&long, "value", DAY).await.is(())?;
        let lease = alone.lease(&short, "value", store.first_ttl()).await?;
        expected.push(long);
        drop(alone);
        store.wait_until_gone(&lease).await;
    }
    let alone = store.opened("reopened").await?;
    lists_exactly(&alone, &prefix, &expected).await
}

async fn lists_exactly(alone: &Subject, prefix: &str, expected: &[String]) -> Check {
    alone.lists(prefix, expected).await?;
    alone.lists_by(TWO, prefix, expected).await
}
