//! Several handles on the same data.

use bytes::Bytes;
use tck_api::ErrorKind::InvalidKey;

use super::crowds::{
    different_keys, most_go, reads_meet_writes, sets_of, writers_leave_one_of_them,
};
use crate::{
    check::Check,
    probe::{
        crowd::Action,
        keys::{length_of_long_keys, sized},
        payload::large_value,
        race::Effort,
    },
    subject::Subject,
};

pub(super) async fn second_handle_sees_the_same_data(store: &Subject) -> Check {
    let second = store.second_handle().await?;
    let key = store.key("a");
    each_sees_what_the_other_did(store, &second, &key).await?;
    what_is_known_counts_no_more(store, &second).await?;
    odd_keys_are_shared(store, &second).await?;
    large_values_are_shared(store, &second).await?;
    let gone = store.key("gone");
    store.set(&gone, "gone").await.ok()?;
    store.delete(&gone).await.ok()?;
    let third = store.second_handle().await?;
    third.holds(&key, "third").await?;
    third.lacks(&gone).await?;
    let [other, replaced] = ["b", "c"].map(|name| store.key(name));
    third.set(&other, "of the third").await.ok()?;
    third.set(&replaced, "of the third").await.ok()?;
    store.set(&replaced, "newer").await.ok()?;
    callers_of_both(store, &second).await?;
    // Handles come and go; the data stays as long as one of them does, and goes on.
    drop((second, third));
    store.holds(&key, "third").await?;
    store.holds(&replaced, "newer").await?;
    store.holds(&other, "of the third").await?;
    store.set(&key, "fourth").await.is(())?;
    store.holds(&key, "fourth").await?;
    let late = store.second_handle().await?;
    late.holds(&key, "fourth").await
}

async fn each_sees_what_the_other_did(store: &Subject, second: &Subject, key: &str) -> Check {
    second.lacks(key).await?;
    store.set(key, "first").await.ok()?;
    second.holds(key, "first").await?;
    second.set(key, "second").await.ok()?;
    store.holds(key, "second").await?;
    store.delete(key).await.ok()?;
    second.lacks(key).await?;
    second.set(key, "third").await.ok()?;
    store.holds(key, "third").await?;
    // What one handle has done before, it does again where another was in between.
    store.set(key, "second").await.ok()?;
    second.set(key, "third").await.ok()?;
    store.set(key, "second").await.ok()?;
    second.holds(key, "second").await?;
    store.delete(key).await.ok()?;
    second.set(key, "third").await.ok()?;
    store.delete(key).await.ok()?;
    second.lacks(key).await?;
    second.set(key, "third").await.ok()
}

/// What a handle knows of a key, also where it does not get it.
async fn what_is_known_counts_no_more(store: &Subject, second: &Subject) -> Check {
    let asked = store.key("asked");
    second.lacks(&asked).await?;
    store.set(&asked, "there").await.ok()?;
    second.has(&asked).await.is(true)?;
    store.delete(&asked).await.ok()?;
    second.has(&asked).await.is(false)
}

/// A large value may take another way.
async fn large_values_are_shared(store: &Subject, second: &Subject) -> Check {
    let (large, value) = (store.key("large"), large_value(store));
    let other = Bytes::from(vec![b'x'; value.len()]);
    for value in [value, other] {
        store.set(&large, value.clone()).await.ok()?;
        second.holds(&large, value).await?;
    }
    store.delete(&large).await.ok()?;
    second.lacks(&large).await
}

/// Every other caller is one of the second handle.
async fn callers_of_both(store: &Subject, second: &Subject) -> Check {
    let (keys, both) = (different_keys(store), store.beside(second));
    both.side_by_side(sets_of(&keys, "first")).await?;
    most_go(&both, &keys, "first").await?;
    writers_leave_one_of_them(&both).await?;
    for keys in store.heats(Effort::BRIEF).take(1) {
        let set = |caller: usize, key: &str| Action::set(key, format!("of {caller}"));
        both.meet_at(&keys, (0..4).collect(), set).await?;
        for key in &keys {
            let held = store.get(key).await.ok()?;
            second.get(key).await.is(held)?;
        }
    }
    // Each reads, and each writes.
    let reads = [true, false, false, true];
    for keys in store.heats(Effort::BRIEF).take(2) {
        reads_meet_writes(&both, &keys, &reads, &[store, second]).await?;
    }
    Ok(())
}

/// Also keys of which a notice to other handles may make something else.
async fn odd_keys_are_shared(store: &Subject, second: &Subject) -> Check {
    let long = sized(store, length_of_long_keys(store), "x", "");
    let odd = [
        "a b", "a,b", "a\nb", "a:b", "a*", "[a]", "a\"b", "é", "😀", "a%20b", "a\0b",
    ];
    for key in odd.map(|name| store.key(name)).into_iter().chain([long]) {
        if !store.set(&key, "first").await.is_done_unless(InvalidKey)? {
            continue;
        }
        second.holds(&key, "first").await?;
        store.set(&key, "second").await.is(())?;
        second.holds(&key, "second").await?;
        store.delete(&key).await.is(())?;
        second.lacks(&key).await?;
    }
    Ok(())
}
