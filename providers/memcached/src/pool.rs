//! Connections that take turns.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_memcached::{Client, Error as Said};
use omni_kv_parts::within;
use tck_api::{Error, Result};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{Settings, error::told};

/// A connection carries one call at a time. One whose call failed, or was dropped in the
/// midst, is not used again: its answer might be taken for that of the next call.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Inner>);

struct Inner {
    address: String,
    limit: Duration,
    turns: Semaphore,
    idle: Mutex<Vec<Client>>,
}

impl Pool {
    pub(crate) fn new(settings: &Settings) -> Self {
        let turns = settings.connections.get().min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Inner {
            address: format!("tcp://{}", settings.address),
            limit: settings.timeout,
            turns: Semaphore::new(turns),
            idle: Mutex::default(),
        }))
    }

    /// The answer of a call, within the time that one may take.
    pub(crate) async fn within<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        within(self.0.limit, call).await
    }

    /// A connection, as soon as one is free.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>> {
        let permit = self.0.turns.acquire().await.map_err(|_| Error::Closed)?;
        let idle = self.0.idle().pop();
        let client = match idle {
            Some(client) => client,
            None => Client::new(&self.0.address).await.map_err(told)?,
        };
        Ok(Turn {
            client,
            pool: &self.0,
            _permit: permit,
        })
    }
}

impl Inner {
    fn idle(&self) -> MutexGuard<'_, Vec<Client>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection for one call. It is closed where the call does not come to its end.
pub(crate) struct Turn<'a> {
    client: Client,
    pool: &'a Inner,
    _permit: SemaphorePermit<'a>,
}

impl Turn<'_> {
    /// Ends with this answer of the call.
    pub(crate) fn end<T>(self, answer: Result<T, Said>) -> Result<T> {
        match &answer {
            Ok(_) => self.pool.idle().push(self.client),
            // What ended this connection may have ended the others: a server that restarts.
            Err(Said::Io(_) | Said::ConnectionClosed) => self.pool.idle().clear(),
            Err(_) => {}
        }
        answer.map_err(told)
    }
}

impl Deref for Turn<'_> {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for Turn<'_> {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}
