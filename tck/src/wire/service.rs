//! The service under test, as the checks of the `http` contract see it.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::Value;
use tokio::{sync::Barrier, task::JoinSet, time::timeout};

use super::{
    Reply, Request, Wire,
    exchange::{Connection, Lost},
};
use crate::{
    Need,
    check::{Check, Stop},
    shown::Record,
    subject::Subject,
    trace::{Exchange, Trace},
};

type Pending<'s, T> = Pin<Box<dyn Future<Output = T> + 's>>;

/// How long the kit tidies up at the most.
const TIDYING: Duration = Duration::from_secs(1);

/// What a service says that it can do, and how much it takes.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    capabilities: Vec<String>,
    pub(crate) largest_body: Option<usize>,
    pub(crate) largest_value: Option<usize>,
}

impl Subject {
    /// Sends a request on a connection of its own.
    pub(crate) fn ask(&self, request: Request) -> Pending<'_, Check<Reply>> {
        Box::pin(async move {
            let wire = self.wire()?;
            let patience = self.exchange_patience();
            exchange(wire, self.trace().clone(), request, patience, None).await
        })
    }

    /// Sends requests at the same time, each on a connection of its own. The answers have the
    /// order of the requests.
    pub(crate) async fn race(&self, requests: Vec<Request>) -> Check<Vec<Reply>> {
        let start = Arc::new(Barrier::new(requests.len()));
        let mut racers = JoinSet::new();
        for (request, place) in requests.into_iter().zip(0_usize..) {
            let start = Some(Arc::clone(&start));
            let (wire, trace) = (self.wire()?, self.trace().clone());
            let exchange = exchange(wire, trace, request, self.exchange_patience(), start);
            racers.spawn(async move { (place, exchange.await) });
        }
        let mut answered = racers.join_all().await;
        answered.sort_unstable_by_key(|(place, _)| *place);
        answered.into_iter().map(|(_, reply)| reply).collect()
    }

    /// Sends requests on one connection in one go. The service may close it at any of them.
    pub(crate) async fn ask_all(&self, requests: &[Request]) -> Check<Vec<Reply>> {
        let wire = self.wire()?;
        for request in requests {
            wire.note(request);
        }
        let shown: Vec<_> = requests.iter().map(Request::shown).collect();
        let call = self.trace().begin_exchange(Exchange {
            call: format!("on one connection: {}", shown.join(", ")),
            key: None,
            repeat: None,
        });
        let (step, patience) = (call.step(), self.exchange_patience());
        let all = async {
            let mut connection = Connection::open(&wire.target).await?;
            connection.exchange_all(&wire.target, requests).await
        };
        let replies = timeout(patience, all).await;
        match replies.unwrap_or(Err(Lost::Late(patience))) {
            Ok(mut replies) => {
                wire.reached.store(true, Ordering::Relaxed);
                let shown: Vec<_> = replies.iter().map(Reply::shown).collect();
                call.end(Record::Reply(shown.join(", then ")));
                replies.iter_mut().for_each(|reply| reply.step = step);
                Ok(replies)
            }
            Err(lost) => {
                call.end(Record::Reply(lost.shown()));
                Err(lost.stop(&wire, step))
            }
        }
    }

    /// Expects that a value can be read.
    pub(crate) fn reads<'s>(&'s self, key: &'s str, value: &'s str) -> Pending<'s, Check> {
        Box::pin(async move {
            let reply = self.ask(Request::get(key)).await?;
            reply.is(&[200])?.has_value(value)
        })
    }

    /// Expects that nothing is there.
    pub(crate) fn reads_nothing<'s>(&'s self, key: &'s str) -> Pending<'s, Check> {
        Box::pin(async move {
            self.ask(Request::get(key)).await?.is(&[404])?;
            Ok(())
        })
    }

    /// Expects what HEAD says of a key, where there is HEAD: that it is missing is another clause's.
    pub(crate) async fn heads(&self, key: &str, status: u16) -> Check {
        let reply = self.ask(Request::head(key)).await?;
        reply.is(&[status, 405, 501])?;
        Ok(())
    }

    /// Expects that nothing is there, if only since there can't be anything.
    pub(crate) async fn reads_nothing_or_refused(&self, key: &str) -> Check {
        let reply = self.ask(Request::get(key)).await?;
        reply.is(&[404, 400, 413, 414, 422, 431])?;
        Ok(())
    }

    /// Stores a value that a check begins with.
    pub(crate) fn store<'s>(&'s self, key: &'s str, value: &'s str) -> Pending<'s, Check<Reply>> {
        Box::pin(async move { self.ask(Request::put(key, value)).await?.done() })
    }

    /// What the service declares at its well-known address; nothing where it has none.
    pub(crate) async fn declared(&self) -> Check<Declared> {
        let request = Request::to("GET", "/.well-known/kv-capabilities");
        let reply = self.ask(request).await?;
        if reply.status != 200 {
            return Ok(Declared::default());
        }
        let document = reply.document()?;
        let capabilities = document.get("capabilities").and_then(|all| all.as_array());
        let names = capabilities.into_iter().flatten();
        let limit = |name| {
            let limit = document.get(name).and_then(Value::as_u64);
            limit.and_then(|size| usize::try_from(size).ok())
        };
        Ok(Declared {
            capabilities: names
                .filter_map(|name| name.as_str())
                .map(str::to_owned)
                .collect(),
            largest_body: limit("largest_body"),
            largest_value: limit("largest_value"),
        })
    }

    /// Goes on only where the profile or the service itself declares this.
    pub(crate) async fn needs(&self, need: Need) -> Check {
        let name = need.to_string();
        if self.profile().declares(need) || self.declared().await?.capabilities.contains(&name) {
            return Ok(());
        }
        Err(Stop::NotDeclared(name.into()))
    }

    /// Removes what the check has left, as far as the service lets it. Nothing depends on it.
    pub(crate) async fn tidy(&self) {
        let recorder = self.recorded();
        let Some(wire) = recorder.wire().filter(|wire| wire.was_reached()) else {
            return;
        };
        let tidied = async {
            for path in wire.written() {
                let Ok(mut connection) = Connection::open(&wire.target).await else {
                    return;
                };
                let _ = connection
                    .exchange(&wire.target, &Request::to("DELETE", path))
                    .await;
            }
        };
        let _ = timeout(TIDYING.min(self.profile().patience / 2), tidied).await;
    }

    fn wire(&self) -> Check<Arc<Wire>> {
        let wire = self.recorded().wire().cloned();
        match wire {
            Some(wire) if !self.time_is_free() => Ok(wire),
            Some(_) => Err(Stop::Unopened(
                "a service goes by the clock on the wall".into(),
            )),
            None => Err(Stop::Unopened(
                "the factory makes a store, and not a service".into(),
            )),
        }
    }

    /// After the watchdog has lost its own, which knows a slow machine from a hang. It ends the
    /// thread that the watchdog has left behind.
    fn exchange_patience(&self) -> Duration {
        self.profile().patience * 2
    }
}

async fn exchange(
    wire: Arc<Wire>,
    trace: Trace,
    request: Request,
    patience: Duration,
    start: Option<Arc<Barrier>>,
) -> Check<Reply> {
    wire.note(&request);
    let call = trace.begin_exchange(Exchange {
        call: request.shown(),
        key: request.key.clone(),
        repeat: request.command(&wire.target),
    });
    let step = call.step();
    let answered = async {
        let connection = Connection::open(&wire.target).await;
        if let Some(start) = start {
            start.wait().await;
        }
        connection?.exchange(&wire.target, &request).await
    };
    let reply = timeout(patience, answered).await;
    match reply.unwrap_or(Err(Lost::Late(patience))) {
        Ok(mut reply) => {
            wire.reached.store(true, Ordering::Relaxed);
            reply.step = step;
            call.end(Record::Reply(reply.shown()));
            Ok(reply)
        }
        Err(lost) => {
            call.end(Record::Reply(lost.shown()));
            Err(lost.stop(&wire, step))
        }
    }
}
