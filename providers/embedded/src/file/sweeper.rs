//! The thread that removes what has expired.

use std::{
    sync::{
        Arc, Weak,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{Builder, JoinHandle},
    time::Duration,
};

use super::core::Core;
use crate::Result;

/// How often it looks.
const PAUSE: Duration = Duration::from_millis(100);

/// The thread, for as long as this is held.
#[derive(Debug)]
pub(super) struct Sweeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sweeper {
    pub(super) fn start(core: &Arc<Core>) -> Result<Self> {
        let (stop, stopped) = mpsc::channel::<()>();
        let core = Arc::downgrade(core);
        let thread = Builder::new()
            .name("omni-kv-embedded".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                    let still_wanted = || stopped.try_recv() == Err(mpsc::TryRecvError::Empty);
                    if !sweep(&core, still_wanted) {
                        return;
                    }
                }
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

/// Removes what has expired. Says whether to look again.
fn sweep(core: &Weak<Core>, still_wanted: impl Fn() -> bool) -> bool {
    match core.upgrade() {
        // After a failure of the file the database has to be opened anew.
        Some(core) => core.remove_expired(still_wanted).is_ok(),
        None => false,
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // It catches what the engine throws, so it ends in order.
            let _ = thread.join();
        }
    }
}
