//! A request over HTTP/1.1.

use std::io;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::TcpStream,
};
use url::form_urlencoded;

#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    /// The parts of the path, decoded.
    pub(super) path: Vec<Vec<u8>>,
    /// The parameters behind it, except for the token.
    pub(super) parameters: Vec<(String, String)>,
    pub(super) token: Option<String>,
    /// Whether texts are to be answered in base64.
    pub(super) is_base64: bool,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// The next request on this connection, unless it ends.
    pub(super) async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let mut words = line.split_ascii_whitespace();
        let (method, target) = (words.next(), words.next());
        let target = target.unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = Self {
            method: method.unwrap_or_default().to_owned(),
            path: path.split('/').skip(1).map(decoded).collect(),
            ..Self::default()
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "_token" => request.token = Some(value.into_owned()),
                _ => request
                    .parameters
                    .push((name.into_owned(), value.into_owned())),
            }
        }
        let length = request.read_headers(stream).await?;
        request.body = vec![0; length];
        stream.read_exact(&mut request.body).await?;
        Ok(Some(request))
    }

    /// Reads the headers and says how long the body is.
    async fn read_headers(&mut self, stream: &mut BufReader<TcpStream>) -> io::Result<usize> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                return Ok(length);
            };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "authorization" => {
                    self.token = value.strip_prefix("Bearer ").map(str::to_owned);
                }
                "content-length" => length = value.parse().map_err(io::Error::other)?,
                "upstash-encoding" => self.is_base64 = value == "base64",
                _ => {}
            }
        }
    }
}

fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, coded)) = rest.split_once('%') {
        bytes.extend(plain.as_bytes());
        let digits = coded.get(..2);
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => bytes.push(byte),
            None => bytes.push(b'%'),
        }
        let skipped = if digits.is_some() { 2 } else { 0 };
        rest = coded.get(skipped..).unwrap_or_default();
    }
    bytes.extend(rest.as_bytes());
    bytes
}
