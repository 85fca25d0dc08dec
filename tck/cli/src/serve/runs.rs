//! Runs of whole contracts, in the background.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tck::{Report, Suite, Verdict};

use super::workflow::fresh;
use crate::{Failure, args::Checked, target::Target};

/// How many runs are remembered, and how many there may be at a time.
const REMEMBERED: usize = 32;
const AT_A_TIME: usize = 2;

pub(super) struct Runs {
    url: String,
    checked: Checked,
    all: Mutex<VecDeque<Arc<Run>>>,
}

/// A run of some contracts.
struct Run {
    id: String,
    contracts: Vec<&'static str>,
    clauses: usize,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    outcomes: Vec<Row>,
    has_ended: bool,
    /// Missing where no thread could be had for it.
    report: Option<Report>,
}

/// What a clause came to, while the run goes on.
#[derive(Serialize)]
struct Row {
    id: &'static str,
    outcome: &'static str,
}

/// What may be asked for.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    contracts: Vec<String>,
}

/// A run that has begun.
#[derive(Serialize)]
pub(super) struct Begun {
    id: String,
    pub(super) url: String,
    clauses: usize,
}

/// Why a run did not begin.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) reason: String,
}

impl Refused {
    pub(super) fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { status, reason }
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        let status = match failure {
            // Nobody who asks can help it.
            Failure::Open(_) => StatusCode::BAD_GATEWAY,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, failure.to_string())
    }
}

impl Runs {
    pub(super) fn new(url: &str, checked: &Checked) -> Self {
        Self {
            url: url.to_owned(),
            checked: checked.clone(),
            all: Mutex::default(),
        }
    }

    /// The contracts that the service declares, of which a run may name some.
    pub(super) fn contracts(&self) -> Result<Value, Refused> {
        let suites = self.declared()?.suites;
        let contracts = suites.iter().map(Suite::contract);
        let contracts: Vec<_> = contracts
            .map(|contract| json!({ "name": contract.name, "clauses": contract.clauses.len() }))
            .collect();
        Ok(json!({ "contracts": contracts }))
    }

    fn declared(&self) -> Result<Target, Failure> {
        Target::service(&self.url, &self.checked)
    }

    /// Begins a run of the contracts that the body names, or of all that the service declares.
    pub(super) fn begin(&self, body: &[u8]) -> Result<Begun, Refused> {
        let wrong =
            |error: serde_json::Error| Refused::new(StatusCode::BAD_REQUEST, error.to_string());
        let asked: Asked = match body {
            [] => Asked::default(),
            body => serde_json::from_slice(body).map_err(wrong)?,
        };
        let suites = self.declared()?.only(&asked.contracts)?.suites;
        let contracts: Vec<_> = suites.iter().map(|suite| suite.contract().name).collect();
        let clauses = suites
            .iter()
            .map(|suite| suite.contract().clauses.len())
            .sum();
        let run = Arc::new(Run {
            id: fresh(),
            contracts,
            clauses,
            progress: Mutex::default(),
        });
        self.remember(&run)?;
        let begun = Begun {
            id: run.id.clone(),
            url: format!("/test/runs/{}", run.id),
            clauses,
        };
        let (name, here) = (self.shown_url(), Arc::clone(&run));
        let begins = thread::Builder::new().spawn(move || {
            let check = || {
                Report::new(name, &suites, |outcome| {
                    let (id, outcome) = (outcome.clause.id, outcome.status.name());
                    run.progress().outcomes.push(Row { id, outcome });
                })
            };
            let report = catch_unwind(AssertUnwindSafe(check)).ok();
            let mut progress = run.progress();
            progress.has_ended = true;
            progress.report = report;
        });
        if let Err(error) = begins {
            here.progress().has_ended = true;
            let reason = format!("there is no thread for it: {error}");
            return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, reason));
        }
        Ok(begun)
    }

    fn remember(&self, run: &Arc<Run>) -> Result<(), Refused> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let running = all.iter().filter(|run| !run.progress().has_ended);
        if running.count() >= AT_A_TIME {
            let reason = format!("there are {AT_A_TIME} runs already");
            return Err(Refused::new(StatusCode::TOO_MANY_REQUESTS, reason));
        }
        all.push_back(Arc::clone(run));
        if all.len() > REMEMBERED {
            let oldest = all.iter().position(|run| run.progress().has_ended);
            oldest.and_then(|index| all.remove(index));
        }
        Ok(())
    }

    /// All runs, the latest first.
    pub(super) fn list(&self) -> Value {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let runs: Vec<_> = all.iter().rev().map(|run| run.summary()).collect();
        json!({ "kv_service_url": self.shown_url(), "runs": runs })
    }

    /// The report of a run, or how far it is.
    pub(super) fn report(&self, id: &str) -> Option<String> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let run = Arc::clone(all.iter().find(|run| run.id == id)?);
        drop(all);
        if let Some(report) = &run.progress().report {
            return Some(report.to_json());
        }
        let mut summary = run.summary();
        let outcomes = json!(run.progress().outcomes);
        if let Some(summary) = summary.as_object_mut() {
            summary.insert("clauses".to_owned(), outcomes);
        }
        Some(summary.to_string())
    }

    /// The URL without what stands before the host: it may hold a token.
    pub(super) fn shown_url(&self) -> String {
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("http", &self.url));
        let host = rest.rsplit('@').next().unwrap_or_default();
        format!("{scheme}://{host}")
    }
}

impl Run {
    fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn summary(&self) -> Value {
        let progress = self.progress();
        let verdict = progress.report.as_ref().map(Report::verdict);
        let verdict = verdict.or(progress.has_ended.then_some(Verdict::Incomplete));
        json!({
            "id": self.id,
            "url": format!("/test/runs/{}", self.id),
            "contracts": self.contracts,
            "done": progress.outcomes.len(),
            "of": self.clauses,
            "verdict": verdict.map(Verdict::name),
        })
    }
}
