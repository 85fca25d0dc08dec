//! What stands before a server, and answers in its place.

use std::{
    fmt::Display,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    thread,
};

/// Gives every request over HTTP this answer, until the process ends.
pub fn answering(status: u16, body: &'static str) -> io::Result<SocketAddr> {
    answering_by(move |_| (status, body))
}

/// Answers every request over HTTP, one after the other, by its first line: with a status, lines
/// of the head behind it, if any, and a body.
pub fn answering_by<S: Display>(
    answer: impl Fn(&str) -> (S, &'static str) + Send + 'static,
) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A client that ends the connection is no affair of the next one.
            let _ = serve(client, &answer);
        }
    });
    Ok(address)
}

fn serve<S: Display>(
    client: TcpStream,
    answer: impl Fn(&str) -> (S, &'static str),
) -> io::Result<()> {
    let mut client = BufReader::new(client);
    let mut first = String::new();
    client.read_line(&mut first)?;
    // What is closed before it is read may never be answered.
    let mut left = 0;
    loop {
        let mut line = String::new();
        client.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(length) = line.strip_prefix("content-length:") {
            left = length.trim().parse().map_err(io::Error::other)?;
        }
        if line.is_empty() {
            break;
        }
    }
    io::copy(&mut client.by_ref().take(left), &mut io::sink())?;
    let (status, body) = answer(&first);
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} \r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    client.get_mut().write_all((head + body).as_bytes())
}
