//! What Upstash answers to requests.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    thread,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    runtime,
};

use super::{
    line::{Line, Reply},
    request::Request,
};

type Command = Vec<Vec<u8>>;

/// What it does not take from anybody.
const UNSUPPORTED: [&str; 12] = [
    "WATCH",
    "UNWATCH",
    "DISCARD",
    "MULTI",
    "EXEC",
    "CLUSTER",
    "SUBSCRIBE",
    "PSUBSCRIBE",
    "BLPOP",
    "BRPOP",
    "BLMOVE",
    "MONITOR",
];

/// Serves until the process ends, with threads of its own. Ends each connection on which
/// Redis does not answer.
pub(super) fn begin(redis: SocketAddr, token: &'static str) -> io::Result<SocketAddr> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    thread::spawn(move || runtime.block_on(serve(listener, redis, token)));
    Ok(address)
}

async fn serve(
    listener: std::net::TcpListener,
    redis: SocketAddr,
    token: &'static str,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (client, _) = listener.accept().await?;
        tokio::spawn(connection(client, redis, token));
    }
}

async fn connection(client: TcpStream, redis: SocketAddr, token: &str) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut client = BufReader::new(client);
    let mut line = Line::to(redis).await?;
    while let Some(request) = Request::read(&mut client).await? {
        let (status, body) = if request.token.as_deref() == Some(token) {
            answer(&request, &mut line).await?
        } else {
            refused(401, "Unauthorized")
        };
        let body = body.to_string();
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} .\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        client.write_all((head + &body).as_bytes()).await?;
    }
    Ok(())
}

async fn answer(request: &Request, line: &mut Line) -> io::Result<(u16, Value)> {
    if !["GET", "POST", "HEAD", "PUT"].contains(&request.method.as_str()) {
        return Ok(refused(405, "method not allowed"));
    }
    let first = request.path.first().map(Vec::as_slice).unwrap_or_default();
    match first {
        b"" => {
            let body = serde_json::from_slice(&request.body).ok();
            match body.and_then(command) {
                Some(command) => single(request, line, &command).await,
                None => Ok(refused(400, "ERR failed to parse command")),
            }
        }
        b"pipeline" | b"multi-exec" => {
            let body: Option<Vec<Value>> = serde_json::from_slice(&request.body).ok();
            let commands = body.map(|body| body.into_iter().map(command).collect());
            match commands.flatten() {
                Some(commands) if first == b"pipeline" => pipeline(request, line, commands).await,
                Some(commands) => transaction(request, line, commands).await,
                None => Ok(refused(400, "ERR failed to parse pipeline request")),
            }
        }
        _ => {
            let mut command = request.path.clone();
            if request.method == "POST" && !request.body.is_empty() {
                command.push(request.body.clone());
            }
            for (name, value) in &request.parameters {
                let words = [name, value].into_iter().filter(|word| !word.is_empty());
                command.extend(words.map(|word| word.clone().into_bytes()));
            }
            single(request, line, &command).await
        }
    }
}

async fn single(request: &Request, line: &mut Line, command: &Command) -> io::Result<(u16, Value)> {
    Ok(match run(line, command).await? {
        Reply::Error(said) => refused(400, &said),
        reply => (200, json!({ "result": shown(reply, request.is_base64) })),
    })
}

async fn pipeline(
    request: &Request,
    line: &mut Line,
    commands: Vec<Command>,
) -> io::Result<(u16, Value)> {
    let mut results = Vec::new();
    for command in commands {
        results.push(one_of(run(line, &command).await?, request));
    }
    Ok((200, results.into()))
}

async fn transaction(
    request: &Request,
    line: &mut Line,
    commands: Vec<Command>,
) -> io::Result<(u16, Value)> {
    line.ask(&[b"MULTI".to_vec()]).await?;
    for command in &commands {
        run(line, command).await?;
    }
    Ok(match line.ask(&[b"EXEC".to_vec()]).await? {
        Reply::List(replies) => {
            let results: Vec<_> = replies
                .into_iter()
                .map(|reply| one_of(reply, request))
                .collect();
            (200, results.into())
        }
        Reply::Error(said) => refused(400, &said),
        _ => refused(400, "EXECABORT"),
    })
}

async fn run(line: &mut Line, command: &Command) -> io::Result<Reply> {
    let name = command.first().map(|name| name.to_ascii_uppercase());
    let name = String::from_utf8(name.unwrap_or_default()).unwrap_or_default();
    if name.is_empty() || UNSUPPORTED.contains(&name.as_str()) {
        let said = format!("ERR Command is not available: '{name}'");
        return Ok(Reply::Error(said));
    }
    line.ask(command).await
}

fn command(json: Value) -> Option<Command> {
    let Value::Array(words) = json else {
        return None;
    };
    let words = words.into_iter().map(|word| match word {
        Value::String(text) => Some(text.into_bytes()),
        Value::Number(_) | Value::Bool(_) => Some(word.to_string().into_bytes()),
        _ => None,
    });
    words.collect()
}

fn one_of(reply: Reply, request: &Request) -> Value {
    match reply {
        Reply::Error(said) => json!({ "error": said }),
        reply => json!({ "result": shown(reply, request.is_base64) }),
    }
}

/// A reply as JSON, in which a text that is not UTF-8 does not survive without base64.
fn shown(reply: Reply, is_base64: bool) -> Value {
    let text = |bytes: Vec<u8>| match is_base64 {
        true => STANDARD.encode(bytes),
        false => String::from_utf8_lossy(&bytes).into_owned(),
    };
    match reply {
        Reply::Nothing => Value::Null,
        Reply::Number(number) => number.into(),
        Reply::Status(status) if status == "OK" => status.into(),
        Reply::Status(said) | Reply::Error(said) => text(said.into_bytes()).into(),
        Reply::Text(bytes) => text(bytes).into(),
        Reply::List(list) => {
            let list = list.into_iter().map(|reply| shown(reply, is_base64));
            list.collect()
        }
    }
}

fn refused(status: u16, said: &str) -> (u16, Value) {
    (status, json!({ "error": said }))
}
