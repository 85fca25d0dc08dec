//! One connection: what is sent, and what is read of the answer.

use std::{io, net::IpAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{Reply, Request, Target, Wire, request::Framing};
use crate::{answer::breach, check::Stop, shown};

/// The longest head of an answer, and the largest answer.
const LONGEST_HEAD: usize = 64 << 10;
const LARGEST: usize = 64 << 20;
/// How long an answer that has no body is watched for one.
const SURPLUS: Duration = Duration::from_millis(100);

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Lost {
    /// Nobody listens.
    Unreachable(io::Error),
    Closed,
    Late(Duration),
    Malformed(String),
}

impl Lost {
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Unreachable(error) => format!("no connection: {error}"),
            Self::Closed => "the connection was closed without an answer".to_owned(),
            Self::Late(patience) => format!("none within {}", shown::duration(*patience)),
            Self::Malformed(what) => format!("what is no HTTP: {what}"),
        }
    }

    /// A service that was never there is not judged.
    pub(super) fn stop(self, wire: &Wire, step: Option<usize>) -> Stop {
        match self {
            Self::Unreachable(error) if !wire.was_reached() => {
                Stop::Unopened(format!("there is no service at {:?}: {error}", wire.target).into())
            }
            // The watchdog has called it a hang by then, unless the machine stood still.
            Self::Late(_) => Stop::Inconclusive(self.shown().into()),
            lost => breach("an answer".to_owned(), lost.shown(), step),
        }
    }
}

fn endless() -> Lost {
    Lost::Malformed("the answer does not end".to_owned())
}

/// A connection to a service.
pub(crate) struct Connection {
    stream: TcpStream,
    /// What was read and not yet looked at.
    read: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(target: &Target) -> Result<Self, Lost> {
        let host = target.host.trim_matches(['[', ']']);
        let connected = match host.parse::<IpAddr>() {
            Ok(ip) => TcpStream::connect((ip, target.port)).await,
            Err(_) => TcpStream::connect((host, target.port)).await,
        };
        let stream = connected.map_err(Lost::Unreachable)?;
        // Without it, small writes might wait for each other.
        let _ = stream.set_nodelay(true);
        let read = Vec::new();
        Ok(Self { stream, read })
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn exchange(
        &mut self,
        target: &Target,
        request: &Request,
    ) -> Result<Reply, Lost> {
        let mut bytes = request.head_for(target, "close").into_bytes();
        if request.framing == Framing::Expected {
            self.send(&bytes).await;
            loop {
                let reply = self.reply(&request.method).await?;
                match reply.status {
                    100 => break,
                    // Others that come ahead of the answer tell nothing of it.
                    101..200 => {}
                    _ => return Ok(reply),
                }
            }
            bytes.clear();
        }
        bytes.extend(request.framed_body());
        self.send(&bytes).await;
        loop {
            let reply = self.reply(&request.method).await?;
            if reply.status >= 200 {
                return Ok(reply);
            }
        }
    }

    /// Sends requests in one go, and reads answers until the service closes the connection.
    pub(crate) async fn exchange_all(
        &mut self,
        target: &Target,
        requests: &[Request],
    ) -> Result<Vec<Reply>, Lost> {
        let mut bytes = Vec::new();
        for (request, left) in requests.iter().zip((0..requests.len()).rev()) {
            let connection = if left == 0 { "close" } else { "keep-alive" };
            bytes.extend(request.head_for(target, connection).into_bytes());
            bytes.extend(request.framed_body());
        }
        self.send(&bytes).await;
        let mut replies = Vec::new();
        loop {
            let method = requests.get(replies.len()).map_or("GET", |r| &r.method);
            match self.reply(method).await {
                Ok(reply) if reply.status < 200 => {}
                Ok(reply) => replies.push(reply),
                Err(Lost::Closed) if self.read.is_empty() => return Ok(replies),
                Err(lost) => return Err(lost),
            }
        }
    }

    /// A service may answer and close before it has read all: what it says decides.
    async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    async fn reply(&mut self, method: &str) -> Result<Reply, Lost> {
        let head = self.until(b"\r\n\r\n", LONGEST_HEAD).await?;
        let mut reply = Reply::of_head(&head).map_err(Lost::Malformed)?;
        if reply.status < 200 {
            return Ok(reply);
        }
        let has_none = method == "HEAD" || matches!(reply.status, 204 | 304);
        reply.body = match (reply.header("Transfer-Encoding"), reply.length()?) {
            _ if has_none => {
                let more = timeout(SURPLUS, self.more()).await;
                reply.has_surplus = matches!(more, Ok(Ok(()))) || !self.read.is_empty();
                Vec::new()
            }
            (Some(coding), _) if coding.eq_ignore_ascii_case("chunked") => self.chunks().await?,
            (Some(coding), _) => {
                return Err(Lost::Malformed(format!("Transfer-Encoding: {coding}")));
            }
            (None, Some(length)) => self.take(length).await?,
            (None, None) => loop {
                match self.more().await {
                    Ok(()) => {}
                    Err(Lost::Closed) => break std::mem::take(&mut self.read),
                    Err(lost) => return Err(lost),
                }
            },
        };
        Ok(reply)
    }

    async fn chunks(&mut self) -> Result<Vec<u8>, Lost> {
        let wrong = || Lost::Malformed("the chunks of the body are malformed".to_owned());
        let mut body = Vec::new();
        loop {
            let line = self.until(b"\r\n", LONGEST_HEAD).await?;
            let size = line.split([';', '\r']).next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| wrong())?;
            if size == 0 {
                let mut trailers = 0;
                while trailers <= LONGEST_HEAD {
                    match self.until(b"\r\n", LONGEST_HEAD).await?.len() {
                        2 => return Ok(body),
                        length => trailers += length,
                    }
                }
                return Err(wrong());
            }
            if body.len() > LARGEST {
                return Err(endless());
            }
            body.extend(self.take(size).await?);
            if self.take(2).await? != b"\r\n" {
                return Err(wrong());
            }
        }
    }

    async fn until(&mut self, end: &[u8], most: usize) -> Result<String, Lost> {
        loop {
            let found = self.read.windows(end.len()).position(|part| part == end);
            if let Some(found) = found {
                let text = self.read.drain(..found + end.len()).collect();
                let text = String::from_utf8(text);
                return text.map_err(|_| Lost::Malformed("the head is no text".to_owned()));
            }
            if self.read.len() > most {
                return Err(Lost::Malformed("the head does not end".to_owned()));
            }
            self.more().await?;
        }
    }

    async fn take(&mut self, length: usize) -> Result<Vec<u8>, Lost> {
        while self.read.len() < length {
            let there = self.read.len();
            self.more().await.map_err(|lost| match lost {
                Lost::Closed => {
                    Lost::Malformed(format!("the body ended after {there} of {length} bytes"))
                }
                other => other,
            })?;
        }
        Ok(self.read.drain(..length).collect())
    }

    async fn more(&mut self) -> Result<(), Lost> {
        if self.read.len() > LARGEST {
            return Err(endless());
        }
        match self.stream.read_buf(&mut self.read).await {
            Ok(0) | Err(_) => Err(Lost::Closed),
            Ok(_) => Ok(()),
        }
    }
}
