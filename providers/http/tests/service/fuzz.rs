//! Requests that are none, by the thousand.

use std::collections::BTreeSet;

use crate::{connection::Connection, kv_service::KvService, random::Random};

const REQUESTS: u64 = 2_000;

#[test]
fn no_request_breaks_the_service() {
    let service = KvService::start(&[]);
    let mut seen = BTreeSet::new();
    for seed in 0..REQUESTS {
        let mut random = Random::new(seed + 1);
        let request = request(&mut random);
        let mut connection = Connection::to(service.address());
        // It may be refused before all of it is sent.
        let _ = connection.send(&request).and_then(|()| connection.end());
        let answers = connection.rest();
        for status in statuses(&answers) {
            seen.insert(status);
            // 501 is for a method that nobody knows.
            assert!(
                status < 500 || status == 501,
                "seed {seed}: {status} for {}",
                request.escape_ascii()
            );
        }
    }
    // They came as far as they were to come, in all ways.
    let ways = [200, 201, 400, 404, 405, 412, 414, 415, 422, 431, 501];
    let missed: Vec<_> = ways.iter().filter(|way| !seen.contains(way)).collect();
    assert!(missed.is_empty(), "{missed:?} are not in {seen:?}");
    assert_eq!(service.ask("GET /ready HTTP/1.1", "").status, 200);
    let log = service.log();
    assert!(!log.contains("panicked"), "{log}");
    let unlike_a_line = log.lines().find(|line| line.chars().any(char::is_control));
    assert_eq!(unlike_a_line, None);
}

fn statuses(answers: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(answers);
    let codes = text.split("HTTP/1.1 ").skip(1);
    codes
        .filter_map(|rest| rest.get(..3)?.parse().ok())
        .collect()
}

fn request(random: &mut Random) -> Vec<u8> {
    match random.below(6) {
        0 => random.bytes(400),
        1 => huge(random),
        2 => framed_badly(random),
        3 => pipelined(random),
        _ => {
            let mut request = well_formed(random);
            for _ in 0..=random.below(8) {
                damage(random, &mut request);
            }
            request
        }
    }
}

fn well_formed(random: &mut Random) -> Vec<u8> {
    let method = random.one_of(&[
        "GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "CONNECT", "BREW",
    ]);
    let target = random.one_of(&[
        "/keys/a",
        "/keys/a%2Fb",
        "/keys/%FF",
        "/keys/%00",
        "/keys?limit=3&values=true",
        "/keys?limit=x",
        "/keys/",
        "/health",
        "/metrics",
        "/openapi.json",
        "*",
        "http://elsewhere/keys/a",
        "a:80",
        "/../..",
    ]);
    let header = random.one_of(&[
        "Accept: */*",
        "If-Match: *",
        "If-None-Match: \"a\", W/\"b\"",
        "If-Match: \"",
        "KV-TTL: 60",
        "KV-TTL: 1us",
        "KV-TTL: 99999999999999999999d",
        "Expect: 100-continue",
        "Expect: more",
        "Upgrade: h2c\r\nConnection: upgrade",
        "Authorization: Bearer x",
        "Range: bytes=0-1",
        "Content-Encoding: gzip",
        "Connection: close",
    ]);
    let body = random.one_of(&[
        r#"{"key":"a","value":1}"#,
        r#"{"key":"a","value":[{"b":null}]}"#,
        r#"{"key":"b","value":1}"#,
        r#"{"key":"a","value":1e999}"#,
        r#"{"key":"a","value":"\ud800"}"#,
        "[1]",
        "{",
        "",
    ]);
    let length = body.len();
    format!(
        "{method} {target} HTTP/1.1\r\nHost: test\r\n{header}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn damage(random: &mut Random, request: &mut Vec<u8>) {
    let at = random.below(request.len().max(1)).min(request.len());
    match random.below(5) {
        0 => drop(request.drain(at..(at + random.below(9)).min(request.len()))),
        1 => request.truncate(at),
        2 => request.splice(at..at, random.bytes(12)).for_each(drop),
        3 => request
            .splice(at..at, *b"\xc3\x28\xff\0\r\n")
            .for_each(drop),
        _ => request
            .iter_mut()
            .skip(at)
            .take(1)
            .for_each(|byte| *byte = random.below(256) as u8),
    }
}

fn huge(random: &mut Random) -> Vec<u8> {
    let large = "x".repeat(1 << (8 + random.below(12)));
    let many: String = (0..random.below(400))
        .map(|number| format!("H{number}: x\r\n"))
        .collect();
    let request = match random.below(4) {
        0 => format!("GET /keys/{large} HTTP/1.1\r\nHost: test\r\n\r\n"),
        1 => format!("GET /health HTTP/1.1\r\nLarge: {large}\r\n\r\n"),
        2 => format!("GET /health HTTP/1.1\r\n{many}\r\n"),
        _ => format!("{large} / HTTP/1.1\r\n\r\n"),
    };
    request.into_bytes()
}

fn framed_badly(random: &mut Random) -> Vec<u8> {
    let framing = random.one_of(&[
        "Content-Length: -1",
        "Content-Length: 5, 6",
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: 99999999999999999999999",
        "Content-Length: 0x10",
        "Content-Length: 500",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding : chunked",
        "Content-Length : 3",
        "Content-Length: ",
    ]);
    let body = random.one_of(&[
        "zz\r\nabc\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n",
        "3\r\nabc",
        "3\r\nabcdef\r\n0\r\n\r\n",
        "-3\r\nabc\r\n",
        "3;ext=\"\r\nabc\r\n0\r\nTrailer: x\r\n\r\n",
        "0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "abc",
        "\0",
    ]);
    let content = "Content-Type: application/json";
    format!("PUT /keys/a HTTP/1.1\r\nHost: test\r\n{content}\r\n{framing}\r\n\r\n{body}")
        .into_bytes()
}

fn pipelined(random: &mut Random) -> Vec<u8> {
    let mut requests = Vec::new();
    for _ in 0..=random.below(12) {
        requests.extend(well_formed(random));
    }
    requests.extend(random.bytes(80));
    requests
}
