//! Many entries that expire, many callers, and callers that give up.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tck_api::{Cache, KeyValueStore};

use crate::{
    answer::Answer,
    check::Check,
    lease::DAY,
    probe::{
        crowd::{Action, Meanwhile},
        dropping::{ROUNDS, STEPS, drop_after, is_old_or_new},
        race::Effort,
    },
    recorder::Recorder,
    subject::Subject,
};

pub(super) async fn many_entries_with_a_ttl_are_kept_and_expire(cache: &Subject) -> Check {
    let keys: Vec<String> = (0..600)
        .map(|index| cache.key(&index.to_string()))
        .collect();
    let brief = cache.first_ttl();
    let ttl = |index: usize| {
        if index.is_multiple_of(2) {
            brief
        } else {
            DAY * 20
        }
    };
    let sets = keys.iter().enumerate();
    let sets = sets.map(|(index, key)| Action::set_with_ttl(key, index.to_string(), ttl(index)));
    cache.side_by_side(sets.collect()).await?;
    cache.wait(brief + cache.resolution()).await;
    let reads = keys.iter().enumerate().map(|(index, key)| {
        let stays = !index.is_multiple_of(2);
        Action::reads(key, stays.then(|| index.to_string().into()))
    });
    cache.side_by_side(reads.collect()).await
}

pub(super) async fn racing_writes_keep_value_and_deadline_together(cache: &Subject) -> Check {
    let ttl = cache.first_ttl();
    let mut keys = Vec::new();
    for heat in cache.heats(Effort::BRIEF) {
        let callers = [
            Some(None),
            Some(Some(ttl)),
            Some(None),
            Some(Some(ttl)),
            None,
        ];
        let write = |written: Option<Option<Duration>>, key: &str| match written {
            Some(None) => Action::set(key, "plain"),
            Some(Some(ttl)) => Action::set_with_ttl(key, "brief", ttl),
            None => Action::delete(key),
        };
        cache.meet_at(&heat, callers.to_vec(), write).await?;
        keys.extend(heat);
    }
    // Each key holds what was written last, with the deadline of that write.
    let mut plain = Vec::new();
    for key in keys {
        let value = cache.get(&key).await.ok()?;
        plain.push((value.is_some_and(|value| value == "plain"), key));
    }
    cache.wait(ttl + cache.resolution()).await;
    for (plain, key) in plain {
        match plain {
            true => cache.holds(&key, "plain").await?,
            false => cache.lacks(&key).await?,
        }
    }
    no_gap_between_writes(cache).await
}

/// A key that is overwritten plainly and with a time to live holds one of the values at every
/// moment.
async fn no_gap_between_writes(cache: &Subject) -> Check {
    let key: Arc<str> = cache.key("overwritten").into();
    let largest = cache.profile().largest_value.unwrap_or(usize::MAX);
    let values = [b'a', b'b'].map(|letter| Bytes::from(vec![letter; largest.min(1_000)]));
    let [plain, leased] = values.clone();
    cache.set(&key, plain.clone()).await.is(())?;
    let written = Arc::clone(&key);
    let writes = move |writer: usize, _| {
        vec![match writer % 2 {
            0 => Action::set(&written, plain.clone()),
            _ => Action::set_with_ttl(&written, leased.clone(), DAY),
        }]
    };
    let reads = move |store: Arc<Recorder>| {
        let (key, values) = (Arc::clone(&key), values.clone());
        async move {
            let got = Answer::of(store.get(&key).await, &store);
            match &got.result {
                Ok(Some(value)) if values.contains(value) => Ok(()),
                _ => got.is_not("one of the two values, whole, at every moment"),
            }
        }
    };
    let Meanwhile { seen, .. } = cache.while_writing(Effort::BRIEF, 2, writes, reads).await?;
    seen.into_iter().flatten().collect()
}

pub(super) async fn reading_an_expired_key_spares_the_next_value(cache: &Subject) -> Check {
    let keys: Vec<String> = (0..128)
        .map(|index| cache.key(&index.to_string()))
        .collect();
    let leases = keys
        .iter()
        .map(|key| Action::set_with_ttl(key, "expired", cache.first_ttl()));
    cache.all_of(leases.collect()).await?;
    cache.wait(cache.first_ttl() + cache.resolution()).await;
    let (got, asked) = keys.split_at(keys.len() / 2);
    for (keys, read) in [
        (got, Action::get as fn(&str) -> Action),
        (asked, Action::has),
    ] {
        // The next value may be the same, and have a time to live as well.
        let (others, same) = keys.split_at(keys.len() / 2);
        for (keys, value, ttl) in [(others, "new", None), (same, "expired", Some(DAY))] {
            let act = move |reads, key: &str| match reads {
                true => read(key),
                false => Action::write(key, value.into(), ttl),
            };
            // A second writer makes good what the first one lost, and may be what is wrong.
            let (of_one, of_two) = keys.split_at(keys.len() / 2);
            cache.meet_at(of_one, vec![true, false, true], act).await?;
            let two = vec![true, false, true, false];
            cache.meet_at(of_two, two, act).await?;
            cache.each_holds(keys, Some(value)).await?;
        }
    }
    Ok(())
}

pub(super) async fn dropped_write_with_a_ttl_is_whole(cache: &Subject) -> Check {
    let ttl = cache.first_ttl();
    let provider = cache.recorded();
    let (mut leased, mut replaced) = (Vec::new(), Vec::new());
    for drop in 0..STEPS * ROUNDS {
        let steps = drop % STEPS + 1;
        let key = |name| cache.key(&format!("{name}-{drop}"));
        let [fresh, held, deleted, renewed] = ["fresh", "held", "deleted", "renewed"].map(key);
        let [shortened, prolonged] = ["shortened", "prolonged"].map(key);
        cache.set(&shortened, "old").await.ok()?;
        cache.set_with_ttl(&prolonged, "old", ttl).await.ok()?;
        cache.set(&held, "old").await.ok()?;
        cache.set_with_ttl(&deleted, "old", ttl).await.ok()?;
        cache.set_with_ttl(&renewed, "old", ttl).await.ok()?;
        let new = || Bytes::from_static(b"new");
        let ended = [
            drop_after(steps, provider.set_with_ttl(&fresh, new(), ttl)).await,
            drop_after(steps, provider.set_with_ttl(&held, new(), DAY)).await,
            drop_after(steps, provider.delete(&deleted)).await,
            drop_after(steps, provider.set(&renewed, new())).await,
            drop_after(steps, provider.set_with_ttl(&shortened, new(), ttl)).await,
            drop_after(steps, provider.set_with_ttl(&prolonged, new(), DAY)).await,
        ];
        is_old_or_new(&cache.get(&held).await)?;
        if drop < STEPS {
            let again = cache.set_with_ttl(&held, "again", DAY).await;
            again.is_done("a write that was given up locks nobody out")?;
        }
        leased.extend([(fresh, "new"), (deleted, "old"), (shortened, "new")]);
        replaced.extend([renewed, prolonged]);
        if steps == 1 && ended == [true; 6] {
            break;
        }
    }
    cache.all_end(leased, ttl).await?;
    for key in &replaced {
        let answer = cache.get(key).await;
        if !matches!(&answer.result, Ok(None)) {
            answer.is_value("new")?;
        }
    }
    Ok(())
}
