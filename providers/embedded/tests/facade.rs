//! The facade keeps on the engine what it promises on any backend.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Trial};
use omni_kv_embedded::{Database, KvStore, Options};
use omni_tck_facade::{PROMISES, Subject, is_like_a_map};
use tck::{Clock, ManualClock};

fn main() -> ExitCode {
    let promises = PROMISES.iter().map(|promise| {
        Trial::test(promise.name, || {
            let database = Database::in_memory().unwrap();
            (promise.holds)(&KvStore::new(Arc::new(database)));
            Ok(())
        })
    });
    let model = Trial::test("the_database_is_like_a_map", || {
        is_like_a_map(2_000, on_a_clock);
        Ok(())
    });
    let trials = promises.chain([model]).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn on_a_clock() -> Subject {
    let clock = Arc::new(ManualClock::new());
    let options = Options::default().clock(Arc::clone(&clock) as Arc<dyn Clock>);
    Subject {
        kv: KvStore::new(Arc::new(options.in_memory().unwrap())),
        clock: Some(clock),
        lists_names_alone: true,
    }
}
