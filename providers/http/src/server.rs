//! Connections: accepted, limited, and ended when they are slow or when it is over.

use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream, ToSocketAddrs},
    signal::unix::{SignalKind, signal},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

use crate::{Service, log, stream::Stream};

const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// What connections may take.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// How many there may be at a time. Others wait until one ends.
    pub connections: usize,
    /// How many bytes the head of a request may have.
    pub head: usize,
    /// How long the head of a request may take, and how long a connection may be idle.
    pub idle: Duration,
    /// How long requests that were begun may take to end when the server does.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_024,
            head: 64 << 10,
            idle: Duration::from_secs(30),
            grace: Duration::from_secs(30),
        }
    }
}

impl Limits {
    /// As far as they can be counted.
    fn within_reach(mut self) -> Self {
        self.connections = self.connections.clamp(1, Semaphore::MAX_PERMITS);
        self.idle = self.idle.min(YEAR);
        self.grace = self.grace.min(YEAR);
        self
    }
}

/// Ends when the process is told to: by `SIGTERM` or `SIGINT`.
pub fn stopped() -> io::Result<impl Future<Output = ()>> {
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    })
}

/// What a server hands its requests to.
pub trait Answers: Clone + Send + Sync + 'static {
    /// The answer to a request, whatever happens.
    fn answer(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Full<Bytes>>> + Send;
}

/// A service that listens.
#[derive(Debug)]
pub struct Server<S = Service> {
    listener: TcpListener,
    service: S,
    limits: Limits,
}

impl<S: Answers> Server<S> {
    /// Listens at this address.
    pub async fn bind(address: impl ToSocketAddrs, service: S, limits: Limits) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            service,
            limits: limits.within_reach(),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` comes, and then answers what was begun.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let graceful = GracefulShutdown::new();
        let mut stop = pin!(stop);
        loop {
            // It also ends while every place is taken.
            let (stream, place) = tokio::select! {
                next = self.next(&places) => next,
                () = &mut stop => break,
            };
            let connection = graceful.watch(self.connection(stream));
            tokio::spawn(async move {
                // A connection that breaks is the affair of the client.
                let _ = connection.await;
                drop(place);
            });
        }
        drop(self.listener);
        if timeout(self.limits.grace, graceful.shutdown())
            .await
            .is_err()
        {
            log::line("some requests were not answered in time");
        }
    }

    /// The next connection, with a place for it.
    async fn next(&self, places: &Arc<Semaphore>) -> (TcpStream, Option<OwnedSemaphorePermit>) {
        // A place first: who finds none waits where the kernel queues.
        let place = Arc::clone(places).acquire_owned().await.ok();
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => return (stream, place),
                // Out of file descriptors, or gone before it was accepted.
                Err(error) => {
                    log::line(format_args!("accept: {error}"));
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    fn connection(
        &self,
        stream: TcpStream,
    ) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send + 'static
    {
        // Small answers are not to wait for more.
        let _ = stream.set_nodelay(true);
        // Its own: threads that count the owners of a shared one would wait for each other.
        let service = Arc::new(self.service.clone());
        let answering = service_fn(move |request| {
            let service = Arc::clone(&service);
            async move { Ok::<_, Infallible>(service.answer(request).await) }
        });
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.idle)
            .max_buf_size(self.limits.head.max(8 << 10))
            .serve_connection(
                TokioIo::new(Stream::new(stream, self.limits.idle)),
                answering,
            )
    }
}
