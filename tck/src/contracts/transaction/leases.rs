//! Times to live that a transaction gives.

use crate::{check::Check, lease::outliving, subject::Subject};

pub(super) async fn ttl_counts_from_the_commit(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
            let [
                short,
                plain,
                again,
                late,
                renewed,
                settled,
                anew,
                back,
                shortened,
                leased_same,
                plain_same,
            ] = names.map(|name| store.key(name));
            store.set(&again, "for ever").await.is(())?;
            let before = store.lease(&renewed, "old", ttl).await?;
            for key in [&settled, &anew] {
                store.set_with_ttl(key, "old", ttl).await.is(())?;
            }
            let long = outliving(ttl);
            store.set_with_ttl(&shortened, "old", long).await.is(())?;
            // Where the value stays the same, the end changes all the same.
            store.set(&leased_same, "lease").await.is(())?;
            let brief = store.set_with_ttl(&plain_same, "plain", ttl);
            brief.await.is(())?;
            let mut transaction = store.begin().await?;
            transaction.set(&late, "plain").await.is(())?;
            let leased = [&short, &again, &late, &renewed, &shortened, &leased_same];
            for key in leased {
                transaction.set_with_ttl(key, "lease", ttl).await.is(())?;
            }
            transaction
                .set_with_ttl(&plain, "lease", ttl)
                .await
                .is(())?;
            transaction.get(&short).await.is_value("lease")?;
            transaction
                .set_with_ttl(&back, "taken back", ttl)
                .await
                .is(())?;
            for key in [&back, &anew] {
                transaction.delete(key).await.is(())?;
            }
            for key in [&plain, &settled, &anew, &plain_same] {
                transaction.set(key, "plain").await.is(())?;
            }
            store.wait(ttl / 2).await;
            let lease = transaction.lease_within(ttl, &before).await?;
            store.set(&back, "plain").await.is(())?;
            store.wait_until_late(&lease).await;
            for key in leased {
                store.get(key).await.within(&lease)?.is_value("lease")?;
            }
            store.wait_until_gone(&lease).await;
            for key in leased {
                store.lacks(key).await?;
            }
            let stay = [&plain, &settled, &anew, &back, &plain_same];
            for key in stay {
                store.holds(key, "plain").await?;
            }
            if store.profile().listing {
                store.lists(&store.key(""), &stay).await?;
            }
            Ok(())
        })
        .await
}

pub(super) async fn committed_leases_are_like_others(store: &Subject) -> Check {
    store
        .timed(async |ttl| {
            let long = outliving(ttl);
            let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
            let [
                plain,
                longer,
                deleted,
                again,
                same,
                committed,
                ends,
                beside,
                over,
                anew,
            ] = names.map(|name| store.key(name));
            store.set_with_ttl(&anew, "lease", ttl).await.is(())?;
            store.delete(&anew).await.is(())?;
            let before = store.lease(&over, "lease", ttl).await?;
            store.set_with_ttl(&beside, "lease", ttl).await.is(())?;
            let mut transaction = store.begin().await?;
            let given = transaction.set_with_ttl(&ends, "long", long).await;
            given.is(())?;
            for key in [&plain, &longer, &deleted, &again, &same, &committed, &ends] {
                let given = transaction.set_with_ttl(key, "lease", ttl).await;
                given.is(())?;
            }
            for key in [&over, &anew] {
                transaction.set(key, "plain").await.is(())?;
            }
            let lease = transaction.lease_within(ttl, &before).await?;

            store.set(&plain, "plain").await.is(())?;
            store.set_with_ttl(&longer, "long", long).await.is(())?;
            for key in [&deleted, &again] {
                store.delete(key).await.is(())?;
            }
            store.lacks(&deleted).await?;
            store.set(&again, "plain").await.is(())?;
            store.set_with_ttl(&same, "lease", long).await.is(())?;
            let mut transaction = store.begin().await?;
            let given = transaction.set_with_ttl(&committed, "long", long).await;
            given.is(())?;
            transaction.commit_within(&lease).await?;

            store.wait_until_gone(&lease).await;
            let mut transaction = store.begin().await?;
            transaction.get(&ends).await.is_missing()?;
            transaction.rollback().await.is(())?;
            for key in [&deleted, &ends, &beside] {
                store.lacks(key).await?;
            }
            let stay = [&plain, &again, &over, &anew].map(|key| (key.as_str(), "plain"));
            store.holds_all(&stay).await?;
            store
                .holds_all(&[(&longer, "long"), (&same, "lease"), (&committed, "long")])
                .await?;
            if store.time_is_free() {
                store.wait_a_year_or(None).await;
                store.holds_all(&stay).await?;
            }
            let lease = store.lease(&over, "lease", ttl).await?;
            store.wait_until_gone(&lease).await;
            store.lacks(&over).await
        })
        .await
}
