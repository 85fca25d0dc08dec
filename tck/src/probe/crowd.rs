//! Many calls at a time.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    thread,
    time::Duration,
};

use bytes::Bytes;
use tck_api::{Cache, KeyValueStore, Result};
use tokio::{runtime::Handle, sync::oneshot, task::JoinSet};

use crate::{
    answer::Answer,
    check::{Check, Stop},
    probe::race::Effort,
    recorder::Recorder,
    shown::Shown,
    subject::Subject,
};

/// How many call at a time.
const CROWD: usize = 8;

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
        for (caller, share) in shares(actions).into_iter().enumerate() {
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
        let answers = self.crowd(shares(actions), apply_each).await?;
        answers.into_iter().collect()
    }

    /// Does all of it at the same moment, each action on a thread of its own.
    pub(crate) async fn all_at_once(&self, actions: Vec<Action>) -> Check {
        let alone = actions.into_iter().map(|action| vec![action]);
        let answers = self.crowd(alone.collect(), apply_each).await?;
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
fn shares<T>(all: Vec<T>) -> Vec<Vec<T>> {
    let mut shares: Vec<Vec<T>> = (0..CROWD).map(|_| Vec::new()).collect();
    for (index, one) in all.into_iter().enumerate() {
        if let Some(share) = shares.get_mut(index % CROWD) {
            share.push(one);
        }
    }
    shares
}

/// Both at a time.
pub(crate) async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut of_a, mut of_b) = (None, None);
    poll_fn(|context| {
        if of_a.is_none()
            && let Poll::Ready(answer) = a.as_mut().poll(context)
        {
            of_a = Some(answer);
        }
        if of_b.is_none()
            && let Poll::Ready(answer) = b.as_mut().poll(context)
        {
            of_b = Some(answer);
        }
        match (of_a.take(), of_b.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (of_a, of_b) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}
