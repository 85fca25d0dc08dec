//! How the service ends.

use std::{
    io::ErrorKind,
    net::TcpStream,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use crate::{connection::Connection, kv_service::KvService};

const BODY: &str = r#"{"key":"slow","value":"came late"}"#;

#[test]
fn what_was_accepted_is_answered_before_it_ends() {
    let mut service = KvService::start(&["--store", "embedded:data.db"]);
    let mut connection = Connection::to(service.address());
    let head = format!(
        "PUT /keys/slow HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
         Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        BODY.len()
    );
    connection.send(head.as_bytes()).unwrap();
    // From here on it waits for the body.
    assert_eq!(connection.reply().unwrap().status, 100);
    service.stop();
    listens_no_more(&service);
    connection.send(BODY.as_bytes()).unwrap();
    assert_eq!(connection.reply().unwrap().status, 201);
    assert!(service.ended().success());
    service.restart();
    assert!(
        service
            .ask("GET /keys/slow HTTP/1.1", "")
            .body
            .contains("came late")
    );
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    let mut service = KvService::start(&["--store", "embedded:data.db"]);
    let path = |number: u32| format!("/keys/k{number}");
    for number in 0..20 {
        let head = format!(
            "PUT {} HTTP/1.1\r\nContent-Type: application/json",
            path(number)
        );
        let body = format!(r#"{{"key":"k{number}","value":{number}}}"#);
        assert_eq!(service.ask(&head, &body).status, 201);
        if number % 5 == 0 {
            service.restart();
        }
    }
    service.restart();
    for number in 0..20 {
        let found = service.ask(&format!("GET {} HTTP/1.1", path(number)), "");
        let expected = format!(r#"{{"success":true,"key":"k{number}","value":{number}}}"#);
        assert_eq!(found.body, expected);
    }
}

#[test]
fn connections_that_ask_nothing_do_not_keep_it() {
    // With as many connections as there may be: it is told all the same.
    let mut service = KvService::start(&["--idle", "3600", "--connections", "1"]);
    let mut connection = Connection::to(service.address());
    assert_eq!(connection.ask("GET /health HTTP/1.1", "").status, 200);
    service.stop();
    assert_eq!(connection.rest(), b"");
    assert!(service.ended().success());
}

#[test]
fn nobody_has_to_read_its_log() {
    let words = ["--host", "127.0.0.1", "--port", "0"].map(str::to_owned);
    let mut command = crate::kv_service::command(&words, &[]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    let mut said = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut said, &mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap();
    let mut connection = Connection::to(address.parse().unwrap());
    let statuses = [(); 3].map(|()| connection.ask("GET /health HTTP/1.1", "").status);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(statuses, [200; 3]);
}

#[test]
fn health_is_told_by_the_exit_code() {
    let mut service = KvService::start_with(&[], &[("KV_TOKEN", "s3cret")]);
    let port = service.address().port().to_string();
    // Where it listens everywhere, it is asked at this machine.
    let words = ["--health", "--host", "0.0.0.0", "--port", &port].map(str::to_owned);
    let healthy = || {
        let output = crate::kv_service::command(&words, &[]).output().unwrap();
        output.status.code()
    };
    assert_eq!(healthy(), Some(0));
    service.stop();
    service.ended();
    assert_eq!(healthy(), Some(1));
}

fn listens_no_more(service: &KvService) {
    let start = Instant::now();
    loop {
        match TcpStream::connect(service.address()) {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return,
            _ => thread::sleep(Duration::from_millis(5)),
        }
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "it still listens"
        );
    }
}
