//! Callers that do something to the same key at the same moment, key after key.

use std::{
    hint, iter,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::crowd::Action;
use crate::{check::Check, recorder::Recorder, subject::Subject};

/// How many keys each of the first heats has, and by when it has to begin. They are enough for a
/// server, where calls are under way for long.
const FIRST_HEATS: [(usize, Duration); 2] = [(6, Duration::MAX), (18, Duration::from_millis(100))];

/// How many more heats there are at the most, and how many keys each has.
const MORE_HEATS: usize = 6;
const MORE_KEYS: usize = 64;

/// How long something is done again and again where the store is quick. It is effort and no
/// limit: such a store is raced more often, since its calls seldom meet.
#[derive(Clone, Copy)]
pub(crate) struct Effort(Duration);

impl Effort {
    /// Where callers that meet are one concern of many.
    pub(crate) const BRIEF: Self = Self(Duration::from_millis(1));
    /// Where they are what a contract is about.
    #[cfg(feature = "listing")]
    pub(crate) const LONG: Self = Self(Duration::from_millis(3));

    pub(crate) fn begin(self) -> Begun {
        Begun {
            effort: self,
            at: Instant::now(),
        }
    }
}

/// An effort, and since when it is made.
pub(crate) struct Begun {
    effort: Effort,
    at: Instant,
}

impl Begun {
    pub(crate) fn is_over(&self) -> bool {
        self.at.elapsed() > self.effort.0
    }
}

/// How often a caller looks whether the others have come to the key too. One that is very late
/// or has failed is not waited for.
const LOOKS: usize = 300;

/// How often it looks without a break. Who is still late may need the processor for it.
const LOOKS_AT_ONCE: usize = 100;
const BREAK: Duration = Duration::from_micros(50);

impl Subject {
    /// The keys to race for, heat by heat.
    pub(crate) fn heats(&self, effort: Effort) -> impl Iterator<Item = Vec<String>> {
        let began = Instant::now();
        let more = iter::repeat_n((MORE_KEYS, effort.0), MORE_HEATS);
        let in_time = FIRST_HEATS
            .into_iter()
            .chain(more)
            .take_while(move |(_, limit)| began.elapsed() <= *limit)
            .enumerate();
        in_time.map(|(heat, (keys, _))| {
            let key = |number| self.key(&format!("{heat}-{number}"));
            (0..keys).map(key).collect()
        })
    }

    /// Lets each caller act for each key, all at the same time. Every call has to be done.
    pub(crate) async fn meet_at<C: Clone + Send + 'static>(
        &self,
        keys: &[String],
        callers: Vec<C>,
        act: impl Fn(C, &str) -> Action + Clone + Send + 'static,
    ) -> Check {
        let answers = self
            .race_for(keys, callers, move |store, caller, key| {
                let action = act(caller, &key);
                async move { action.apply(&store).await }
            })
            .await?;
        answers.into_iter().flatten().collect()
    }

    /// Lets each caller call for each key, in their order and all at the same time. Answers
    /// with what each was told, key by key.
    pub(crate) async fn race_for<C, T, F>(
        &self,
        keys: &[String],
        callers: Vec<C>,
        call: impl Fn(Arc<Recorder>, C, String) -> F + Clone + Send + 'static,
    ) -> Check<Vec<Vec<T>>>
    where
        C: Clone + Send + 'static,
        T: Send + 'static,
        F: Future<Output = T>,
    {
        let keys: Arc<[String]> = keys.into();
        let meetings = keys.iter().map(|_| Meeting::of(callers.len()));
        let meetings: Arc<[Meeting]> = meetings.collect();
        let callers = callers.into_iter().enumerate().collect();
        self.crowd(callers, move |store, (number, caller)| {
            let (keys, meetings, call) = (Arc::clone(&keys), Arc::clone(&meetings), call.clone());
            async move {
                let mut answers = Vec::new();
                for (turn, (key, meeting)) in keys.iter().zip(meetings.iter()).enumerate() {
                    meeting.wait();
                    hold_back(number + turn);
                    answers.push(call(Arc::clone(&store), caller.clone(), key.clone()).await);
                }
                answers
            }
        })
        .await
    }
}

/// Lets a caller come a little later than others, now this one and now that: what one does
/// late in its call another may do early.
fn hold_back(turn: usize) {
    let moments = match turn % 4 {
        0 => 0,
        1 => 8,
        2 => 32,
        _ => 128,
    };
    for _ in 0..moments {
        hint::spin_loop();
    }
}

/// Where callers wait for each other.
struct Meeting {
    missing: AtomicUsize,
}

impl Meeting {
    fn of(callers: usize) -> Self {
        let missing = AtomicUsize::new(callers);
        Self { missing }
    }

    fn wait(&self) {
        self.missing.fetch_sub(1, Ordering::SeqCst);
        for look in 0..LOOKS {
            if self.missing.load(Ordering::SeqCst) == 0 {
                return;
            }
            rest_after(look);
        }
    }
}

/// Gives way to those who are waited for.
pub(super) fn rest_after(look: usize) {
    if look < LOOKS_AT_ONCE {
        thread::yield_now();
    } else {
        thread::sleep(BREAK);
    }
}
