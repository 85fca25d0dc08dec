//! Requests as they are read, and answers as they are written.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use super::Fault;

/// A request.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// How long the body would be that was announced and not read.
    pub(super) announced: Option<usize>,
}

/// The largest body that is read.
pub(super) const LARGEST: usize = 2 << 20;

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(other, _)| other == name);
        named.next().map(|(_, value)| value.as_str())
    }

    /// The next request of a connection; none where it has ended.
    pub(super) fn read(
        stream: &mut BufReader<TcpStream>,
        fault: Option<Fault>,
    ) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace();
        let mut word = || words.next().unwrap_or_default().to_owned();
        let (method, path) = (word(), word());
        let mut request = Self {
            method,
            path,
            ..Self::default()
        };
        loop {
            let mut line = Vec::new();
            stream.read_until(b'\n', &mut line)?;
            let line = String::from_utf8_lossy(&line);
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            let header = (name.to_ascii_lowercase(), value.trim().to_owned());
            request.headers.push(header);
        }
        request.read_body(stream, fault)?;
        Ok(Some(request))
    }

    fn read_body(
        &mut self,
        stream: &mut BufReader<TcpStream>,
        fault: Option<Fault>,
    ) -> io::Result<()> {
        let length = self
            .header("content-length")
            .and_then(|text| text.parse().ok());
        let expects = self.header("expect").is_some();
        match length {
            Some(length) if length > LARGEST && expects => {
                self.announced = Some(length);
                return Ok(());
            }
            Some(_) if fault == Some(Fault::LeavesBodies) && !self.is_plain() => {
                return Ok(());
            }
            Some(length) => {
                if expects && fault != Some(Fault::NeverContinues) {
                    stream
                        .get_mut()
                        .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
                }
                self.body = vec![0; length];
                stream.read_exact(&mut self.body)?;
            }
            None if self.header("transfer-encoding").is_some() => loop {
                let mut line = String::new();
                stream.read_line(&mut line)?;
                let size = line.split([';', '\r']).next().unwrap_or_default();
                let size = usize::from_str_radix(size, 16).unwrap_or(0);
                let mut chunk = vec![0; size + 2];
                stream.read_exact(&mut chunk)?;
                if size == 0 {
                    break;
                }
                if self.body.is_empty() || fault != Some(Fault::ReadsOneChunk) {
                    self.body.extend(&chunk[..size]);
                }
            },
            None => {}
        }
        Ok(())
    }

    fn is_plain(&self) -> bool {
        self.header("content-type") == Some("application/json")
    }
}

/// How a client learns where the body of an answer ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Framing {
    /// By its length.
    Length,
    /// It comes in chunks, with more in their lines than a length.
    Chunks,
    /// The connection ends with it.
    End,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn json(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", "application/json".to_owned())],
            body: body.into(),
        }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn without(mut self, name: &'static str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self
    }

    pub(super) fn write(
        &self,
        stream: &mut TcpStream,
        framing: Framing,
        has_body: bool,
    ) -> io::Result<()> {
        // What comes ahead of an answer is none.
        let ahead = match framing {
            Framing::Chunks => "HTTP/1.1 103 Early Hints\r\n\r\n",
            Framing::Length | Framing::End => "",
        };
        let mut text = format!("{ahead}HTTP/1.1 {} Some\r\n", self.status);
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        if matches!(self.status, 204 | 304) {
            text += "\r\n";
            return stream.write_all(text.as_bytes());
        }
        text += &match framing {
            Framing::Length => format!("Content-Length: {}\r\n\r\n", self.body.len()),
            Framing::Chunks => "Transfer-Encoding: Chunked\r\n\r\n".to_owned(),
            Framing::End => "Connection: close\r\n\r\n".to_owned(),
        };
        let mut bytes = text.into_bytes();
        if has_body && framing == Framing::Chunks {
            let body = self.body.as_bytes();
            for chunk in body.chunks(body.len() / 2 + 1) {
                bytes.extend(format!("{:X};of=two\r\n", chunk.len()).into_bytes());
                bytes.extend(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\nTrailer: some\r\n\r\n");
        } else if has_body {
            bytes.extend(self.body.as_bytes());
        }
        stream.write_all(&bytes)
    }
}
