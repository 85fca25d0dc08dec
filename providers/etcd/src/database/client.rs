//! The client, for callers that wait.

use std::{fmt, sync::Arc, time::Instant};

use omni_kv_embedded::Result;
use omni_kv_parts::Moment;

use super::reactor::Reactor;
use crate::{
    Settings,
    connection::Connection,
    listing::KEYS,
    message::Entry,
    snapshot::conflicting,
    span::{Living, Span, VALUES, Wanted, just_behind},
};

pub(super) struct Client {
    connection: Arc<Connection>,
    reactor: Reactor,
}

impl Client {
    pub(super) fn open(settings: Settings) -> Result<Self> {
        let reactor = Reactor::start()?;
        let opened = reactor.wait(async move { Connection::open(&settings).await });
        Ok(Self {
            connection: Arc::new(opened?),
            reactor,
        })
    }

    /// What the calls come to, which end in time together.
    pub(super) fn wait<T, F>(
        &self,
        calls: impl FnOnce(Arc<Connection>) -> F + Send + 'static,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = tck_api::Result<T>> + Send + 'static,
    {
        self.wait_since(Instant::now(), calls)
    }

    /// What the calls come to, which end in time together with others made from `start` on.
    pub(super) fn wait_since<T, F>(
        &self,
        start: Instant,
        calls: impl FnOnce(Arc<Connection>) -> F + Send + 'static,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = tck_api::Result<T>> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        self.reactor.wait(async move {
            let calls = calls(Arc::clone(&connection));
            connection.bounded_since(start, calls).await
        })
    }
}

/// How many names are asked for at first; a listing that goes on asks for more.
const FEW: usize = 64;

/// Spans may be listed at this revision, which is zero for the present: then what is shown is
/// of the moment of its first part.
impl Client {
    /// Shows those entries of a span that have not expired at a moment, without their values, as
    /// long as `see` goes on.
    pub(super) fn list(
        &self,
        mut span: Span,
        revision: i64,
        moment: Moment,
        see: &mut dyn FnMut(Living) -> Result<bool>,
    ) -> Result<()> {
        let mut wanted = Wanted {
            limit: FEW,
            revision,
            keys_only: true,
        };
        loop {
            let asked = span.clone();
            let (living, next, revision, is_leased) = self.wait(async move |connection| {
                let part = connection.part(asked, wanted).await.map_err(conflicting)?;
                let is_leased = part.entries.iter().any(|entry| entry.lease != 0);
                let living = connection.living(part.entries, part.revision, moment).await;
                Ok((
                    living.map_err(conflicting)?,
                    part.next,
                    part.revision,
                    is_leased,
                ))
            })?;
            for living in living {
                if !see(living)? {
                    return Ok(());
                }
            }
            let Some(next) = next else {
                return Ok(());
            };
            span.0 = just_behind(&next);
            wanted.revision = revision;
            // Of those that may expire the values are looked at, which takes its time.
            wanted.limit = match is_leased {
                true => FEW,
                false => wanted.limit.saturating_mul(4).min(KEYS),
            };
        }
    }

    /// Shows the entries of a span with their values, also expired ones, as long as `see` goes
    /// on.
    pub(super) fn scan(
        &self,
        mut span: Span,
        see: &mut dyn FnMut(Entry) -> Result<bool>,
    ) -> Result<()> {
        let mut wanted = Wanted {
            limit: VALUES,
            revision: 0,
            keys_only: false,
        };
        loop {
            let asked = span.clone();
            let part = self.wait(async move |connection| {
                connection.part(asked, wanted).await.map_err(conflicting)
            })?;
            for entry in part.entries {
                if !see(entry)? {
                    return Ok(());
                }
            }
            let Some(next) = part.next else {
                return Ok(());
            };
            span.0 = just_behind(&next);
            wanted.revision = part.revision;
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connection.fmt(f)
    }
}
