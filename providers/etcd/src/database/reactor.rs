//! Where calls are made that somebody waits for: on a thread of its own, so that any thread may
//! wait, also one of another runtime.

use std::{io, sync::mpsc, thread};

use omni_kv_embedded::{Error, Result};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

use crate::error::too_large;

/// A runtime on its thread. Both end when this is dropped, and nobody waits for that.
pub(super) struct Reactor {
    runtime: Handle,
    _stop: oneshot::Sender<()>,
}

impl Reactor {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let reactor = Self {
            runtime: runtime.handle().clone(),
            _stop: stop,
        };
        thread::Builder::new()
            .name("omni-kv-etcd".to_owned())
            // Nothing is sent: that nobody can is the sign.
            .spawn(move || runtime.block_on(stopped).is_ok())?;
        Ok(reactor)
    }

    /// What a call comes to.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        call: impl Future<Output = tck_api::Result<T>> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = mpsc::sync_channel(1);
        // Who asks waits below.
        self.runtime.spawn(async move { answer.send(call.await) });
        let gone = |_| Error::Backend("the thread of the client has ended".into());
        answered.recv().map_err(gone)?.map_err(told)
    }
}

/// The error of a call, in the words of the facade.
fn told(error: tck_api::Error) -> Error {
    match too_large(&error) {
        Some(refusal) => Error::TransactionTooLarge {
            reason: refusal.to_string(),
        },
        None => error.into(),
    }
}
