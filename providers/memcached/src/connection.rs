//! A connection that speaks Memcached's text protocol, one command after the other.

use std::io;

use bytes::Bytes;
use omni_kv_parts::Secret;
use tck_api::{Error, Result};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use crate::error::refused;

/// What a connection runs over.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// No item of the provider is larger. More is not waited for, and takes no room.
const LARGEST_ITEM: usize = 1 << 20;

/// No line of an answer is as long.
const LONGEST_LINE: u64 = 4096;

/// What lies under a name.
pub(crate) struct Item {
    pub(crate) data: Bytes,
    /// The number of the write that put it there.
    pub(crate) version: u64,
}

/// When to store an item.
#[derive(Clone, Copy)]
pub(crate) enum When {
    /// Whatever is there.
    Always,
    /// Where there is nothing.
    Absent,
    /// Where nobody has written since the write of this number.
    Unchanged(u64),
}

/// After an error it is at no known place of an answer, and good for nothing more.
pub(crate) struct Connection(BufReader<Box<dyn Stream>>);

impl Connection {
    pub(crate) fn over(stream: Box<dyn Stream>) -> Self {
        Self(BufReader::new(stream))
    }

    /// Whether the server is there, and takes what will be sent.
    pub(crate) async fn check(&mut self) -> Result<()> {
        self.send(&["version"], None).await?;
        let line = self.line().await?;
        match is_version(&line) {
            true => Ok(()),
            false => Err(refused(&line)),
        }
    }

    /// Says who comes, to a server that asks: another would store it, for everybody to read.
    pub(crate) async fn log_in(&mut self, user: &str, password: &Secret) -> Result<()> {
        self.send(&["version"], None).await?;
        match &*self.line().await? {
            "CLIENT_ERROR unauthenticated" => {}
            line if is_version(line) => {
                return Err(Error::backend("a login, which the server does not ask for"));
            }
            line => return Err(refused(line)),
        }
        let login = format!("{user} {}", password.reveal());
        let command = format!("set login 0 0 {}", login.len());
        self.send(&[&command], Some(login.as_bytes())).await?;
        match &*self.line().await? {
            "STORED" => Ok(()),
            line => Err(refused(line)),
        }
    }

    pub(crate) async fn get(&mut self, name: &str) -> Result<Option<Item>> {
        self.send(&["gets ", name], None).await?;
        let line = self.line().await?;
        if line == "END" {
            return Ok(None);
        }
        let (size, version) = found(&line, name).ok_or_else(|| refused(&line))?;
        if size > LARGEST_ITEM {
            return Err(Error::invalid_value(format!(
                "{size} bytes, which nobody stores here"
            )));
        }
        let data = self.data(size).await?;
        match &*self.line().await? {
            "END" => Ok(Some(Item { data, version })),
            line => Err(refused(line)),
        }
    }

    /// Whether it was stored. An item without an expiry stays.
    pub(crate) async fn store(
        &mut self,
        name: &str,
        data: &[u8],
        expiry: Option<i64>,
        when: When,
    ) -> Result<bool> {
        let (verb, condition) = match when {
            When::Always => ("set ", String::new()),
            When::Absent => ("add ", String::new()),
            When::Unchanged(version) => ("cas ", format!(" {version}")),
        };
        let sizes = format!(" 0 {} {}", expiry.unwrap_or_default(), data.len());
        let command = [verb, name, &sizes, &condition];
        self.send(&command, Some(data)).await?;
        match (&*self.line().await?, when) {
            ("STORED", _) => Ok(true),
            ("NOT_STORED", When::Absent) => Ok(false),
            ("EXISTS" | "NOT_FOUND", When::Unchanged(_)) => Ok(false),
            (line, _) => Err(refused(line)),
        }
    }

    pub(crate) async fn delete(&mut self, name: &str) -> Result<()> {
        self.send(&["delete ", name], None).await?;
        match &*self.line().await? {
            "DELETED" | "NOT_FOUND" => Ok(()),
            line => Err(refused(line)),
        }
    }

    async fn send(&mut self, command: &[&str], data: Option<&[u8]>) -> Result<()> {
        const END: &[u8] = b"\r\n";
        let mut parts: Vec<_> = command.iter().map(|part| part.as_bytes()).collect();
        parts.push(END);
        if let Some(data) = data {
            parts.extend([data, END]);
        }
        // In one piece, which the network carries in one packet where it is small.
        let request = parts.concat();
        let sent = async {
            self.0.write_all(&request).await?;
            self.0.flush().await
        };
        sent.await.map_err(Error::unavailable)
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = Vec::new();
        let mut answer = (&mut self.0).take(LONGEST_LINE);
        let read = answer.read_until(b'\n', &mut line).await;
        read.map_err(Error::unavailable)?;
        if (line.len() as u64) < LONGEST_LINE && !line.ends_with(b"\n") {
            return Err(closed());
        }
        match String::from_utf8(line) {
            Ok(mut line) if line.ends_with("\r\n") => {
                line.truncate(line.len() - 2);
                Ok(line)
            }
            Ok(line) => Err(refused(&line)),
            Err(error) => Err(refused(&String::from_utf8_lossy(error.as_bytes()))),
        }
    }

    /// This many bytes, and the end of a line behind them.
    async fn data(&mut self, size: usize) -> Result<Bytes> {
        let end = size + 2;
        let mut data = Vec::with_capacity(end);
        let mut answer = (&mut self.0).take(end as u64);
        let read = answer.read_to_end(&mut data).await;
        read.map_err(Error::unavailable)?;
        if data.len() < end {
            return Err(closed());
        }
        if !data.ends_with(b"\r\n") {
            return Err(Error::backend(
                "an item that is longer than the server says",
            ));
        }
        data.truncate(size);
        Ok(data.into())
    }
}

fn closed() -> Error {
    Error::unavailable(io::Error::from(io::ErrorKind::UnexpectedEof))
}

fn is_version(line: &str) -> bool {
    line.starts_with("VERSION ")
}

/// The size of the item of this name that a line announces, and its version.
fn found(line: &str, name: &str) -> Option<(usize, u64)> {
    let rest = line.strip_prefix("VALUE ")?.strip_prefix(name)?;
    let mut numbers = rest.strip_prefix(' ')?.split(' ');
    let (_flags, size, version) = (numbers.next()?, numbers.next()?, numbers.next()?);
    Some((size.parse().ok()?, version.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use tck_api::ErrorKind::{Backend, InvalidValue, Unavailable};

    use super::*;

    /// A connection to a server that says this, and goes.
    async fn hearing(answer: &str) -> io::Result<Connection> {
        let (near, mut far) = tokio::io::duplex(1 << 16);
        far.write_all(answer.as_bytes()).await?;
        far.shutdown().await?;
        tokio::spawn(async move { tokio::io::copy(&mut far, &mut tokio::io::sink()).await });
        Ok(Connection::over(Box::new(near)))
    }

    #[tokio::test]
    async fn an_item_is_read_as_it_was_sent() -> Result<(), Box<dyn std::error::Error>> {
        let mut connection =
            hearing("VALUE name 0 5 7\r\nEND\r\n\r\nEND\r\nVALUE name 0 0 8\r\n\r\nEND\r\nEND\r\n")
                .await?;
        for expected in [Some(("END\r\n", 7)), Some(("", 8)), None] {
            let item = connection.get("name").await?;
            let item = item.map(|item| (item.data, item.version));
            let expected = expected.map(|(data, version)| (Bytes::from(data), version));
            assert_eq!(item, expected);
        }
        Ok(())
    }

    #[tokio::test]
    async fn what_is_no_answer_is_an_error() -> io::Result<()> {
        let endless = "x".repeat(5_000);
        for (answer, kind) in [
            ("", Unavailable),
            ("E", Unavailable),
            ("END", Unavailable),
            ("VALUE name 0 2 1\r\nhi\r\n", Unavailable),
            ("VALUE name 0 7 1\r\nhi\r\n", Unavailable),
            (
                "VALUE name 0 18446744073709551615 1\r\nhi\r\n",
                InvalidValue,
            ),
            ("VALUE name 0 18446744073709551616 1\r\nhi\r\n", Backend),
            ("VALUE name 0 1 1\r\nhi\r\nEND\r\n", Backend),
            ("VALUE name 0 2\r\nhi\r\nEND\r\n", Backend),
            ("VALUE name 0 -2 1\r\nhi\r\nEND\r\n", Backend),
            ("VALUE name 0 2 1\r\nhi\r\nSTORED\r\n", Backend),
            // Somebody else's answer.
            ("VALUE another 0 2 1\r\nhi\r\nEND\r\n", Backend),
            ("END\n", Backend),
            ("STORED\r\n", Backend),
            (&endless, Backend),
        ] {
            let got = hearing(answer).await?.get("name").await;
            assert_eq!(got.err().map(|error| error.kind()), Some(kind), "{answer}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn a_write_is_done_where_the_server_says_so() -> io::Result<()> {
        use When::{Absent, Always, Unchanged};
        for (answer, when, done) in [
            ("STORED\r\n", Always, Ok(true)),
            ("STORED\r\n", Absent, Ok(true)),
            ("NOT_STORED\r\n", Absent, Ok(false)),
            ("EXISTS\r\n", Unchanged(1), Ok(false)),
            ("NOT_FOUND\r\n", Unchanged(1), Ok(false)),
            // Nobody has asked for a condition.
            ("NOT_STORED\r\n", Always, Err(Backend)),
            ("EXISTS\r\n", Absent, Err(Backend)),
        ] {
            let mut connection = hearing(answer).await?;
            let stored = connection.store("name", b"data", None, when).await;
            let stored = stored.map_err(|error| error.kind());
            assert_eq!(stored, done, "{answer}");
        }
        Ok(())
    }
}
