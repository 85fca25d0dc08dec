//! A connection to Redis.

use std::{io, net::SocketAddr, pin::Pin};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// What Redis answers.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Status(String),
    Error(String),
    Number(i64),
    Text(Vec<u8>),
    List(Vec<Self>),
    Nothing,
}

pub(super) struct Line(BufReader<TcpStream>);

type Reading<'a> = Pin<Box<dyn Future<Output = io::Result<Reply>> + Send + 'a>>;

impl Line {
    pub(super) async fn to(redis: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(redis).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    pub(super) async fn ask(&mut self, words: &[Vec<u8>]) -> io::Result<Reply> {
        let mut command = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            command.extend(format!("${}\r\n", word.len()).into_bytes());
            command.extend(word);
            command.extend(b"\r\n");
        }
        self.0.write_all(&command).await?;
        self.reply().await
    }

    fn reply(&mut self) -> Reading<'_> {
        Box::pin(async {
            let mut line = String::new();
            self.0.read_line(&mut line).await?;
            let ended = || io::Error::from(io::ErrorKind::UnexpectedEof);
            let line = line.strip_suffix("\r\n").ok_or_else(ended)?;
            let (kind, rest) = line.split_at_checked(1).ok_or_else(ended)?;
            let number = || rest.parse::<i64>().map_err(io::Error::other);
            Ok(match kind {
                "+" => Reply::Status(rest.to_owned()),
                "-" => Reply::Error(rest.to_owned()),
                ":" => Reply::Number(number()?),
                "$" | "*" if number()? < 0 => Reply::Nothing,
                "$" => {
                    let mut text = vec![0; number()? as usize + 2];
                    self.0.read_exact(&mut text).await?;
                    text.truncate(text.len() - 2);
                    Reply::Text(text)
                }
                "*" => {
                    let mut list = Vec::new();
                    for _ in 0..number()? {
                        list.push(self.reply().await?);
                    }
                    Reply::List(list)
                }
                _ => return Err(io::Error::other(format!("no reply of Redis: {line}"))),
            })
        })
    }
}
