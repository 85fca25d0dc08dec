//! Services are checked by their URL, and `tck serve` tests them for others.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use omni_kv_http::{Backend, Limits, Server, Service};
use omni_kv_memory::{Config, MemoryStore};
use omni_tck_servers::{Fault, FaultProxy, Nobody, reply_to};
use serde_json::Value;

const DOCS: &str = include_str!("../../../docs/services.md");

/// A service in front of a store in memory, for as long as the tests run.
fn kv_service() -> SocketAddr {
    kv_service_on(Backend::all(MemoryStore::new()))
}

fn kv_service_on(backend: Backend) -> SocketAddr {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let service = Service::new(backend);
    let bound = Server::bind("127.0.0.1:0", service, Limits::default());
    let server = runtime.block_on(bound).unwrap();
    let address = server.address().unwrap();
    thread::spawn(move || runtime.block_on(server.run(std::future::pending())));
    address
}

fn check(arguments: &[&str]) -> (Output, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tck"))
        .arg("check")
        .args(arguments)
        .output()
        .unwrap();
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    (output, said)
}

/// `tck serve`, ended when it is dropped.
struct Served {
    child: Child,
    address: SocketAddr,
}

impl Served {
    fn testing(url: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tck"))
            .args(["serve", "--host", "127.0.0.1", "--port", "0"])
            .env("KV_SERVICE_URL", url)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap();
        let address = address.parse().unwrap();
        Self { child, address }
    }

    /// The status and the document that a request is answered with.
    fn asked(&self, request: &str) -> (u16, Value) {
        let (status, body) = self.answer(request, "");
        (status, serde_json::from_str(&body).unwrap())
    }

    fn answer(&self, request: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn a_service_is_checked_by_its_url() {
    let url = format!("http://{}", kv_service());
    let contracts = ["--contract", "kv_store", "--contract", "atomic"];
    let (output, said) = check(&[&[url.as_str()], &contracts[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains(&format!("{url}: conformant.")), "{said}");
    assert!(said.contains("✓ no_update_is_lost"), "{said}");
    assert!(!said.lines().any(|line| line == "namespaces"), "{said}");
}

#[test]
fn a_service_is_held_to_the_limits_that_it_declares() {
    let (key, value) = (100, 20_000);
    let config = Config::default().longest_key(key).largest_value(value);
    let backend = Backend::all(MemoryStore::with_config(config));
    let check = |backend| {
        let url = format!("http://{}", kv_service_on(backend));
        let (output, said) = check(&[&url]);
        (output.status.code(), said)
    };
    let (code, said) = check(backend.clone());
    assert_eq!(code, Some(1), "{said}");
    for clause in [
        "kv_store::longest_declared_key_is_held",
        "kv_store::large_values_are_kept_whole",
        "http::value_of_a_mebibyte_is_taken",
    ] {
        assert!(said.contains(&format!("✗ {clause}")), "{clause}: {said}");
    }
    let declared = backend.longest_key(Some(key)).largest_value(Some(value));
    let (code, said) = check(declared.clone());
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = check(declared.largest_value(Some(6_000)));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("a check needs 64 and 1024"), "{said}");
}

#[test]
fn a_reader_that_goes_away_changes_no_verdict() {
    let store = MemoryStore::with_config(Config::default().longest_key(100));
    let url = format!("http://{}", kv_service_on(Backend::all(store)));
    for format in ["text", "json"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tck"))
            .args(["check", &url, "--contract", "kv_store", "--format", format])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(1), "{format}");
    }
}

#[test]
fn what_is_not_on_this_machine_is_left_alone() {
    // An address that is kept for documentation: nobody has it.
    let (output, said) = check(&["http://192.0.2.1:8000"]);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("say --own-target"), "{said}");
}

#[test]
fn what_does_not_answer_is_no_service() {
    let held = Nobody::new().unwrap();
    let nobody = held.address().unwrap();
    for (url, reason) in [
        (format!("http://{nobody}"), "unavailable"),
        (format!("http://{nobody}/path"), "a service has no path"),
        ("http://".to_owned(), "host"),
    ] {
        let (output, said) = check(&[&url]);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(reason), "{said}");
    }
    let url = format!("http://{}", kv_service());
    let (output, said) = check(&[&url, "--contract", "atomics"]);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("did you mean `atomic`?"), "{said}");
}

#[test]
fn both_workflows_succeed_and_leave_nothing() {
    let service = kv_service();
    let served = Served::testing(&format!("http://{service}"));
    assert_eq!(served.asked("GET /health").1["status"], "healthy");
    let (_, status) = served.asked("GET /test/status");
    assert_eq!(status["kv_service"], "healthy");
    for test in ["deletion", "overwrite"] {
        let (status, verdict) = served.asked(&format!("POST /test/{test}"));
        assert_eq!(status, 200);
        let expected = serde_json::json!({
            "success": true,
            "test_name": format!("test_{test}"),
            "details": { "steps_executed": 4, "all_assertions_passed": true },
        });
        assert_eq!(verdict, expected);
    }
    let listed = reply_to(service, "GET /keys HTTP/1.0\r\n\r\n").unwrap();
    assert!(listed.contains(r#""keys":[]"#), "{listed}");
}

#[test]
fn the_docs_tell_what_the_test_client_answers() {
    if Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var("CI").is_err(), "curl is not installed");
        eprintln!("not run: curl is not installed");
        return;
    }
    let service = kv_service().to_string();
    let served = Served::testing(&format!("http://{service}"));
    let (_, session) = DOCS.split_once("```console\n$ curl ").unwrap();
    let session = session.split("\n```").next().unwrap();
    let session = session.replace("127.0.0.1:8000", &service);
    for example in session.split("\n$ curl ") {
        let (words, answer) = example.split_once('\n').unwrap();
        let words = words.replace("localhost:8001", &served.address.to_string());
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--noproxy", "*"]);
        let output = curl.args(words.split(' ')).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), answer, "{words}");
    }
}

#[test]
fn a_service_that_is_down_or_slow_fails_with_the_step_and_the_reason() {
    let proxy = FaultProxy::to(kv_service()).unwrap();
    let served = Served::testing(&format!("http://{}", proxy.address()));
    for (fault, reason) in [
        (Fault::Hang, "timed out after 10s"),
        (Fault::Refuse, "unavailable"),
    ] {
        proxy.set(fault);
        let (status, verdict) = served.asked("POST /test/deletion");
        assert_eq!(status, 200);
        assert_eq!(verdict["success"], false);
        assert_eq!(verdict["step"], "connection");
        let error = verdict["error"].as_str().unwrap();
        assert!(error.starts_with(reason), "{verdict}");
    }
    for request in ["GET /test/contracts", "POST /test/runs"] {
        let (status, problem) = served.asked(request);
        assert_eq!(status, 502, "{request}: {problem}");
    }
    proxy.set(Fault::None);
    assert_eq!(served.asked("POST /test/deletion").1["success"], true);
}

#[test]
fn a_run_of_contracts_gives_a_report() {
    let served = Served::testing(&format!("http://{}", kv_service()));
    let (status, begun) = served.answer("POST /test/runs", r#"{"contracts":["kv_store"]}"#);
    assert_eq!(status, 202, "{begun}");
    let begun: Value = serde_json::from_str(&begun).unwrap();
    let url = begun["url"].as_str().unwrap();
    let report = loop {
        let (_, run) = served.asked(&format!("GET {url}"));
        if run["totals"].is_object() {
            break run;
        }
        assert!(run["done"].as_u64() <= run["of"].as_u64(), "{run}");
        thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(report["verdict"], "conformant", "{report}");
    let (_, declared) = served.asked("GET /test/contracts");
    let expected = serde_json::json!({ "name": "kv_store", "clauses": begun["clauses"] });
    assert_eq!(declared["contracts"][0], expected, "{declared}");
    let (_, list) = served.asked("GET /test/runs");
    assert_eq!(list["runs"][0]["verdict"], "conformant", "{list}");
}

#[test]
fn a_token_is_shown_to_nobody() {
    let url = format!("http://:s3cret@{}", kv_service());
    let served = Served::testing(&url);
    for request in ["GET /test/status", "GET /test/runs", "POST /test/deletion"] {
        let (status, said) = served.answer(request, "");
        assert_eq!(status, 200, "{said}");
        assert!(!said.contains("s3cret"), "{request}: {said}");
    }
    let help = Command::new(env!("CARGO_BIN_EXE_tck"))
        .args(["serve", "--help"])
        .env("KV_SERVICE_URL", &url)
        .output()
        .unwrap();
    let said = String::from_utf8(help.stdout).unwrap();
    assert!(
        said.contains("KV_SERVICE_URL") && !said.contains("s3cret"),
        "{said}"
    );
}

#[test]
fn what_means_nothing_to_the_test_client_is_refused() {
    let served = Served::testing(&format!("http://{}", kv_service()));
    for (request, body, status) in [
        ("GET /nothing", "", 404),
        ("GET /test/runs/none", "", 404),
        ("GET /test/deletion", "", 405),
        ("POST /test/runs", "not json", 400),
        ("POST /test/runs", r#"{"contracts":["atomics"]}"#, 400),
        ("POST /test/runs", r#"{"contract":["atomic"]}"#, 400),
    ] {
        let (answered, said) = served.answer(request, body);
        assert_eq!(answered, status, "{request} {body}: {said}");
        assert!(said.contains(r#""type":"about:blank""#), "{said}");
    }
    let form =
        "POST /test/runs HTTP/1.0\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}";
    let answer = reply_to(served.address, form).unwrap();
    assert!(answer.starts_with("HTTP/1.0 415"), "{answer}");
}
