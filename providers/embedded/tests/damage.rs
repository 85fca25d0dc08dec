//! Files that are damaged, cut, foreign, newer or open elsewhere.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{
    env, fs,
    fs::OpenOptions,
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use omni_kv_embedded::{Database, Error, KvStore, Result, RunId, Value};
use tempfile::TempDir;

const KEYS: usize = 500;

fn run() -> RunId {
    RunId::from("run")
}

/// A file with some entries.
fn written() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.db");
    let kv = KvStore::new(Database::open(&path).unwrap().into());
    kv.database().begin_run(&run()).unwrap();
    kv.transaction(&run(), |txn| {
        for number in 0..KEYS {
            txn.put(&format!("{number:04}"), value(number))?;
        }
        txn.put_with_ttl("token", Value::Null, Duration::from_secs(3600))
    })
    .unwrap();
    (folder, path)
}

fn value(number: usize) -> Value {
    Value::String(format!("value {number}").repeat(10))
}

/// All that is in a file, read in every way.
fn read(path: &Path) -> Result<Vec<(String, Value)>> {
    let kv = KvStore::new(Database::open(path)?.into());
    for number in 0..KEYS {
        kv.get(&run(), &format!("{number:04}"))?;
    }
    kv.transaction(&run(), |txn| txn.list(None))?;
    kv.list_with_values(&run(), None)
}

#[test]
fn a_file_that_is_whole_is_read() {
    let (_folder, path) = written();
    let pairs = read(&path).unwrap();
    assert_eq!(pairs.len(), KEYS + 1);
    assert!(pairs.contains(&("0007".to_owned(), value(7))));
}

#[test]
fn a_damaged_file_answers_an_error_or_what_was_written() {
    let (_folder, path) = written();
    let whole = read(&path).unwrap();
    let length = fs::metadata(&path).unwrap().len();
    let copy = path.with_extension("damaged");
    let mut refused = 0;
    // Far enough apart to be quick, and at odd places of the pages.
    for place in (0..length).step_by(length as usize / 150) {
        fs::copy(&path, &copy).unwrap();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&copy)
            .unwrap();
        let mut bytes = [0; 24];
        file.seek(SeekFrom::Start(place)).unwrap();
        let there = file.read(&mut bytes).unwrap();
        file.seek(SeekFrom::Start(place)).unwrap();
        let turned: Vec<_> = bytes.iter().take(there).map(|byte| !byte).collect();
        file.write_all(&turned).unwrap();
        drop(file);
        match read(&copy) {
            Ok(pairs) => assert_values_are_ours(&pairs, &whole, place),
            Err(
                Error::Damaged { .. }
                | Error::Foreign { .. }
                | Error::Newer { .. }
                | Error::NoSuchRun { .. }
                | Error::InvalidValue { .. }
                | Error::Engine(_),
            ) => refused += 1,
            Err(other) => panic!("at {place}: {other:?}"),
        }
    }
    assert!(refused > 0, "no damage was noticed");
}

/// A page that was turned into an older or an empty one may lose entries, but shows none that
/// was never written.
fn assert_values_are_ours(pairs: &[(String, Value)], whole: &[(String, Value)], place: u64) {
    for (key, _) in pairs {
        assert!(
            whole.iter().any(|(ours, _)| ours == key) || !key.is_ascii(),
            "at {place}: {key:?} was never written"
        );
    }
}

#[test]
fn a_file_that_was_cut_answers_an_error() {
    let (_folder, path) = written();
    let length = fs::metadata(&path).unwrap().len();
    let copy = path.with_extension("cut");
    for eighths in 1..8 {
        fs::copy(&path, &copy).unwrap();
        let file = OpenOptions::new().write(true).open(&copy).unwrap();
        file.set_len(length * eighths / 8).unwrap();
        drop(file);
        match read(&copy) {
            Err(Error::Damaged { .. } | Error::Foreign { .. } | Error::Engine(_)) => {}
            other => panic!("{eighths} eighths of the file: {other:?}"),
        }
    }
    assert_eq!(read(&path).unwrap().len(), KEYS + 1);
}

#[test]
fn a_foreign_file_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("foreign");
    for content in [
        b"SQLite format 3\0".repeat(1_000),
        b"plain text\n".to_vec(),
        vec![0; 100_000],
        vec![0xff; 100_000],
    ] {
        fs::write(&path, &content).unwrap();
        let answer = Database::open(&path);
        assert!(
            matches!(answer, Err(Error::Foreign { .. } | Error::Damaged { .. })),
            "{answer:?}"
        );
        assert_eq!(fs::read(&path).unwrap(), content);
    }
}

#[test]
fn a_file_of_another_program_on_the_same_engine_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.redb");
    let table = redb::TableDefinition::<&str, u64>::new("theirs");
    let theirs = redb::Database::create(&path).unwrap();
    let transaction = theirs.begin_write().unwrap();
    transaction
        .open_table(table)
        .unwrap()
        .insert("key", 1)
        .unwrap();
    transaction.commit().unwrap();
    drop(theirs);
    assert!(matches!(Database::open(&path), Err(Error::Foreign { .. })));
}

#[test]
fn a_file_of_a_later_version_is_refused() {
    let (_folder, path) = written();
    let facts = redb::TableDefinition::<&str, u64>::new("facts");
    let later = redb::Database::open(&path).unwrap();
    let transaction = later.begin_write().unwrap();
    transaction
        .open_table(facts)
        .unwrap()
        .insert("format", 2)
        .unwrap();
    transaction.commit().unwrap();
    drop(later);
    assert!(matches!(
        Database::open(&path),
        Err(Error::Newer { found: 2, known: 1 })
    ));
}

#[test]
fn a_folder_and_a_path_that_is_not_there_are_errors_of_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    for path in [
        folder.path().to_owned(),
        folder.path().join("no/such/folder"),
    ] {
        let answer = Database::open(&path);
        assert!(matches!(answer, Err(Error::Io(_))), "{answer:?}");
    }
}

#[test]
fn a_file_is_open_once() {
    let (_folder, path) = written();
    let first = Database::open(&path).unwrap();
    assert!(matches!(Database::open(&path), Err(Error::InUse)));
    drop(first);
    assert_eq!(read(&path).unwrap().len(), KEYS + 1);
}

/// Where the other process finds the file.
const FILE: &str = "OMNI_KV_EMBEDDED_OPEN_FILE";

#[test]
fn a_second_process_is_refused() {
    let (_folder, path) = written();
    let mut other = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "the_process_that_holds_the_file",
            "--ignored",
            "--nocapture",
        ])
        .env(FILE, &path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(other.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "open"));
    assert!(matches!(Database::open(&path), Err(Error::InUse)));
    // It ends with its input.
    drop(other.stdin.take());
    assert!(other.wait().unwrap().success());
    assert_eq!(read(&path).unwrap().len(), KEYS + 1);
}

#[test]
#[ignore = "run as a process of its own, that holds the file open"]
fn the_process_that_holds_the_file() {
    let path = env::var_os(FILE).expect("the test above says which file");
    let _database = Database::open(path).unwrap();
    println!("\nopen");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Written once by format 1 and kept: what reads it today has to read it tomorrow.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/format-1.db");

fn kept_values() -> Vec<(&'static str, Value)> {
    let list = Value::List(vec![Value::Null, Value::Bool(true), Value::I64(-1)]);
    vec![
        ("bool", Value::Bool(false)),
        ("bytes", Value::Bytes((0..=u8::MAX).collect())),
        ("empty", Value::String(String::new())),
        ("float", Value::F64(0.1)),
        ("integer", Value::I64(i64::MIN)),
        ("list", list.clone()),
        ("map", Value::Map([("list".to_owned(), list)].into())),
        ("null", Value::Null),
        ("text", Value::String("grüße \0 😀".to_owned())),
    ]
}

#[test]
fn a_file_of_format_1_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.db");
    fs::copy(KEPT, &path).unwrap();
    let kv = KvStore::new(Database::open(&path).unwrap().into());
    assert_eq!(
        kv.database().runs(),
        [RunId::from("kept"), RunId::from("prüfung")]
    );
    let pairs = kv.list_with_values(&"kept".into(), None).unwrap();
    let expected = kept_values()
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value));
    assert_eq!(pairs, expected.collect::<Vec<_>>());
    // One that has expired since, and one that will in 2554.
    assert_eq!(kv.list(&"prüfung".into(), None).unwrap(), ["for long"]);
}

#[test]
#[ignore = "writes the file that is kept, for a new format"]
fn write_the_file_that_is_kept() {
    let kv = KvStore::new(Database::open(KEPT).unwrap().into());
    for run in ["kept", "prüfung"] {
        kv.database().begin_run(&run.into()).unwrap();
    }
    for (key, value) in kept_values() {
        kv.put(&"kept".into(), key, value).unwrap();
    }
    let (short, long) = (
        Duration::from_nanos(1),
        Duration::from_secs(500 * 365 * 86_400),
    );
    kv.put_with_ttl(&"prüfung".into(), "for long", Value::Null, long)
        .unwrap();
    kv.put_with_ttl(&"prüfung".into(), "for a moment", Value::Null, short)
        .unwrap();
}
