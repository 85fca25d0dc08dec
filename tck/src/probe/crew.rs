//! Threads that call again and again: a check needs a crowd of them many times.

use std::{
    io,
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{Sender, channel},
    },
    thread,
};

type Task = Box<dyn FnOnce() + Send>;

/// Those of a check that are idle. They end with the check.
#[derive(Default)]
pub(crate) struct Crew(Mutex<Vec<Hand>>);

impl Crew {
    /// As many as there have to be, or none where the machine has too few.
    pub(crate) fn take(&self, hands: usize) -> io::Result<Vec<Hand>> {
        let mut idle = self.idle();
        let left = idle.len().saturating_sub(hands);
        let mut taken = idle.split_off(left);
        while taken.len() < hands {
            taken.push(Hand::new()?);
        }
        Ok(taken)
    }

    /// Takes back those that are done.
    pub(crate) fn put_back(&self, hands: Vec<Hand>) {
        self.idle().extend(hands);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Hand>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that does what it is told, and ends with this.
pub(crate) struct Hand(Sender<Task>);

impl Hand {
    fn new() -> io::Result<Self> {
        let (tasks, told) = channel::<Task>();
        thread::Builder::new().spawn(move || told.into_iter().for_each(|task| task()))?;
        Ok(Self(tasks))
    }

    pub(crate) fn tell(&self, task: impl FnOnce() + Send + 'static) {
        // It takes tasks as long as this is there: none of them panics.
        let _ = self.0.send(Box::new(task));
    }
}
