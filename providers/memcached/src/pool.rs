//! Connections that take turns.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use omni_kv_parts::within;
use tck_api::{Error, ErrorKind, Result};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{Settings, connection::Connection, server::Server};

/// A connection carries one call at a time. One whose call failed, or was dropped in the
/// midst, is not used again: its answer might be taken for that of the next call.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Inner>);

struct Inner {
    server: Server,
    limit: Duration,
    turns: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        let turns = settings.connections.get().min(Semaphore::MAX_PERMITS);
        Ok(Self(Arc::new(Inner {
            server: Server::new(settings)?,
            limit: settings.timeout,
            turns: Semaphore::new(turns),
            idle: Mutex::default(),
        })))
    }

    /// The answer of a call, within the time that one may take.
    pub(crate) async fn within<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        within(self.0.limit, call).await
    }

    /// A connection, as soon as one is free.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>> {
        let permit = self.0.turns.acquire().await.map_err(|_| Error::Closed)?;
        let idle = self.0.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.0.server.connect().await?,
        };
        Ok(Turn {
            connection,
            pool: &self.0,
            _permit: permit,
        })
    }
}

impl Inner {
    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection for one call. It is closed where the call does not come to its end.
pub(crate) struct Turn<'a> {
    connection: Connection,
    pool: &'a Inner,
    _permit: SemaphorePermit<'a>,
}

impl Turn<'_> {
    /// Ends with this answer of the call.
    pub(crate) fn end<T>(self, answer: Result<T>) -> Result<T> {
        match &answer {
            Ok(_) => self.pool.idle().push(self.connection),
            // What ended this connection may have ended the others: a server that restarts.
            Err(error) if error.kind() == ErrorKind::Unavailable => self.pool.idle().clear(),
            Err(_) => {}
        }
        answer
    }
}

impl Deref for Turn<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Turn<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
