//! The nodes, and calls to one of them.

use std::{
    fmt,
    sync::{
        PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use omni_kv_parts::Secret;
use prost::Message;
use tck_api::{Error, Result};
use tokio::{sync::Mutex, time::timeout};

use crate::{
    Settings,
    error::Refusal,
    leases::Leases,
    message::{Login, Request, Status, Token},
    node::{Line, Node},
    wire::{self, Call},
};

/// How long a cluster is left to itself that can't answer.
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) struct Connection {
    nodes: Vec<Node>,
    /// Counts how often a line was given up. Each time it is the next node's turn.
    turn: AtomicUsize,
    /// The line of a turn. Who has to wait for it sees whose turn it is by then.
    line: Mutex<Option<(usize, Line)>>,
    login: Option<(String, Secret)>,
    token: std::sync::Mutex<Option<Secret>>,
    limit: Duration,
    pub(crate) leases: Leases,
}

impl Connection {
    pub(crate) async fn open(settings: &Settings) -> Result<Self> {
        let login = settings.user.clone();
        let connection = Self {
            nodes: Node::all(settings)?,
            turn: AtomicUsize::new(0),
            line: Mutex::default(),
            login: login.map(|user| {
                let password = settings.password.clone();
                (user, password.unwrap_or_else(|| "".into()))
            }),
            token: std::sync::Mutex::default(),
            limit: settings.timeout,
            leases: Leases::of(settings.cleanup),
        };
        connection.ask(&Status {}).await?;
        Ok(connection)
    }

    /// The answer to a request.
    pub(crate) async fn ask<R: Request>(&self, request: &R) -> Result<R::Answer> {
        let answer = self.bounded(self.answer(Call::of(request)?)).await?;
        R::Answer::decode(answer).map_err(Error::backend)
    }

    /// Calls that end in time together. The next ones go to another node where they failed.
    pub(crate) async fn bounded<T>(&self, calls: impl Future<Output = Result<T>>) -> Result<T> {
        self.bounded_since(Instant::now(), calls).await
    }

    /// Calls that end in time together with others that were made from `start` on.
    pub(crate) async fn bounded_since<T>(
        &self,
        start: Instant,
        calls: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let turn = self.turn();
        let left = self.limit.saturating_sub(start.elapsed());
        let late = Err(Error::TimedOut { after: self.limit });
        let answer = timeout(left, calls).await.unwrap_or(late);
        if let Err(Error::Unavailable { .. } | Error::TimedOut { .. }) = answer {
            self.give_up(turn);
        }
        answer
    }

    /// Asks the nodes in turn until one has been reached.
    async fn answer(&self, call: Call) -> Result<Bytes> {
        // Once more than there are nodes, as a line may have ended since the last call.
        let mut tries = self.nodes.len();
        loop {
            let turn = self.turn();
            match self.asked(&call).await {
                // What was not sent can't have been done.
                Err(Trouble::Unsent(_)) if tries > 0 => {}
                Err(Trouble::Lost(_)) if tries > 0 && call.only_reads => {}
                // A cluster that elects a leader answers no read, and does so at the next try.
                Err(Trouble::Other(Error::Unavailable { .. })) if tries > 0 && call.only_reads => {
                    self.give_up(turn);
                    tokio::time::sleep(PAUSE).await;
                }
                Err(Trouble::Unsent(error) | Trouble::Lost(error) | Trouble::Other(error)) => {
                    return Err(error);
                }
                Ok(answer) => return Ok(answer),
            }
            tries -= 1;
        }
    }

    /// The answer of a node. Logs in where that is missing.
    async fn asked(&self, call: &Call) -> Result<Bytes, Trouble> {
        let mut is_fresh = false;
        loop {
            let token = match &self.login {
                None => None,
                Some(login) => match self.known_token() {
                    Some(token) => Some(token),
                    None => {
                        is_fresh = true;
                        Some(self.log_in(login).await?)
                    }
                },
            };
            let refusal = match self.send(call, token.as_ref()).await? {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refusal,
            };
            if is_fresh || self.login.is_none() || !refusal.is_stale_login() {
                return Err(Trouble::Other(refusal.into()));
            }
            self.keep_token(None);
        }
    }

    async fn log_in(&self, (name, password): &(String, Secret)) -> Result<Secret, Trouble> {
        let login = Login {
            name: name.clone(),
            password: password.reveal().to_owned(),
        };
        let answer = self.send(&Call::of(&login)?, None).await?;
        let answer = answer.map_err(Error::from)?;
        let token = Token::decode(answer).map_err(Error::backend)?;
        let token = Secret::from(token.token);
        self.keep_token(Some(token.clone()));
        Ok(token)
    }

    async fn send(
        &self,
        call: &Call,
        token: Option<&Secret>,
    ) -> Result<Result<Bytes, Refusal>, Trouble> {
        let (turn, mut line) = self.line().await.map_err(Trouble::Unsent)?;
        let request = self.node(turn)?.request(call, token)?;
        let sent = line.try_send_request(request).await;
        let sent = sent.map_err(|mut failed| {
            let trouble = match failed.take_message() {
                Some(_) => Trouble::Unsent,
                None => Trouble::Lost,
            };
            trouble(Error::unavailable(failed.into_error()))
        });
        let answer = match sent {
            Ok(answer) => {
                let lost = |error| Trouble::Lost(Error::unavailable(error));
                wire::message(answer).await.map_err(lost)
            }
            Err(trouble) => Err(trouble),
        };
        if answer.is_err() {
            self.give_up(turn);
        }
        answer
    }

    /// The line of this turn, which is opened where it is missing.
    async fn line(&self) -> Result<(usize, Line)> {
        let mut open = self.line.lock().await;
        let turn = self.turn();
        if let Some((of, line)) = &*open
            && *of == turn
            && !line.is_closed()
        {
            return Ok((turn, line.clone()));
        }
        // A node that does not answer leaves time for the others.
        let share = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX).max(1);
        let limit = self.limit / share;
        let opened = match timeout(limit, self.node(turn)?.connect()).await {
            Ok(opened) => opened,
            Err(_) => Err(Error::TimedOut { after: limit }),
        };
        match opened {
            Ok(line) => {
                *open = Some((turn, line.clone()));
                Ok((turn, line))
            }
            Err(error) => {
                self.give_up(turn);
                Err(error)
            }
        }
    }

    fn node(&self, turn: usize) -> Result<&Node> {
        let node = turn.checked_rem(self.nodes.len());
        let node = node.and_then(|node| self.nodes.get(node));
        node.ok_or_else(|| Error::backend("no address"))
    }

    fn turn(&self) -> usize {
        self.turn.load(Ordering::Relaxed)
    }

    /// Turns to the next node, unless somebody else has done so.
    fn give_up(&self, turn: usize) {
        let next = turn.wrapping_add(1);
        let _ = self
            .turn
            .compare_exchange(turn, next, Ordering::Relaxed, Ordering::Relaxed);
    }

    fn known_token(&self) -> Option<Secret> {
        self.token
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn keep_token(&self, token: Option<Secret>) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("nodes", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

/// Why there is no answer, or none that was asked for.
enum Trouble {
    /// The request was not sent.
    Unsent(Error),
    /// The request may have been sent, and the answer did not come.
    Lost(Error),
    Other(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}
