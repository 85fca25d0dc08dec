//! A process that is killed in the middle of writing, again and again.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{
    env,
    hash::{BuildHasher, RandomState},
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use omni_kv_embedded::{Database, Durability, KvStore, Options, RunId, Value};

/// Where the writing process finds the file, and how it is to write.
const FILE: &str = "OMNI_KV_EMBEDDED_CRASH_FILE";
const DEFERRED: &str = "OMNI_KV_EMBEDDED_CRASH_DEFERRED";

/// After how many acknowledged writes a process is killed at the latest.
const PATIENCE: u64 = 40;

/// In deferred mode, after how many writes it flushes.
const FLUSHED: i64 = 10;

#[test]
fn what_was_acknowledged_is_there_after_a_hundred_kills() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crash.db");
    let mut expected = 0;
    for _ in 0..100 {
        let acknowledged = write_until_killed(&path, Durability::Immediate);
        let written = whole_writes(&path);
        let least = expected.max(acknowledged);
        assert!(
            written >= least,
            "{least} writes were acknowledged, {written} are there"
        );
        expected = written;
    }
    assert!(expected > 0, "no process came to write");
}

#[test]
fn deferred_writes_are_there_from_the_last_flush_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crash.db");
    let mut expected = 0;
    for _ in 0..20 {
        let acknowledged = write_until_killed(&path, Durability::Deferred);
        let flushed = acknowledged - acknowledged % FLUSHED;
        let written = whole_writes(&path);
        let least = expected.max(flushed);
        assert!(
            written >= least,
            "{least} writes were flushed, {written} are there"
        );
        expected = written - written % FLUSHED;
    }
    assert!(expected > 0, "no process came to flush");
}

/// Starts a process that writes, and kills it at some moment. Answers with the last write
/// that it acknowledged.
fn write_until_killed(path: &Path, durability: Durability) -> i64 {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "the_process_that_writes",
            "--ignored",
            "--nocapture",
        ])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if durability == Durability::Deferred {
        command.env(DEFERRED, "");
    }
    let mut process = command.spawn().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let numbers = lines
        .map_while(Result::ok)
        .filter_map(|line| line.parse().ok());
    let wait_for = RandomState::new().hash_one(()) % PATIENCE;
    let mut last = 0;
    for (seen, number) in (0..).zip(numbers) {
        last = number;
        if seen == wait_for {
            // SIGKILL on Unix: nothing of the process runs any more.
            process.kill().unwrap();
        }
    }
    process.wait().unwrap();
    last
}

/// The number of the last write. Expects all writes before it, each of them whole.
fn whole_writes(path: &Path) -> i64 {
    let kv = KvStore::new(Database::open(path).unwrap().into());
    let run = RunId::from("crash");
    let debit = kv.list(&run, Some("debit")).unwrap();
    let credit = kv.list(&run, Some("credit")).unwrap();
    let numbers = |keys: &[String]| -> Vec<i64> {
        let number = |key: &String| key.rsplit(' ').next().unwrap().parse().unwrap();
        keys.iter().map(number).collect()
    };
    assert_eq!(
        numbers(&debit),
        numbers(&credit),
        "a write is there by half"
    );
    let written = debit.len() as i64;
    assert_eq!(
        numbers(&debit),
        (1..=written).collect::<Vec<_>>(),
        "a write is missing"
    );
    let last = kv.get(&run, "last").unwrap();
    assert_eq!(last.unwrap_or(Value::I64(0)), Value::I64(written));
    written
}

#[test]
#[ignore = "run as a process of its own, to be killed"]
fn the_process_that_writes() {
    let path = env::var_os(FILE).expect("the tests above say which file");
    let deferred = env::var_os(DEFERRED).is_some();
    let durability = if deferred {
        Durability::Deferred
    } else {
        Durability::Immediate
    };
    let database = Options::default()
        .durability(durability)
        .open(path)
        .unwrap();
    let kv = KvStore::new(database.into());
    let run = RunId::from("crash");
    kv.database().begin_run(&run).unwrap();
    let mut last = match kv.get(&run, "last").unwrap() {
        Some(Value::I64(last)) => last,
        _ => 0,
    };
    let mut out = io::stdout();
    loop {
        last += 1;
        kv.transaction(&run, |txn| {
            txn.put(&format!("debit {last:08}"), Value::I64(-last))?;
            txn.put(&format!("credit {last:08}"), Value::I64(last))?;
            txn.put("last", Value::I64(last))
        })
        .unwrap();
        if deferred && last % FLUSHED == 0 {
            kv.database().flush().unwrap();
        }
        writeln!(out, "{last}").unwrap();
        out.flush().unwrap();
    }
}
