//! Requests on many connections, each sent as soon as the one before is answered.

use std::{
    io::{self, Write},
    net::SocketAddr,
    ops::Range,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::failed;

pub(crate) const CONNECTIONS: usize = 64;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Method {
    Get,
    Put,
}

/// What came of a turn: requests a second, milliseconds that half of them and all but one in a
/// hundred took, and microseconds that the server computed for each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) rate: f64,
    pub(crate) half: f64,
    pub(crate) most: f64,
    pub(crate) cost: f64,
    pub(crate) took: Duration,
}

/// Writes each of these keys once.
pub(crate) async fn fill(address: SocketAddr, keys: Range<u32>) -> io::Result<()> {
    let mut connections = JoinSet::new();
    for first in 0..CONNECTIONS as u32 {
        let own = keys.clone().skip(first as usize).step_by(CONNECTIONS);
        connections.spawn(async move {
            let mut connection = Connection::to(address).await?;
            for key in own {
                connection.ask(Method::Put, key).await?;
            }
            io::Result::Ok(())
        });
    }
    connections.join_all().await.into_iter().collect()
}

/// Asks for random keys below `keys` until the time is over.
pub(crate) async fn turn(
    address: SocketAddr,
    method: Method,
    keys: u32,
    time: Duration,
) -> io::Result<Figures> {
    let start = Instant::now();
    let mut connections = JoinSet::new();
    for seed in 1..=CONNECTIONS as u64 {
        connections.spawn(async move {
            let mut connection = Connection::to(address).await?;
            let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mut times = Vec::new();
            while start.elapsed() < time {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let began = Instant::now();
                connection.ask(method, (state >> 20) as u32 % keys).await?;
                times.push(began.elapsed().as_micros() as u32);
            }
            io::Result::Ok(times)
        });
    }
    let times: Result<Vec<_>, _> = connections.join_all().await.into_iter().collect();
    let took = start.elapsed();
    let mut times = times?.concat();
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied();
    let milliseconds = |micros: Option<u32>| f64::from(micros.unwrap_or_default()) / 1e3;
    Ok(Figures {
        rate: times.len() as f64 / took.as_secs_f64(),
        half: milliseconds(at(50)),
        most: milliseconds(at(99)),
        cost: 0.0,
        took,
    })
}

struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
    came: usize,
}

impl Connection {
    async fn to(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            request: Vec::new(),
            answer: vec![0; 4_096],
            came: 0,
        })
    }

    async fn ask(&mut self, method: Method, key: u32) -> io::Result<()> {
        self.request.clear();
        match method {
            Method::Get => {
                write!(
                    self.request,
                    "GET /keys/key-{key:07} HTTP/1.1\r\nHost: bench\r\n\r\n"
                )?;
            }
            Method::Put => write!(
                self.request,
                "PUT /keys/key-{key:07} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
                 Content-Length: 65\r\n\r\n\
                 {{\"key\":\"key-{key:07}\",\"value\":\"a value of some thirty characters\"}}"
            )?,
        }
        self.stream.write_all(&self.request).await?;
        self.came = 0;
        while !self.is_whole()? {
            let rest = self.answer.get_mut(self.came..).unwrap_or_default();
            match self.stream.read(rest).await? {
                0 => return Err(failed("the connection ended")),
                length => self.came += length,
            }
        }
        Ok(())
    }

    fn is_whole(&self) -> io::Result<bool> {
        let came = self.answer.get(..self.came).unwrap_or_default();
        let Some(end) = came.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            return Ok(false);
        };
        let head = std::str::from_utf8(came.get(..end).unwrap_or_default());
        let head = head.map_err(io::Error::other)?;
        if !head.starts_with("HTTP/1.1 20") {
            return Err(failed(head));
        }
        let length = head.split("content-length: ").nth(1);
        let length = length.and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
        let length = length.ok_or_else(|| failed("no length"))?;
        Ok(came.len() >= end + 4 + length)
    }
}
