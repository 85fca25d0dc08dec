//! The nodes, and calls to one of them.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use omni_kv_parts::{Secret, within};
use prost::Message;
use reqwest::{Client, Url, header};
use tck_api::{Error, Result};

use crate::{
    Settings,
    error::{Refusal, told},
    leases::Leases,
    message::{Login, Request, Status, Token},
    wire::{self, Call},
};

/// How long a cluster is left to itself that can't answer.
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) struct Connection {
    http: Client,
    nodes: Vec<Url>,
    /// The node that has answered last, or that is asked next.
    current: AtomicUsize,
    login: Option<(String, Secret)>,
    token: Mutex<Option<Secret>>,
    limit: Duration,
    pub(crate) leases: Leases,
}

impl Connection {
    pub(crate) async fn open(settings: &Settings) -> Result<Self> {
        let scheme = if settings.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let nodes = settings.addresses.iter().map(|node| {
            let wrong = |_| Error::backend(format!("not a host and a port: {node}"));
            Url::parse(&format!("{scheme}://{node}")).map_err(wrong)
        });
        let nodes = nodes.collect::<Result<Vec<_>>>()?;
        let share = u32::try_from(nodes.len()).unwrap_or(u32::MAX).max(1);
        let http = Client::builder()
            // A node that does not answer leaves time for the others.
            .connect_timeout(settings.timeout / share)
            // The settings say how the server is reached, not the environment.
            .no_proxy()
            // What was sent may have been done.
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .http2_prior_knowledge()
            // All calls share a line. One that is dead is left about when the first has waited
            // for long enough.
            .http2_keep_alive_interval(settings.timeout / 2)
            .http2_keep_alive_timeout(settings.timeout / 2)
            .tcp_nodelay(true);
        let http = secured(http, settings)?.build();
        let login = settings.user.clone();
        let connection = Self {
            http: http.map_err(|error| told(error, settings.timeout))?,
            nodes,
            current: AtomicUsize::new(0),
            login: login.map(|user| {
                let password = settings.password.clone();
                (user, password.unwrap_or_else(|| "".into()))
            }),
            token: Mutex::new(None),
            limit: settings.timeout,
            leases: Leases::of(settings.cleanup),
        };
        connection.ask(&Status {}).await?;
        Ok(connection)
    }

    /// The answer to a request.
    pub(crate) async fn ask<R: Request>(&self, request: &R) -> Result<R::Answer> {
        let answer = self.bounded(self.answer(Call::of(request))).await?;
        R::Answer::decode(answer).map_err(Error::backend)
    }

    /// Calls that end in time together. The next ones go to another node where they failed.
    pub(crate) async fn bounded<T>(&self, calls: impl Future<Output = Result<T>>) -> Result<T> {
        let node = self.current.load(Ordering::Relaxed);
        let answer = within(self.limit, calls).await;
        if let Err(Error::Unavailable { .. } | Error::TimedOut { .. }) = answer {
            self.leave(node);
        }
        answer
    }

    /// Asks the nodes in turn until one has been reached.
    async fn answer(&self, call: Call) -> Result<Bytes> {
        let only_reads = call.only_reads;
        // A cluster that elects a leader answers no read, and does so at the next try.
        let mut tries = self.nodes.len() + usize::from(only_reads);
        loop {
            let node = self.current.load(Ordering::Relaxed);
            tries = tries.saturating_sub(1);
            match self.asked(node, &call).await {
                // What was not sent can't have been done.
                Err(Trouble::Line(error)) if tries > 0 && (only_reads || error.is_connect()) => {
                    self.leave(node);
                }
                Err(Trouble::Other(Error::Unavailable { .. })) if tries > 0 && only_reads => {
                    self.leave(node);
                    tokio::time::sleep(PAUSE).await;
                }
                Err(Trouble::Line(error)) => return Err(told(error, self.limit)),
                Err(Trouble::Other(error)) => return Err(error),
                Ok(answer) => return Ok(answer),
            }
        }
    }

    /// The answer of a node. Logs in where that is missing.
    async fn asked(&self, node: usize, call: &Call) -> Result<Bytes, Trouble> {
        let mut is_fresh = false;
        loop {
            let token = match &self.login {
                None => None,
                Some(login) => match self.known_token() {
                    Some(token) => Some(token),
                    None => {
                        is_fresh = true;
                        Some(self.log_in(node, login).await?)
                    }
                },
            };
            let refusal = match self.send(node, call, token.as_ref()).await? {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refusal,
            };
            if is_fresh || self.login.is_none() || !refusal.is_stale_login() {
                return Err(Trouble::Other(refusal.into()));
            }
            self.keep_token(None);
        }
    }

    async fn log_in(
        &self,
        node: usize,
        (name, password): &(String, Secret),
    ) -> Result<Secret, Trouble> {
        let login = Login {
            name: name.clone(),
            password: password.reveal().to_owned(),
        };
        let answer = self.send(node, &Call::of(&login), None).await?;
        let answer = answer.map_err(Error::from)?;
        let token = Token::decode(answer).map_err(Error::backend)?;
        let token = Secret::from(token.token);
        self.keep_token(Some(token.clone()));
        Ok(token)
    }

    async fn send(
        &self,
        node: usize,
        call: &Call,
        token: Option<&Secret>,
    ) -> Result<Result<Bytes, Refusal>, Trouble> {
        let node = node
            .checked_rem(self.nodes.len())
            .and_then(|node| self.nodes.get(node));
        let mut url = node.ok_or_else(|| Error::backend("no address"))?.clone();
        url.set_path(call.path);
        let mut request = self
            .http
            .post(url)
            .header(header::CONTENT_TYPE, "application/grpc")
            .header(header::TE, "trailers")
            .body(call.body.clone());
        if let Some(token) = token {
            let token = header::HeaderValue::from_str(token.reveal());
            let mut token = token.map_err(Error::backend)?;
            token.set_sensitive(true);
            request = request.header("token", token);
        }
        Ok(wire::message(request.send().await?).await?)
    }

    /// Turns to the next node, unless somebody else has done so.
    fn leave(&self, node: usize) {
        let next = node.wrapping_add(1);
        let _ = self
            .current
            .compare_exchange(node, next, Ordering::Relaxed, Ordering::Relaxed);
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

/// Why a node has not answered, or not as it should.
enum Trouble {
    Line(reqwest::Error),
    Other(Error),
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        Self::Line(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

#[cfg(feature = "tls")]
fn secured(http: reqwest::ClientBuilder, settings: &Settings) -> Result<reqwest::ClientBuilder> {
    // Without one of its own the client looks for a default, and panics.
    let tls = settings.tls.clone().unwrap_or_default();
    Ok(http.tls_backend_preconfigured(crate::tls::configured(&tls)?))
}

#[cfg(not(feature = "tls"))]
fn secured(http: reqwest::ClientBuilder, settings: &Settings) -> Result<reqwest::ClientBuilder> {
    match &settings.tls {
        Some(_) => Err(Error::backend("built without the feature tls")),
        None => Ok(http),
    }
}
