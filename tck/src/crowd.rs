//! Many calls side by side, on threads of their own.

use std::{
    panic::resume_unwind,
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use tck_api::{KeyValueStore, Result};
use tokio::{runtime::Handle, task::spawn_blocking};

use crate::{
    answer::breach,
    check::Check,
    recorder::Recorder,
    shown::{self, Shown},
    subject::Subject,
};

/// How many threads call at a time.
const CROWD: usize = 8;

/// How often a write is made while others read.
const AGAIN: usize = 16;

/// How often a key is read at the most while others write.
const READS: usize = 20_000;

/// A change of one key.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    key: String,
    value: Option<Bytes>,
}

impl Write {
    pub(crate) fn set(key: &str, value: impl Into<Bytes>) -> Self {
        Self {
            key: key.to_owned(),
            value: Some(value.into()),
        }
    }

    pub(crate) fn delete(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            value: None,
        }
    }

    async fn apply(self, store: &Recorder) -> Check {
        let result = match &self.value {
            Some(value) => store.set(&self.key, value.clone()).await,
            None => store.delete(&self.key).await,
        };
        match result {
            Ok(()) => Ok(()),
            failure => {
                let key = shown::key(&self.key);
                let expected = format!("Ok(()) from each call, also for {key}");
                Err(breach(expected, failure.shown(), None))
            }
        }
    }

    async fn apply_again(self, store: &Recorder) -> Check {
        for _ in 0..AGAIN {
            self.clone().apply(store).await?;
        }
        Ok(())
    }
}

impl Subject {
    /// Makes all writes, several at any time, and expects every one to succeed. Writes that
    /// stand next to each other are made by different threads.
    pub(crate) async fn write_side_by_side(&self, writes: Vec<Write>) -> Check {
        let mut shares = vec![Vec::new(); CROWD];
        for (index, write) in writes.into_iter().enumerate() {
            if let Some(share) = shares.get_mut(index % CROWD) {
                share.push(write);
            }
        }
        let answers = self
            .crowd(shares, |store, share| async move {
                for write in share {
                    write.apply(&store).await?;
                }
                Ok(())
            })
            .await;
        answers.into_iter().collect()
    }

    /// Makes each write again and again, all of them side by side, and answers with all
    /// that was read of the key meanwhile.
    pub(crate) async fn read_while_writing(
        &self,
        key: &str,
        writes: Vec<Write>,
    ) -> Check<Vec<Result<Option<Bytes>>>> {
        let writing = Arc::new(AtomicUsize::new(writes.len()));
        let mut shares: Vec<_> = writes.into_iter().map(Some).collect();
        shares.extend([None, None]);
        let key: Arc<str> = key.into();
        let answers = self
            .crowd(shares, move |store, share| {
                let (key, writing) = (Arc::clone(&key), Arc::clone(&writing));
                async move {
                    let mut seen = Vec::new();
                    match share {
                        Some(write) => {
                            let done = write.apply_again(&store).await;
                            writing.fetch_sub(1, Ordering::SeqCst);
                            done?;
                        }
                        None => {
                            // Bounded, so that a write that hangs is seen to hang.
                            while writing.load(Ordering::SeqCst) > 0 && seen.len() < READS {
                                seen.push(store.get(&key).await);
                            }
                        }
                    }
                    Ok(seen)
                }
            })
            .await;
        let seen = answers.into_iter().collect::<Check<Vec<_>>>()?;
        Ok(seen.into_iter().flatten().collect())
    }

    /// Gives each share to a thread of its own and starts them together. The threads drive
    /// the calls only: sockets and timers stay with the runtime of the check.
    async fn crowd<S, T, F>(
        &self,
        shares: Vec<S>,
        call: impl Fn(Arc<Recorder>, S) -> F + Clone + Send + 'static,
    ) -> Vec<T>
    where
        S: Send + 'static,
        T: Send + 'static,
        F: Future<Output = T>,
    {
        let start = Arc::new(Barrier::new(shares.len()));
        let threads: Vec<_> = shares
            .into_iter()
            .map(|share| {
                let (start, call, store) = (Arc::clone(&start), call.clone(), self.recorded());
                let runtime = Handle::current();
                spawn_blocking(move || {
                    start.wait();
                    runtime.block_on(call(store, share))
                })
            })
            .collect();
        let mut answers = Vec::new();
        for thread in threads {
            match thread.await {
                Ok(answer) => answers.push(answer),
                Err(error) => resume_unwind(error.into_panic()),
            }
        }
        answers
    }
}
