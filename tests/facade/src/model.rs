//! Random operations do to the database what they do to a plain map.
#![expect(clippy::indexing_slicing, reason = "a panic fails the test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use omni_kv_embedded::{Error, KvStore, Result, RunId, Value};
use proptest::{prelude::*, test_runner::TestRunner};
use tck::{Clock, ManualClock};

/// An empty database.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its keys.
    pub kv: KvStore,
    /// The clock that it goes by, if that can be moved. Without one no time passes, and times
    /// to live are too long to end.
    pub clock: Option<Arc<ManualClock>>,
    /// Whether what a transaction has listed is changed only by keys that come or go, and not
    /// by any write among them.
    pub lists_names_alone: bool,
}

/// Sees to it that so many series of random operations do to a database what they do to a map,
/// each beginning with an empty one, or panics.
pub fn is_like_a_map(series: u32, open: impl Fn() -> Subject) {
    let config = ProptestConfig {
        cases: series,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let operations = prop::collection::vec(operation(), 0..40);
    let tested = TestRunner::new(config).run(&operations, |operations| check(&open(), operations));
    if let Err(error) = tested {
        panic!("{error}");
    }
}

const RUNS: usize = 3;

#[derive(Clone, Debug)]
enum Operation {
    Begin(usize),
    End(usize),
    Get(usize, String),
    Put(usize, String, i64),
    PutWithTtl(usize, String, i64, Duration),
    Delete(usize, String),
    List(usize, String),
    Transaction(usize, Vec<Step>, Ending),
    Pass(Duration),
    Sweep,
}

#[derive(Clone, Debug)]
enum Step {
    Get(String),
    Put(String, i64),
    PutWithTtl(String, i64, Duration),
    Delete(String),
    List(String),
}

#[derive(Clone, Debug)]
enum Ending {
    Commit,
    Fail,
    /// Somebody else sets this key before the commit.
    Disturbed(String),
}

/// Few keys, so that they meet; some begin with others.
fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "a", "aa", "ab", "b", "b\u{0}", "\u{10ffff}"])
        .prop_map(String::from)
}

fn prefix() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "a", "aa", "b", "c", "\u{10ffff}"]).prop_map(String::from)
}

fn seconds() -> impl Strategy<Value = Duration> {
    (0..4_u64).prop_map(Duration::from_secs)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        key().prop_map(Step::Get),
        (key(), any::<i64>()).prop_map(|(key, value)| Step::Put(key, value)),
        (key(), any::<i64>(), seconds())
            .prop_map(|(key, value, ttl)| Step::PutWithTtl(key, value, ttl)),
        key().prop_map(Step::Delete),
        prefix().prop_map(Step::List),
    ]
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        3 => Just(Ending::Commit),
        1 => Just(Ending::Fail),
        2 => key().prop_map(Ending::Disturbed),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let run = || 0..RUNS;
    prop_oneof![
        1 => run().prop_map(Operation::Begin),
        1 => run().prop_map(Operation::End),
        3 => (run(), key()).prop_map(|(run, key)| Operation::Get(run, key)),
        4 => (run(), key(), any::<i64>())
            .prop_map(|(run, key, value)| Operation::Put(run, key, value)),
        4 => (run(), key(), any::<i64>(), seconds())
            .prop_map(|(run, key, value, ttl)| Operation::PutWithTtl(run, key, value, ttl)),
        3 => (run(), key()).prop_map(|(run, key)| Operation::Delete(run, key)),
        2 => (run(), prefix()).prop_map(|(run, prefix)| Operation::List(run, prefix)),
        4 => (run(), prop::collection::vec(step(), 0..6), ending())
            .prop_map(|(run, steps, ending)| Operation::Transaction(run, steps, ending)),
        2 => seconds().prop_map(Operation::Pass),
        1 => Just(Operation::Sweep),
    ]
}

/// The keys of a run with their values and ends.
type Entries = BTreeMap<String, (i64, Option<Instant>)>;

struct Model {
    clock: Arc<ManualClock>,
    is_moved: bool,
    lists_names_alone: bool,
    runs: BTreeMap<usize, Entries>,
}

impl Model {
    /// A time to live that ends when the model says.
    fn ttl(&self, ttl: Duration) -> Duration {
        if self.is_moved { ttl } else { ttl * 3_600 }
    }

    fn end(&self, ttl: Option<Duration>) -> Option<Instant> {
        ttl.map(|ttl| self.clock.now() + ttl)
    }

    fn forget_what_has_expired(&mut self) {
        let now = self.clock.now();
        for entries in self.runs.values_mut() {
            entries.retain(|_, (_, end)| end.is_none_or(|end| now < end));
        }
    }

    fn entries(&self, run: usize) -> Entries {
        self.runs.get(&run).cloned().unwrap_or_default()
    }
}

fn get(entries: &Entries, key: &str) -> Option<Value> {
    entries.get(key).map(|(value, _)| Value::I64(*value))
}

fn list(entries: &Entries, prefix: &str) -> Vec<String> {
    let keys = entries.keys().filter(|key| key.starts_with(prefix));
    keys.cloned().collect()
}

/// An answer, with all that a refusal says of itself.
fn shown<T>(answer: Result<T>) -> std::result::Result<T, String> {
    answer.map_err(|error| error.to_string())
}

fn no_such_run<T>(run: &RunId) -> std::result::Result<T, String> {
    let run = run.to_string();
    Err(Error::NoSuchRun { run }.to_string())
}

fn check(subject: &Subject, operations: Vec<Operation>) -> std::result::Result<(), TestCaseError> {
    let Subject { kv, clock, .. } = subject;
    let database = Arc::clone(kv.database());
    // Names that begin with each other.
    let runs = ["", "a", "a\u{0}"].map(RunId::from);
    let mut model = Model {
        clock: clock.clone().unwrap_or_default(),
        is_moved: clock.is_some(),
        lists_names_alone: subject.lists_names_alone,
        runs: BTreeMap::new(),
    };
    for operation in operations {
        model.forget_what_has_expired();
        match operation {
            Operation::Begin(run) => {
                database.begin_run(&runs[run]).unwrap();
                model.runs.entry(run).or_default();
            }
            Operation::End(run) => {
                let expected = match model.runs.remove(&run) {
                    Some(_) => Ok(()),
                    None => no_such_run(&runs[run]),
                };
                prop_assert_eq!(shown(database.end_run(&runs[run])), expected);
            }
            Operation::Get(run, key) => {
                let expected = get(&model.entries(run), &key);
                prop_assert_eq!(kv.get(&runs[run], &key).unwrap(), expected.clone());
                prop_assert_eq!(kv.exists(&runs[run], &key).unwrap(), expected.is_some());
            }
            Operation::Put(run, key, value) => {
                let expected = match model.runs.get_mut(&run) {
                    Some(entries) => {
                        entries.insert(key.clone(), (value, None));
                        Ok(())
                    }
                    None => no_such_run(&runs[run]),
                };
                prop_assert_eq!(shown(kv.put(&runs[run], &key, Value::I64(value))), expected);
            }
            Operation::PutWithTtl(run, key, value, ttl) => {
                let end = model.end(Some(ttl));
                let expected = match model.runs.get_mut(&run) {
                    Some(entries) => {
                        entries.insert(key.clone(), (value, end));
                        Ok(())
                    }
                    None => no_such_run(&runs[run]),
                };
                let ttl = model.ttl(ttl);
                let answer = kv.put_with_ttl(&runs[run], &key, Value::I64(value), ttl);
                prop_assert_eq!(shown(answer), expected);
            }
            Operation::Delete(run, key) => {
                let expected = match model.runs.get_mut(&run) {
                    Some(entries) => Ok(entries.remove(&key).is_some()),
                    None => no_such_run(&runs[run]),
                };
                prop_assert_eq!(shown(kv.delete(&runs[run], &key)), expected);
            }
            Operation::List(run, prefix) => {
                let entries = model.entries(run);
                let expected = list(&entries, &prefix);
                prop_assert_eq!(&kv.list(&runs[run], Some(&prefix)).unwrap(), &expected);
                let pairs = kv.list_with_values(&runs[run], Some(&prefix)).unwrap();
                let expected = expected.into_iter().map(|key| {
                    let value = get(&entries, &key).unwrap();
                    (key, value)
                });
                prop_assert_eq!(pairs, expected.collect::<Vec<_>>());
            }
            Operation::Transaction(run, steps, ending) => {
                transact(kv, &runs[run], &mut model, run, &steps, ending)?;
            }
            Operation::Pass(duration) => {
                if let Some(clock) = clock {
                    clock.advance(duration);
                }
            }
            Operation::Sweep => {
                database.remove_expired().unwrap();
            }
        }
    }
    Ok(())
}

fn transact(
    kv: &KvStore,
    run: &RunId,
    model: &mut Model,
    number: usize,
    steps: &[Step],
    ending: Ending,
) -> std::result::Result<(), TestCaseError> {
    let begun = model.runs.contains_key(&number);
    let before = model.entries(number);
    let mut after = before.clone();
    // The keys whose presence or value it has learnt, other than from itself.
    let (mut read, mut listed) = (BTreeSet::new(), BTreeSet::new());
    let (mut written, mut wrong) = (BTreeSet::new(), None);
    let answer = kv.transaction(run, |txn| {
        for step in steps {
            let (observed, expected) = match step {
                Step::Get(key) => {
                    if !written.contains(key) {
                        read.insert(key.clone());
                    }
                    let observed = format!("{:?}", txn.get(key)?);
                    (observed, format!("{:?}", get(&after, key)))
                }
                Step::Put(key, value) => {
                    txn.put(key, Value::I64(*value))?;
                    written.insert(key.clone());
                    after.insert(key.clone(), (*value, None));
                    continue;
                }
                Step::PutWithTtl(key, value, ttl) => {
                    txn.put_with_ttl(key, Value::I64(*value), model.ttl(*ttl))?;
                    written.insert(key.clone());
                    after.insert(key.clone(), (*value, model.end(Some(*ttl))));
                    continue;
                }
                Step::Delete(key) => {
                    if written.insert(key.clone()) {
                        read.insert(key.clone());
                    }
                    let observed = format!("{:?}", txn.delete(key)?);
                    (observed, format!("{:?}", after.remove(key).is_some()))
                }
                Step::List(prefix) => {
                    listed.insert(prefix.clone());
                    let observed = format!("{:?}", txn.list(Some(prefix))?);
                    (observed, format!("{:?}", list(&after, prefix)))
                }
            };
            if observed != expected {
                wrong = Some((step.clone(), observed, expected));
            }
        }
        match &ending {
            Ending::Commit => Ok(()),
            Ending::Fail => Err(Error::Conflict),
            Ending::Disturbed(key) => kv.put(run, key, Value::Bool(true)),
        }
    });
    prop_assert!(wrong.is_none(), "{wrong:?}");
    if !begun {
        prop_assert_eq!(shown(answer), no_such_run(run));
        return Ok(());
    }
    let commits = match &ending {
        Ending::Commit => true,
        Ending::Fail => false,
        Ending::Disturbed(key) => {
            let is_change = !(before.contains_key(key) && model.lists_names_alone);
            let is_listed = listed.iter().any(|prefix| key.starts_with(prefix));
            written.is_empty() || !(read.contains(key) || is_change && is_listed)
        }
    };
    let refusal = Err(Error::Conflict.to_string());
    prop_assert_eq!(shown(answer), if commits { Ok(()) } else { refusal });
    let mut entries = if commits { after } else { before };
    if let Ending::Disturbed(key) = ending
        && !(commits && written.contains(&key))
    {
        // The model knows numbers alone: what others wrote is taken away again.
        kv.delete(run, &key).unwrap();
        entries.remove(&key);
    }
    model.runs.insert(number, entries);
    Ok(())
}
