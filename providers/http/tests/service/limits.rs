//! What the service does not take, and whom it does not wait for.

use std::{
    io, thread,
    time::{Duration, Instant},
};

use crate::{connection::Connection, kv_service::KvService};

const PUT: &str = "PUT /keys/k HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n";

#[test]
fn bodies_are_limited() {
    let service = KvService::start(&["--largest-body", "1000"]);
    let body = |size: usize| {
        let (before, after) = (r#"{"key":"k","value":""#, r#""}"#);
        format!(
            "{before}{}{after}",
            "x".repeat(size - before.len() - after.len())
        )
    };
    let head = "PUT /keys/k HTTP/1.1\r\nContent-Type: application/json";
    assert_eq!(service.ask(head, &body(1_000)).status, 201);
    assert_eq!(service.ask(head, &body(1_001)).status, 413);
    // One that is announced is refused before it comes.
    let mut connection = Connection::to(service.address());
    let announced = format!("{PUT}Content-Length: 1000000000000\r\n\r\n");
    connection.send(announced.as_bytes()).unwrap();
    assert_eq!(connection.reply().unwrap().status, 413);
    // One that is not announced is refused while it comes.
    let mut connection = Connection::to(service.address());
    let chunked = format!("{PUT}Transfer-Encoding: chunked\r\n\r\n");
    let chunk = format!("{:x}\r\n{}\r\n", 1_001, body(1_001));
    connection.send((chunked + &chunk).as_bytes()).unwrap();
    assert_eq!(connection.reply().unwrap().status, 413);
    let got = service.ask("GET /keys/k HTTP/1.1", "").body;
    assert!(got.contains("xxxx"), "{got}");
}

#[test]
fn heads_are_limited() {
    let service = KvService::start(&[]);
    let large = format!("GET /health HTTP/1.1\r\nLarge: {}", "x".repeat(100_000));
    let many = format!("GET /health HTTP/1.1{}", "\r\nMany: x".repeat(1_000));
    for head in [large, many] {
        let mut connection = Connection::to(service.address());
        // It may be refused before all of it is sent.
        let _ = connection.send(head.as_bytes());
        assert_eq!(connection.reply().unwrap().status, 431);
    }
    assert_eq!(service.ask("GET /health HTTP/1.1", "").status, 200);
}

#[test]
fn connections_beyond_the_limit_wait_until_one_ends() {
    let service = KvService::start(&["--connections", "2", "--idle", "3600"]);
    let mut held = [(); 2].map(|()| Connection::to(service.address()));
    for connection in &mut held {
        assert_eq!(connection.ask("GET /health HTTP/1.1", "").status, 200);
    }
    let mut waiting = Connection::to(service.address());
    waiting
        .send(b"GET /health HTTP/1.1\r\nHost: test\r\n\r\n")
        .unwrap();
    assert!(waiting.is_silent_for(Duration::from_millis(300)));
    drop(held);
    assert_eq!(waiting.reply().unwrap().status, 200);
}

#[test]
fn a_head_that_comes_drop_by_drop_is_cut_off() {
    let service = KvService::start(&["--idle", "1"]);
    let mut connection = Connection::to(service.address());
    let head = format!("GET /health HTTP/1.1\r\nSlow: {}", "x".repeat(600));
    drip(&mut connection, head.as_bytes()).unwrap_err();
}

#[test]
fn a_body_that_comes_drop_by_drop_is_refused() {
    let service = KvService::start(&["--patience", "1"]);
    let mut connection = Connection::to(service.address());
    let head = format!("{PUT}Content-Length: 1000\r\n\r\n");
    connection.send(head.as_bytes()).unwrap();
    let _ = drip(&mut connection, "x".repeat(600).as_bytes());
    let answer = connection.rest();
    assert!(
        answer.starts_with(b"HTTP/1.1 408"),
        "{}",
        answer.escape_ascii()
    );
}

#[test]
fn connections_that_say_nothing_are_ended() {
    let service = KvService::start(&["--idle", "1"]);
    let mut fresh = Connection::to(service.address());
    let mut used = in_time(|| {
        let mut used = Connection::to(service.address());
        used.send(b"GET /health HTTP/1.1\r\nHost: test\r\n\r\n")?;
        assert_eq!(used.reply()?.status, 200);
        Ok(used)
    });
    assert_eq!((fresh.rest(), used.rest()), (Vec::new(), Vec::new()));
}

#[test]
fn a_client_that_does_not_read_is_cut_off() {
    let service = KvService::start(&["--connections", "1", "--idle", "1"]);
    let large = format!(r#"{{"key":"k","value":"{}"}}"#, "x".repeat(4 << 20));
    let head = "PUT /keys/k HTTP/1.1\r\nContent-Type: application/json";
    let put = service.ask(head, &large);
    assert_eq!(put.status, 201);
    let gets = "GET /keys/k HTTP/1.1\r\nHost: test\r\n\r\n".repeat(16);
    let deaf = in_time(|| {
        let mut deaf = Connection::to(service.address());
        deaf.send(gets.as_bytes())?;
        Ok(deaf)
    });
    // There is one place: that this is answered means that the other has lost it.
    assert_eq!(service.ask("GET /health HTTP/1.1", "").status, 200);
    drop(deaf);
}

/// Does this on a connection that is ended where nothing comes for a second: on a busy machine,
/// once more.
fn in_time<T>(attempt: impl Fn() -> io::Result<T>) -> T {
    let start = Instant::now();
    loop {
        match attempt() {
            Ok(done) => return done,
            Err(error) => assert!(start.elapsed() < Duration::from_secs(60), "{error}"),
        }
    }
}

/// Sends a byte at a time for up to a minute, and stops as soon as something comes back or the
/// connection ends, which is an error.
fn drip(connection: &mut Connection, bytes: &[u8]) -> io::Result<()> {
    let start = Instant::now();
    for byte in bytes {
        connection.send(&[*byte])?;
        if !connection.is_silent_for(Duration::from_millis(50)) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "it is still waited for"
        );
        thread::yield_now();
    }
    Ok(())
}

#[test]
fn a_page_of_large_values_ends_early() {
    let service = KvService::start(&[]);
    let large = "x".repeat(1 << 20);
    for index in 0..40 {
        let head = format!("PUT /keys/{index:02} HTTP/1.1\r\nContent-Type: application/json");
        let body = format!(r#"{{"key":"{index:02}","value":"{large}"}}"#);
        assert_eq!(service.ask(&head, &body).status, 201);
    }
    let page = service.ask("GET /keys?limit=1000&values=true HTTP/1.1", "");
    assert_eq!(page.body.matches(&large).count(), 32);
    assert!(page.body.ends_with(r#""next":"31"}"#));
    let rest = service.ask("GET /keys?limit=1000&values=true&after=31 HTTP/1.1", "");
    assert_eq!(rest.body.matches(&large).count(), 8);
    assert!(rest.body.ends_with(r#""next":null}"#));
    let names = service.ask("GET /keys?limit=1000 HTTP/1.1", "").body;
    assert!(names.contains(r#""39""#) && names.len() < 1_000);
}
