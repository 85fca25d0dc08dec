//! The provider keeps the contracts before the REST interface, and bears its faults.

use std::{process::ExitCode, time::Duration};

use omni_kv_upstash::{
    LARGEST_VALUE, LONGEST_KEY, LONGEST_NAMESPACE, Settings, Upstash, UpstashStore,
};
use omni_tck_servers::{
    Declared, Fault, FaultProxy, Harness, PATIENCE, Shared, Tested, certified, expiry, faults,
    reply_to, strangers, upstash,
};
use tck::{Atomic, Cache, Error, ErrorKind, KeyValueStore, Result, Suite};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

type Server = Shared<upstash::Upstash>;

const DECLARED: Declared = Declared {
    provider: "upstash",
    server: "a REST front over Redis 7.0",
    longest_key: Some(LONGEST_KEY),
    largest_value: Some(LARGEST_VALUE),
    resolution: Duration::from_millis(5),
    durability: "as the service is set",
};

fn main() -> ExitCode {
    let rest = Server::default();
    let harness = Harness::new()
        .declared(DECLARED)
        .certify("rest", &rest, suites(&rest))
        .test("rest::a_key_is_no_path", &rest, takes_keys_literally)
        .test("rest::bytes_that_are_no_text_are_kept", &rest, keeps_bytes)
        .test("rest::the_largest_fits", &rest, holds_the_largest)
        .test("rest::too_much_is_not_sent", &rest, sends_nothing)
        .test("rest::a_millisecond_is_kept", &rest, keeps_the_millisecond)
        .test("rest::decades_are_kept", &rest, keeps_decades)
        .test("rest::a_token_is_used_and_not_shown", &rest, uses_a_token)
        .test("rest::a_wrong_answer_is_no_miss", &rest, trusts_no_stranger)
        .test("rest::the_server_is_as_documented", &rest, is_as_documented);
    let harness = faults::add(harness, "rest", &rest, open);
    faults::add_silence(harness, "rest", &rest, open).run()
}

fn suites(server: &Server) -> Vec<Suite> {
    certified(server, DECLARED.profile(), connect, Upstash::namespace)
        .store()
        .cache()
        .listing()
        .atomic()
        .suites()
}

async fn connect(url: String, timeout: Duration) -> Result<Upstash> {
    let mut settings = Settings::from_url(&url).map_err(Error::backend)?;
    settings.timeout = timeout;
    Upstash::open(&settings).await
}

async fn open(url: String, timeout: Duration, namespace: String) -> Result<UpstashStore> {
    connect(url, timeout).await?.namespace(&namespace)
}

/// A store whose calls may take their time: no test is about it.
async fn patient(url: &str, namespace: &str) -> Result<UpstashStore> {
    open(url.to_owned(), PATIENCE, namespace.to_owned()).await
}

async fn takes_keys_literally(server: Server) -> Tested {
    let upstash = connect(server.get().url().into(), PATIENCE).await?;
    let witness = upstash.namespace("witness")?;
    witness.set("key", "value".into()).await?;
    for text in [
        "..",
        "../witness~key",
        "a/b",
        "a%2Fb",
        "a?EX=1",
        "a#b",
        "a b",
        "witness~key",
        "/flushall",
        "\"]",
    ] {
        for store in [upstash.namespace("odd keys"), upstash.namespace(text)] {
            let store = store?;
            for key in [text, "key"] {
                store.set(key, "other".into()).await?;
                assert_eq!(store.get(key).await?.as_deref(), Some(&b"other"[..]));
                assert!(!store.set_if_absent(key, "third".into()).await?);
                store.delete(key).await?;
                assert_eq!(store.get(key).await?, None);
            }
        }
    }
    assert_eq!(witness.get("key").await?.as_deref(), Some(&b"value"[..]));
    Ok(())
}

/// In plain JSON they would come back as others.
async fn keeps_bytes(server: Server) -> Tested {
    let store = patient(server.get().url(), "bytes").await?;
    let values = [
        &b""[..],
        b"\xff\xfe\0",
        b"OK",
        b"\0",
        b"\xc3\x28",
        b"\"\r\n",
    ];
    for (index, value) in values.into_iter().enumerate() {
        let key = index.to_string();
        store.set(&key, value.into()).await?;
        assert_eq!(store.get(&key).await?.as_deref(), Some(value));
        for next in values {
            let near = [value, b"\0"].concat();
            assert!(!store.compare_and_set(&key, &near, "no".into()).await?);
            assert!(store.compare_and_set(&key, value, next.into()).await?);
            assert!(store.compare_and_set(&key, next, value.into()).await?);
        }
        store.delete(&key).await?;
        assert!(store.set_if_absent(&key, value.into()).await?);
        assert_eq!(store.get(&key).await?.as_deref(), Some(value));
        let minute = Duration::from_secs(60);
        store.set_with_ttl(&key, value.into(), minute).await?;
        assert_eq!(store.get(&key).await?.as_deref(), Some(value));
    }
    Ok(())
}

async fn holds_the_largest(server: Server) -> Tested {
    let upstash = connect(server.get().url().into(), PATIENCE).await?;
    let store = upstash.namespace(&"~".repeat(LONGEST_NAMESPACE))?;
    let key = "?".repeat(LONGEST_KEY);
    let [one, other] = [0xff, 0xfe].map(|byte| vec![byte; LARGEST_VALUE]);
    store.set(&key, one.clone().into()).await?;
    let replaced = store.compare_and_set(&key, &one, other.clone().into());
    assert!(replaced.await?);
    assert!(store.get(&key).await?.is_some_and(|value| value == other));
    store.delete(&key).await?;
    Ok(())
}

/// What can't be held is told so where nobody answers.
async fn sends_nothing(server: Server) -> Tested {
    let proxy = FaultProxy::to(server.get().address())?;
    let upstash = connect(server.get().url_through(proxy.address()), PATIENCE).await?;
    let store = upstash.namespace("too-much")?;
    proxy.set(Fault::Refuse);
    let kind = |answer: Result<()>| answer.map_err(|error| error.kind());
    let long = "x".repeat(LONGEST_KEY + 1);
    let large = vec![0; LARGEST_VALUE + 1];
    let set = store.set(&long, "value".into()).await;
    assert_eq!(kind(set), Err(ErrorKind::InvalidKey));
    let got = store.get(&long).await;
    assert_eq!(kind(got.map(drop)), Err(ErrorKind::InvalidKey));
    let set = store.set("key", large.into()).await;
    assert_eq!(kind(set), Err(ErrorKind::TooLarge));
    let name = "x".repeat(LONGEST_NAMESPACE + 1);
    let named = upstash.namespace(&name);
    assert_eq!(kind(named.map(drop)), Err(ErrorKind::InvalidKey));
    Ok(())
}

async fn keeps_the_millisecond(server: Server) -> Tested {
    let store = patient(server.get().url(), "milliseconds").await?;
    expiry::keeps_milliseconds(&store, &[1, 50, 999]).await
}

async fn keeps_decades(server: Server) -> Tested {
    let store = patient(server.get().url(), "decades").await?;
    expiry::keeps_long(&store, &expiry::LONG).await
}

async fn uses_a_token(server: Server) -> Tested {
    let mut settings = Settings::from_url(server.get().url())?;
    settings.token = "guessed".into();
    strangers::is_refused(Upstash::open(&settings).await, "guessed")?;
    assert!(!format!("{settings:?}").contains("guessed"));

    // Nor where nobody listens; the address stays out of it, too.
    settings.address = "127.0.0.1:1".to_owned();
    let unreached = Upstash::open(&settings).await;
    let Err(error) = unreached.map(drop) else {
        return Err("nobody listens there".into());
    };
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let said = format!("{error} {error:?}");
    assert!(!said.contains("guessed"), "{said}");
    Ok(())
}

/// What answers well, but not in the words of Upstash, holds nothing that could be missing.
async fn trusts_no_stranger(_: Server) -> Tested {
    for body in ["{}", "null", "<html>", "{\"error\":null}", "{\"result\":7}"] {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            // The client may come again on another connection.
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answers(stream, body));
            }
        });
        let upstash =
            Upstash::connect(&format!("upstash-http://:token@{address}?timeout=30s")).await?;
        let got = upstash.namespace("strange")?.get("key").await;
        let kind = got.map_err(|error| error.kind());
        assert_eq!(kind, Err(ErrorKind::Backend), "{body}");
    }
    Ok(())
}

/// Answers a ping as Upstash does, and anything else with this.
async fn answers(mut stream: TcpStream, body: &str) -> std::io::Result<()> {
    loop {
        // Head and body may come apart.
        let mut said = Vec::new();
        while !said.ends_with(b"]") {
            if stream.read_buf(&mut said).await? == 0 {
                return Ok(());
            }
        }
        let is_ping = String::from_utf8_lossy(&said).contains("PING");
        let body = if is_ping {
            "{\"result\":\"UE9ORw==\"}"
        } else {
            body
        };
        let length = body.len();
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// What the tests run against does what the documentation of Upstash says.
async fn is_as_documented(server: Server) -> Tested {
    let url = server.get().url();
    let token = Settings::from_url(url)?.token;
    let says = |request: &str, headers: &str, body: &str| {
        let length = body.len();
        let request = format!(
            "{request} HTTP/1.1\r\nauthorization: Bearer {}\r\ncontent-length: {length}\r\n{headers}\r\n{body}",
            token.reveal()
        );
        let reply = reply_to(server.get().address(), &request).unwrap_or_default();
        let status = reply.get(9..12).unwrap_or_default().to_owned();
        let body = reply.split("\r\n\r\n").nth(1).unwrap_or_default();
        (status, body.to_owned())
    };
    let base64 = "upstash-encoding: base64\r\n";
    let cases = [
        (
            "POST /set/doc%2Fa?EX=100",
            "",
            "value",
            "200",
            "{\"result\":\"OK\"}",
        ),
        ("GET /get/doc%2Fa", "", "", "200", "{\"result\":\"value\"}"),
        (
            "POST /",
            base64,
            "[\"GET\",\"doc/a\"]",
            "200",
            "{\"result\":\"dmFsdWU=\"}",
        ),
        ("GET /get/doc-none", "", "", "200", "{\"result\":null}"),
        (
            "POST /set/doc-b",
            "",
            "",
            "400",
            "wrong number of arguments",
        ),
        ("POST /", "", "[\"WATCH\",\"k\"]", "400", "not available"),
        ("POST /", "", "[\"NOPE\"]", "400", "unknown command"),
        ("POST /", "", "{", "400", "parse"),
        ("DELETE /", "", "", "405", "error"),
        (
            "POST /pipeline",
            "",
            "[[\"INCR\",\"doc-n\"],[\"LPOP\",\"doc/a\"],[\"DEL\",\"doc-n\"]]",
            "200",
            "[{\"result\":1},{\"error\":\"WRONGTYPE",
        ),
        (
            "POST /multi-exec",
            "",
            "[[\"SET\",\"doc-m\",1],[\"GET\",\"doc-m\"]]",
            "200",
            "[{\"result\":\"OK\"},{\"result\":\"1\"}]",
        ),
        (
            "POST /multi-exec",
            "",
            "[[\"SET\"]]",
            "400",
            "{\"error\":\"EXECABORT",
        ),
    ];
    for (request, headers, body, status, expected) in cases {
        let (found, said) = says(request, headers, body);
        assert_eq!(found, status, "{request}: {said}");
        assert!(said.contains(expected), "{request}: {said}");
    }
    Ok(())
}
