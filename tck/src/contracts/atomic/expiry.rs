//! Conditional writes and times to live.

use std::time::Duration;

use tck_api::Atomic;

use crate::{
    ZeroTtl,
    answer::Answer,
    check::Check,
    lease::outliving,
    probe::{conditional::Condition, crowd::Action},
    subject::Subject,
};

pub(super) async fn write_that_does_not_happen_keeps_the_ttl(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let [a, b] = ["a", "b"].map(|name| store.key(name));
            let of_a = store.lease(&a, "held", ttl).await?;
            let of_b = store.lease(&b, "held", ttl).await?;
            store.wait(ttl / 2).await;
            let answer = store.set_if_absent(&a, "new").await;
            answer.within(&of_a)?.is(false)?;
            let answer = store.compare_and_set(&b, "other", "new").await;
            answer.within(&of_b)?.is(false)?;
            store.wait_until_late(&of_b).await;
            for (key, lease) in [(&a, &of_a), (&b, &of_b)] {
                store.get(key).await.within(lease)?.is_value("held")?;
            }
            store.wait_until_gone(&of_b).await;
            store.lacks(&a).await?;
            store.lacks(&b).await?;
            // Nor does the failure outlive it.
            store.set_if_absent(&a, "next").await.is(true)?;
            store.holds(&a, "next").await
        })
        .await
}

pub(super) async fn write_that_happens_never_expires(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let [replaced, anew, again, same] = ["a", "b", "c", "d"].map(|name| store.key(name));
            let gone = store.lease(&anew, "old", ttl).await?;
            let deleted = store.lease(&again, "old", ttl).await?;
            store.delete(&again).await.is(())?;
            store.set_if_absent(&again, "new").await.is(true)?;
            store.wait_until_gone(&gone).await;
            store.wait_until_gone(&deleted).await;
            store.set_if_absent(&anew, "new").await.is(true)?;
            let beside = store.key("beside");
            store.lease(&beside, "old", ttl).await?;
            let lease = store.lease(&replaced, "old", ttl).await?;
            let answer = store.compare_and_set(&replaced, "old", "new").await;
            answer.within(&lease)?.is(true)?;
            // A write as well, though the value is the same.
            let lease = store.lease(&same, "new", ttl).await?;
            let answer = store.compare_and_set(&same, "new", "new").await;
            answer.within(&lease)?.is(true)?;
            store.wait_until_gone(&lease).await;
            // What got its time at the same moment ends at it.
            store.lacks(&beside).await?;
            store.wait_a_year_or(None).await;
            let all = [&replaced, &anew, &again, &same];
            for key in all {
                store.holds(key, "new").await?;
            }
            if store.profile().listing {
                store.lists(&store.key(""), &all).await?;
            }
            Ok(())
        })
        .await
}

pub(super) async fn expired_value_is_absent(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let [a, b] = ["a", "b"].map(|name| store.key(name));
            let of_a = store.lease(&a, "lease", ttl).await?;
            let of_b = store.lease(&b, "lease", ttl).await?;
            store.wait_until_gone(&of_a).await;
            store.wait_until_gone(&of_b).await;
            store.compare_and_set(&a, "lease", "late").await.is(false)?;
            store.lacks(&a).await?;
            store.set_if_absent(&b, "next").await.is(true)?;
            store.holds(&b, "next").await?;
            // Also where it is the value that has expired.
            store.set_if_absent(&a, "lease").await.is(true)?;
            store.holds(&a, "lease").await?;
            let c = store.key("c");
            let of_c = store.lease(&c, "lease", ttl).await?;
            store.wait_until_gone(&of_c).await;
            store.one_wins(&[c], Condition::Absent).await?;
            expired_is_not_removed_late(store).await?;
            // A write with a time to live is a change like any other.
            store.set(&a, "first").await.is(())?;
            store
                .compare_and_set(&a, "first", "second")
                .await
                .is(true)?;
            let long = outliving(ttl);
            store.set_with_ttl(&a, "third", long).await.is(())?;
            store
                .compare_and_set(&a, "second", "lost")
                .await
                .is(false)?;
            store.compare_and_set(&a, "third", "last").await.is(true)?;
            store.set(&b, "plain").await.is(())?;
            store.set_with_ttl(&b, "lease", long).await.is(())?;
            store.compare_and_set(&b, "plain", "lost").await.is(false)?;
            store.holds(&b, "lease").await?;
            // What counts is the value, also where that is empty or the same.
            store.set_with_ttl(&b, "", long).await.is(())?;
            store.set_if_absent(&b, "lost").await.is(false)?;
            store.set(&b, "same").await.is(())?;
            store.set_with_ttl(&b, "same", long).await.is(())?;
            store.compare_and_set(&b, "same", "last").await.is(true)?;
            if store.profile().zero_ttl == ZeroTtl::Expired {
                store
                    .set_with_ttl(&b, "zero", Duration::ZERO)
                    .await
                    .is(())?;
                store.wait(store.resolution()).await;
                store.set_if_absent(&b, "free").await.is(true)?;
            }
            // And a time to live ends what a condition has stored.
            let lease = store.lease(&b, "lease", ttl).await?;
            store.wait_until_gone(&lease).await;
            store.lacks(&b).await
        })
        .await
}

/// A condition that finds what has expired does not remove what others have set since.
async fn expired_is_not_removed_late(store: &Subject) -> Check {
    let keys: Vec<_> = (0..64)
        .map(|number| store.key(&format!("late-{number}")))
        .collect();
    let ttl = store.first_ttl();
    let leases = keys
        .iter()
        .map(|key| Action::set_with_ttl(key, "lease", ttl));
    store.all_of(leases.collect()).await?;
    store.wait(ttl + store.resolution()).await;
    let answers = store
        .race_for(&keys, vec![true, false], |store, sets, key| async move {
            if sets {
                return Action::set(&key, "new").apply(&store).await;
            }
            let late = store.compare_and_set(&key, b"lease", "late".into()).await;
            Answer::of(late, &store).is(false)
        })
        .await?;
    answers.into_iter().flatten().collect::<Check>()?;
    store.each_holds(&keys, Some("new")).await
}
