//! Calls that are given up half-way.

use std::{
    future::poll_fn,
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::task::yield_now;

use crate::{
    answer::{Answer, breach},
    check::Check,
    shown::Shown,
};

/// Calls are dropped after one to so many steps, again and again: what a store does in
/// between may take a different number of steps each time.
pub(crate) const STEPS: u32 = 6;
pub(crate) const ROUNDS: u32 = 10;

/// Into how many parts the time of a call is cut.
pub(crate) const PARTS: u32 = 6;

/// When a call is given up.
#[derive(Clone, Copy)]
pub(crate) enum Cut {
    /// After so many steps.
    After(u32),
    /// When it has taken so long.
    At(Duration),
}

impl Cut {
    /// Begins a call and drops it. Says whether it ended before.
    pub(crate) async fn drop<T>(self, call: impl Future<Output = T>) -> bool {
        let limit = match self {
            Self::After(steps) => return drop_after(steps, call).await,
            Self::At(limit) => limit,
        };
        let (begun, mut call) = (Instant::now(), pin!(call));
        loop {
            if poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await {
                return true;
            }
            if begun.elapsed() >= limit {
                return false;
            }
            yield_now().await;
        }
    }
}

/// Takes so many steps of a call and drops it. Says whether it ended before.
pub(crate) async fn drop_after<T>(steps: u32, call: impl Future<Output = T>) -> bool {
    let mut call = pin!(call);
    for _ in 0..steps {
        if poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await {
            return true;
        }
        yield_now().await;
    }
    false
}

/// Expects what was there before the call that was dropped, or what it was to write.
pub(crate) fn is_old_or_new(answer: &Answer<Option<Bytes>>) -> Check {
    if matches!(&answer.result, Ok(Some(value)) if value == "old" || value == "new") {
        return Ok(());
    }
    let expected = r#"Ok(Some("old")) or Ok(Some("new"))"#.to_owned();
    Err(breach(expected, answer.result.shown(), answer.step))
}
