//! Lists the tests of a provider and runs them side by side.

use std::{
    collections::BTreeMap,
    env,
    fmt::{self, Display},
    marker::PhantomData,
    process::ExitCode,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Instant,
};

use libtest_mimic::{Arguments, Completion, Failed, Trial, run};
use tck::{Contract, Status, Suite};
use tokio::runtime;

use crate::{Declared, Running, Server};

/// How many tests wait side by side where nothing is said. They wait more than they compute.
const AT_A_TIME: usize = 48;

/// A server that is started when the first test needs it.
pub struct Shared<S> {
    started: Arc<OnceLock<Result<Running, String>>>,
    kind: PhantomData<fn() -> S>,
}

impl<S: Server> Shared<S> {
    /// The server.
    ///
    /// # Panics
    ///
    /// Where it does not start, so that the tests that need it fail.
    #[must_use]
    pub fn get(&self) -> &Running {
        let started = self.started.get_or_init(|| {
            let started =
                env::var(S::VARIABLE).map_or_else(|_| S::start(), |url| Running::at(&url));
            started.map_err(|error| error.to_string())
        });
        started
            .as_ref()
            .unwrap_or_else(|error| panic!("the server does not start: {error}"))
    }

    fn missing() -> Option<String> {
        env::var_os(S::VARIABLE).map_or_else(S::missing, |_| None)
    }
}

impl<S> Default for Shared<S> {
    fn default() -> Self {
        Self {
            started: Arc::default(),
            kind: PhantomData,
        }
    }
}

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self {
            started: Arc::clone(&self.started),
            kind: PhantomData,
        }
    }
}

impl<S> fmt::Debug for Shared<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("started", &self.started)
            .finish()
    }
}

/// What a test answers.
pub type Tested<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// When the clauses of a server were checked.
#[derive(Debug)]
struct Span {
    clauses: usize,
    began: Instant,
    ended: Instant,
}

/// The tests of a provider.
#[derive(Debug, Default)]
pub struct Harness {
    trials: Vec<Trial>,
    declared: Option<Declared>,
    contracts: Vec<&'static Contract>,
    at_a_time: Option<usize>,
    certified: Arc<Mutex<BTreeMap<String, Span>>>,
}

impl Harness {
    /// No tests so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the row of this provider in `providers/README.md` has to say, with the contracts
    /// that it is certified for.
    #[must_use]
    pub fn declared(mut self, declared: Declared) -> Self {
        self.declared = Some(declared);
        self
    }

    /// How many tests wait side by side, where the server bears fewer than usual.
    #[must_use]
    pub fn at_a_time(mut self, tests: usize) -> Self {
        self.at_a_time = Some(tests);
        self
    }

    /// A test for each clause of these suites, named after the server and the clause.
    #[must_use]
    pub fn certify<S: Server>(
        mut self,
        name: &str,
        server: &Shared<S>,
        suites: Vec<Suite>,
    ) -> Self {
        for suite in suites {
            if !self
                .contracts
                .iter()
                .any(|known| known.name == suite.contract().name)
            {
                self.contracts.push(suite.contract());
            }
            let suite = Arc::new(suite);
            for clause in suite.contract().clauses {
                let (server, suite) = (server.clone(), Arc::clone(&suite));
                let (certified, of) = (Arc::clone(&self.certified), name.to_owned());
                let name = format!("{name}::{}", clause.id);
                self.add::<S>(name, move || {
                    let _ = server.get();
                    let began = Instant::now();
                    let outcome = suite.check(clause);
                    let ended = Instant::now();
                    let mut certified = certified.lock().unwrap_or_else(PoisonError::into_inner);
                    let span = certified.entry(of).or_insert(Span {
                        clauses: 0,
                        began,
                        ended,
                    });
                    span.clauses += 1;
                    span.began = span.began.min(began);
                    span.ended = span.ended.max(ended);
                    match &outcome.status {
                        Status::NotDeclared { missing } => {
                            let reason = format!("not declared: {missing}");
                            Ok(Completion::ignored_with(reason))
                        }
                        status if status.is_as_declared() => Ok(Completion::Completed),
                        _ => Err(format!("\n{outcome}").into()),
                    }
                });
            }
        }
        self
    }

    /// A test of one's own.
    #[must_use]
    pub fn test<S, F>(
        mut self,
        name: impl Display,
        server: &Shared<S>,
        test: impl FnOnce(Shared<S>) -> F + Send + 'static,
    ) -> Self
    where
        S: Server,
        F: Future<Output = Tested>,
    {
        let server = server.clone();
        self.add::<S>(name.to_string(), move || {
            let _ = server.get();
            let runtime = runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()?;
            runtime.block_on(test(server))?;
            Ok(Completion::Completed)
        });
        self
    }

    fn add<S: Server>(
        &mut self,
        name: String,
        test: impl FnOnce() -> Result<Completion, Box<dyn std::error::Error>> + Send + 'static,
    ) {
        self.trials.push(Trial::ignorable_test(name, move || {
            match Shared::<S>::missing() {
                None => {}
                Some(reason) if env::var("CI").is_ok_and(|ci| ci == "true") => {
                    return Err(Failed::from(reason));
                }
                Some(reason) => return Ok(Completion::ignored_with(reason)),
            }
            // Also where the error is of a type that says little when it is displayed.
            test().map_err(|error| Failed::from(error.to_string()))
        }));
    }

    /// Runs what the command line asks for.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let mut arguments = Arguments::from_args();
        let at_a_time = self.at_a_time.unwrap_or(AT_A_TIME);
        arguments.test_threads.get_or_insert(at_a_time);
        let Self {
            mut trials,
            declared,
            contracts,
            certified,
            ..
        } = self;
        if let Some(declared) = declared {
            trials.push(Trial::test("the_matrix_of_providers_says_so", move || {
                declared.stands(&contracts).map_err(Failed::from)
            }));
        }
        let conclusion = run(&arguments, trials);
        let certified = certified.lock().unwrap_or_else(PoisonError::into_inner);
        for (server, span) in certified.iter() {
            let (clauses, took) = (span.clauses, span.ended - span.began);
            println!("{server}: {clauses} clauses in {took:.2?}");
        }
        conclusion.exit_code()
    }
}
