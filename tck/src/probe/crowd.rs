//! Many calls at a time.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use bytes::Bytes;
use tck_api::{Cache, KeyValueStore, Result};
use tokio::{runtime::Handle, sync::oneshot, task::JoinSet};

use crate::{
    answer::Answer,
    check::{Check, Stop},
    probe::{race::Effort, together::all},
    recorder::Recorder,
    shown::Shown,
    subject::Subject,
};

/// How many call at a time.
const CROWD: usize = 8;

/// How many threads make calls that have to begin at the same moment: more than the connections
/// of a small pool, also where a call keeps its thread waiting.
const CROWD_AT_ONCE: usize = 24;

/// How often a writer writes while others read: at least, and at the most where the store is
/// quick or they have not read often enough.
const AGAIN: usize = 8;
const AGAIN_AT_MOST: usize = 500 * AGAIN;

/// How often others have to read before the writes end.
const ENOUGH: usize = 64;

/// How often a key is read at the most while others write, and how often without a break: who
/// reads faster than others write is to see the last of their writes as well.
const READS: usize = 20_000;
const READS_AT_ONCE: usize = 5_000;
const BREAK: Duration = Duration::from_micros(50);

/// A call about one key.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    key: String,
    call: Call,
}

#[derive(Clone, Debug)]
enum Call {
    Set(Bytes),
    SetWithTtl(Bytes, Duration),
    Delete,
    Get,
    Has,
    Reads(Option<Bytes>),
    Holds(Option<Bytes>),
}

impl Action {
    pub(crate) fn set(key: &str, value: impl Into<Bytes>) -> Self {
        Self::new(key, Call::Set(value.into()))
    }

    pub(crate) fn set_with_ttl(key: &str, value: impl Into<Bytes>, ttl: Duration) -> Self {
        Self::new(key, Call::SetWithTtl(value.into(), ttl))
    }

    /// Sets a key, with a time to live or plainly.
    pub(crate) fn write(key: &str, value: Bytes, ttl: Option<Duration>) -> Self {
        match ttl {
            Some(ttl) => Self::set_with_ttl(key, value, ttl),
            None => Self::set(key, value),
        }
    }

    pub(crate) fn delete(key: &str) -> Self {
        Self::new(key, Call::Delete)
    }

    /// A read whose answer may be anything but an error.
    pub(crate) fn get(key: &str) -> Self {
        Self::new(key, Call::Get)
    }

    /// A look whose answer may be anything but an error.
    pub(crate) fn has(key: &str) -> Self {
        Self::new(key, Call::Has)
    }

    /// A read that has to answer this value, or that there is none.
    pub(crate) fn reads(key: &str, value: Option<Bytes>) -> Self {
        Self::new(key, Call::Reads(value))
    }

    /// Reads on every path that have to answer this value, or that there is none.
    pub(crate) fn holds(key: &str, value: Option<Bytes>) -> Self {
        Self::new(key, Call::Holds(value))
    }

    fn new(key: &str, call: Call) -> Self {
        let key = key.to_owned();
        Self { key, call }
    }

    pub(crate) async fn apply(self, store: &Recorder) -> Check {
        let key = &self.key;
        match self.call {
            Call::Set(value) => is_done(store, store.set(key, value).await),
            Call::SetWithTtl(value, ttl) => {
                is_done(store, store.set_with_ttl(key, value, ttl).await)
            }
            Call::Delete => is_done(store, store.delete(key).await),
            Call::Get => is_done(store, store.get(key).await),
            Call::Has => is_done(store, store.has(key).await),
            Call::Reads(value) => Answer::of(store.get(key).await, store).is(value),
            Call::Holds(value) => {
                let is_there = value.is_some();
                Answer::of(store.get(key).await, store).is(value)?;
                Answer::of(store.has(key).await, store).is(is_there)
            }
        }
    }
}

async fn apply_at_once(store: Arc<Recorder>, actions: Vec<Action>) -> Check {
    let calls = actions.into_iter().map(|action| action.apply(&store));
    all(calls).await.into_iter().collect()
}

async fn apply_each(store: Arc<Recorder>, actions: Vec<Action>) -> Check {
    for action in actions {
        action.apply(&store).await?;
    }
    Ok(())
}

fn is_done<T>(store: &Recorder, answer: Result<T>) -> Check
where
    Result<T>: Shown,
{
    Answer::of(answer, store).ok().map(drop)
}

/// What was read while others wrote.
pub(crate) struct Meanwhile<T> {
    /// By each reader, in its order.
    pub(crate) seen: Vec<Vec<T>>,
    /// How often each writer has written.
    pub(crate) rounds: Vec<usize>,
}

impl Subject {
    /// Does all of it, with several calls under way at any time, and expects each to succeed.
    /// It races nobody: where a call is one step, there are never two at a time.
    pub(crate) async fn all_of(&self, actions: Vec<Action>) -> Check {
        let mut tasks = JoinSet::new();
        for (caller, share) in shares(actions, CROWD).into_iter().enumerate() {
            tasks.spawn(apply_each(self.recorded_for(caller), share));
        }
        let mut all = Ok(());
        while let Some(ended) = tasks.join_next().await {
            all = all.and(ended.unwrap_or_else(|error| resume_unwind(error.into_panic())));
        }
        all
    }

    /// Does all of it on threads of their own, and expects each to succeed. Actions that stand
    /// next to each other are done by different threads.
    pub(crate) async fn side_by_side(&self, actions: Vec<Action>) -> Check {
        let answers = self.crowd(shares(actions, CROWD), apply_each).await?;
        answers.into_iter().collect()
    }

    /// Does all of it at the same moment: no call waits for the end of another, but for those of
    /// a thread that a call keeps waiting.
    pub(crate) async fn all_at_once(&self, actions: Vec<Action>) -> Check {
        let shares = shares(actions, CROWD_AT_ONCE);
        let answers = self.crowd(shares, apply_at_once).await?;
        answers.into_iter().collect()
    }

    /// Sets all these keys to the same value.
    pub(crate) async fn set_each(&self, keys: &[String], value: &'static str) -> Check {
        let sets = keys.iter().map(|key| Action::set(key, value));
        self.all_of(sets.collect()).await
    }

    /// Expects all these keys to hold the same value, or none, on every read path.
    pub(crate) async fn each_holds(&self, keys: &[String], value: Option<&'static str>) -> Check {
        let holds = keys
            .iter()
            .map(|key| Action::holds(key, value.map(Bytes::from)));
        self.all_of(holds.collect()).await
    }

    /// Lets each writer make its writes again and again, round by round, and answers with what
    /// two readers saw meanwhile.
    pub(crate) async fn while_writing<T, F>(
        &self,
        effort: Effort,
        writers: usize,
        writes: impl Fn(usize, usize) -> Vec<Action> + Clone + Send + 'static,
        read: impl Fn(Arc<Recorder>) -> F + Clone + Send + 'static,
    ) -> Check<Meanwhile<T>>
    where
        T: Send + 'static,
        F: Future<Output = T>,
    {
        let writing = Arc::new(AtomicUsize::new(writers));
        let reads = Arc::new(AtomicUsize::new(0));
        let roles = (0..writers).map(Some).chain([None, None]);
        let answers = self
            .crowd(roles.collect(), move |store, role| {
                let (writing, reads) = (Arc::clone(&writing), Arc::clone(&reads));
                let (read, writes) = (read.clone(), writes.clone());
                async move {
                    let mut seen = Vec::new();
                    let Some(writer) = role else {
                        // Bounded, so that a write that hangs is seen to hang.
                        while writing.load(Ordering::SeqCst) > 0 && seen.len() < READS {
                            seen.push(read(Arc::clone(&store)).await);
                            reads.fetch_add(1, Ordering::SeqCst);
                            if seen.len() > READS_AT_ONCE {
                                thread::sleep(BREAK);
                            }
                        }
                        return Ok((seen, 0));
                    };
                    let done =
                        apply_again(effort, &store, &reads, |round| writes(writer, round)).await;
                    writing.fetch_sub(1, Ordering::SeqCst);
                    Ok((seen, done?))
                }
            })
            .await?;
        let answers = answers.into_iter().collect::<Check<Vec<_>>>()?;
        let (mut seen, mut rounds): (Vec<_>, Vec<_>) = answers.into_iter().unzip();
        rounds.truncate(writers);
        seen.drain(..writers);
        Ok(Meanwhile { seen, rounds })
    }

    /// Gives each share to a thread of its own and starts them together, or none where the
    /// machine has too few. The threads drive the calls only: sockets and timers stay with the
    /// runtime of the check.
    pub(crate) async fn crowd<S, T, F>(
        &self,
        shares: Vec<S>,
        call: impl Fn(Arc<Recorder>, S) -> F + Clone + Send + 'static,
    ) -> Check<Vec<T>>
    where
        S: Send + 'static,
        T: Send + 'static,
        F: Future<Output = T>,
    {
        let crew = self.crew();
        let hands = crew.take(shares.len()).map_err(|error| {
            let reason = format!("no thread for one more caller: {error}");
            Stop::Inconclusive(reason.into())
        })?;
        let start = Arc::new(Barrier::new(shares.len()));
        let mut calls = Vec::new();
        for (caller, (hand, share)) in hands.iter().zip(shares).enumerate() {
            let (store, call) = (self.recorded_for(caller), call.clone());
            let (start, runtime) = (Arc::clone(&start), Handle::current());
            let (done, ended) = oneshot::channel();
            // Not `spawn_blocking`: while such a task runs, paused time does not advance,
            // and a provider that sleeps for a moment would sleep for ever.
            hand.tell(move || {
                start.wait();
                let act = AssertUnwindSafe(move || runtime.block_on(call(store, share)));
                // Nobody listens where the watchdog has given up.
                let _ = done.send(catch_unwind(act));
            });
            calls.push(ended);
        }
        let mut answers = Vec::new();
        for ended in calls {
            let gone = |_| Stop::Inconclusive("the thread of a caller has ended".into());
            answers.push(
                ended
                    .await
                    .map_err(gone)?
                    .unwrap_or_else(|panic| resume_unwind(panic)),
            );
        }
        crew.put_back(hands);
        Ok(answers)
    }
}

/// Writes round by round until others have read enough. Says how many rounds there were.
async fn apply_again(
    effort: Effort,
    store: &Recorder,
    reads: &AtomicUsize,
    writes: impl Fn(usize) -> Vec<Action>,
) -> Check<usize> {
    let effort = effort.begin();
    for round in 0..AGAIN_AT_MOST {
        let is_enough = reads.load(Ordering::SeqCst) >= ENOUGH && effort.is_over();
        if round >= AGAIN && is_enough {
            return Ok(round);
        }
        for action in writes(round) {
            action.apply(store).await?;
        }
    }
    Ok(AGAIN_AT_MOST)
}

/// Deals out what there is to do, one to each caller in turn.
fn shares<T>(all: Vec<T>, callers: usize) -> Vec<Vec<T>> {
    let mut shares: Vec<Vec<T>> = (0..callers.min(all.len())).map(|_| Vec::new()).collect();
    for (index, one) in all.into_iter().enumerate() {
        if let Some(share) = shares.get_mut(index % callers) {
            share.push(one);
        }
    }
    shares
}
