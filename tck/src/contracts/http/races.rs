//! Conditional writes at the same time.

use super::conditions::tag;
use crate::{
    Need,
    answer::breach,
    check::Check,
    subject::Subject,
    wire::{Reply, Request},
};

/// How many callers race, and how often.
const CALLERS: usize = 8;
const ROUNDS: usize = 3;

pub(super) async fn one_of_many_creates(service: &Subject) -> Check {
    service.needs(Need::Atomic).await?;
    for round in 0..ROUNDS {
        let key = service.key(&round.to_string());
        one_wins(service, &key, ("If-None-Match", "*")).await?;
    }
    Ok(())
}

pub(super) async fn one_of_many_replaces(service: &Subject) -> Check {
    service.needs(Need::Atomic).await?;
    for round in 0..ROUNDS {
        let key = service.key(&round.to_string());
        service.store(&key, "\"before\"").await?;
        let tag = tag(service, &key).await?;
        one_wins(service, &key, ("If-Match", &tag)).await?;
    }
    Ok(())
}

async fn one_wins(service: &Subject, key: &str, (name, value): (&'static str, &str)) -> Check {
    let put = |caller: usize| Request::put(key, &caller.to_string()).with(name, value);
    let replies = service.race((0..CALLERS).map(put).collect()).await?;
    let winners: Vec<_> = replies
        .iter()
        .zip(0..)
        .filter(|(reply, _)| reply.is_done())
        .collect();
    let [(_, winner)] = winners[..] else {
        let expected = format!("2xx for one of {CALLERS}, 412 for the others");
        let statuses: Vec<_> = replies
            .iter()
            .map(|reply| reply.status.to_string())
            .collect();
        // One that was too many, or one that should have won.
        let told = winners.last().map(|(reply, _)| *reply).or(replies.last());
        let step = told.and_then(|reply| reply.step);
        return Err(breach(expected, statuses.join(", "), step));
    };
    let losers = replies.into_iter().filter(|reply| !reply.is_done());
    losers
        .map(|loser| loser.is(&[412]))
        .collect::<Check<Vec<Reply>>>()?;
    service.reads(key, &winner.to_string()).await
}
