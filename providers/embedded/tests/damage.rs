//! Files that are damaged, cut, foreign, newer or open elsewhere.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{
    collections::BTreeMap,
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

type Entries = BTreeMap<String, Value>;

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
        for (number, (key, value)) in entries().into_iter().enumerate() {
            if number % 2 == 0 {
                txn.put(&key, value)?;
            } else {
                txn.put_with_ttl(&key, value, Duration::from_secs(3600))?;
            }
        }
        Ok(())
    })
    .unwrap();
    (folder, path)
}

/// What is in that file.
fn entries() -> Entries {
    let value = |number| Value::String(format!("value {number}").repeat(10));
    let entry = |number| (format!("{number:04}"), value(number));
    (0..KEYS).map(entry).collect()
}

/// What a listing finds in a file, and what is found in another way and is not the same.
fn read(path: &Path) -> Result<(Entries, Vec<(String, Value)>)> {
    let kv = KvStore::new(Database::open(path)?.into());
    let listed: Entries = kv.list_with_values(&run(), None)?.into_iter().collect();
    let mut found = kv.transaction(&run(), |txn| {
        let keys = txn.list(None)?.into_iter();
        keys.map(|key| Ok((txn.get(&key)?, key)))
            .collect::<Result<Vec<_>>>()
    })?;
    for key in entries().into_keys() {
        found.push((kv.get(&run(), &key)?, key));
    }
    let found = found
        .into_iter()
        .filter_map(|(value, key)| Some((key, value?)));
    let others = found
        .filter(|(key, value)| listed.get(key) != Some(value))
        .collect();
    Ok((listed, others))
}

#[test]
fn a_file_that_is_whole_is_read() {
    let (_folder, path) = written();
    assert_eq!(read(&path).unwrap(), (entries(), Vec::new()));
}

/// A page that was turned into an older or an empty one may lose entries.
#[test]
fn every_value_in_a_damaged_file_is_what_was_written_or_an_error() {
    let (_folder, path) = written();
    let written = entries();
    let content = fs::read(&path).unwrap();
    let filled: Vec<_> = (0..content.len()).filter(|at| content[*at] != 0).collect();
    let copy = path.with_extension("damaged");
    let mut refused = 0;
    // Far enough apart to be quick, and at odd places of the pages.
    for place in filled.iter().step_by(filled.len() / 200) {
        fs::copy(&path, &copy).unwrap();
        turn(&copy, *place, 24);
        match read(&copy) {
            Ok((listed, others)) => {
                for (key, value) in listed.iter().chain(others.iter().map(|(k, v)| (k, v))) {
                    assert_eq!(written.get(key), Some(value), "{key:?}, damaged at {place}");
                }
            }
            Err(
                Error::Damaged { .. }
                | Error::Foreign { .. }
                | Error::Newer { .. }
                | Error::NoSuchRun { .. }
                | Error::Engine(_),
            ) => refused += 1,
            Err(other) => panic!("at {place}: {other:?}"),
        }
    }
    assert!(refused > 0, "no damage was noticed");
}

#[test]
fn a_damaged_value_is_an_error_to_all_who_meet_it() {
    let (_folder, path) = written();
    let content = fs::read(&path).unwrap();
    let text = b"value 7value 7";
    let place = content.windows(text.len()).position(|there| there == text);
    turn(&path, place.unwrap(), 1);
    let kv = KvStore::new(Database::open(&path).unwrap().into());
    let answers = [
        kv.get(&run(), "0007").map(drop),
        kv.exists(&run(), "0007").map(drop),
        kv.list(&run(), None).map(drop),
        kv.list_with_values(&run(), Some("0007")).map(drop),
        kv.transaction(&run(), |txn| txn.get("0007")).map(drop),
        kv.put(&run(), "0007", Value::Null),
        kv.delete(&run(), "0007").map(drop),
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        assert!(
            matches!(answer, Err(Error::Damaged { .. })),
            "{number}: {answer:?}"
        );
    }
    // Its neighbours are whole.
    assert_eq!(
        kv.get(&run(), "0006").unwrap().as_ref(),
        entries().get("0006")
    );
    // It goes with its run.
    let database = kv.database();
    database.end_run(&run()).unwrap();
    database.begin_run(&run()).unwrap();
    assert_eq!(kv.list(&run(), None).unwrap(), Vec::<String>::new());
}

/// Turns a bit over in so many bytes of a file. Text stays text.
fn turn(path: &Path, place: usize, count: usize) {
    let place = place as u64;
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let mut bytes = vec![0; count];
    file.seek(SeekFrom::Start(place)).unwrap();
    let there = file.read(&mut bytes).unwrap();
    file.seek(SeekFrom::Start(place)).unwrap();
    let turned: Vec<_> = bytes.iter().take(there).map(|byte| byte ^ 1).collect();
    file.write_all(&turned).unwrap();
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
    assert_eq!(read(&path).unwrap().0, entries());
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
    assert_eq!(read(&path).unwrap().0, entries());
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
    assert_eq!(read(&path).unwrap().0, entries());
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
        kv.database().runs().unwrap(),
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
