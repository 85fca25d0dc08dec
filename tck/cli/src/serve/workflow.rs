//! Two tests of a service, step by step, each with a key that nobody has used before.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use omni_kv_http::{HttpStore, Settings};
use serde::Serialize;
use tck::{Bytes, Error, KeyValueStore};

/// How long a step may take.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug)]
pub(super) enum Workflow {
    /// What is deleted is gone.
    Deletion,
    /// What is written over is what was written last.
    Overwrite,
}

/// What a test came to.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Verdict {
    Success {
        success: bool,
        test_name: &'static str,
        details: Details,
    },
    Failure {
        success: bool,
        test_name: &'static str,
        step: &'static str,
        error: String,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct Details {
    steps_executed: usize,
    all_assertions_passed: bool,
}

impl Workflow {
    /// Runs the test against the service at this URL.
    pub(super) async fn run(self, url: &str) -> Verdict {
        let test_name = match self {
            Self::Deletion => "test_deletion",
            Self::Overwrite => "test_overwrite",
        };
        match self.steps(url).await {
            Ok(steps_executed) => Verdict::Success {
                success: true,
                test_name,
                details: Details {
                    steps_executed,
                    all_assertions_passed: true,
                },
            },
            Err(Failed { step, error }) => Verdict::Failure {
                success: false,
                test_name,
                step,
                error,
            },
        }
    }

    async fn steps(self, url: &str) -> Result<usize, Failed> {
        let store = open(url)
            .await
            .map_err(|error| Failed::at("connection", &error))?;
        let key = format!("tck-{}", fresh());
        let mut steps = Steps {
            store: &store,
            key: &key,
            done: 0,
        };
        let done = match self {
            Self::Deletion => steps.deletion().await,
            Self::Overwrite => steps.overwrite().await,
        };
        // Also after a failure nothing is to stay.
        let cleaned = store.delete(&key).await;
        done?;
        cleaned.map_err(|error| Failed::at("cleanup", &error))?;
        Ok(steps.done)
    }
}

/// Where a test failed, and why.
struct Failed {
    step: &'static str,
    error: String,
}

impl Failed {
    fn at(step: &'static str, error: &Error) -> Self {
        let error = error.to_string();
        Self { step, error }
    }
}

struct Steps<'s> {
    store: &'s HttpStore,
    key: &'s str,
    done: usize,
}

impl Steps<'_> {
    async fn deletion(&mut self) -> Result<(), Failed> {
        self.set("store", "to be deleted").await?;
        self.holds("retrieve", Some("to be deleted")).await?;
        self.step("delete", self.store.delete(self.key).await)?;
        self.holds("verify_deletion", None).await
    }

    async fn overwrite(&mut self) -> Result<(), Failed> {
        self.set("store_original", "original").await?;
        self.holds("retrieve_original", Some("original")).await?;
        self.set("overwrite", "new").await?;
        self.holds("verify_new", Some("new")).await
    }

    async fn set(&mut self, step: &'static str, value: &'static str) -> Result<(), Failed> {
        let set = self
            .store
            .set(self.key, Bytes::from_static(value.as_bytes()))
            .await;
        self.step(step, set)
    }

    async fn holds(&mut self, step: &'static str, expected: Option<&str>) -> Result<(), Failed> {
        let held = self.store.get(self.key).await;
        let held = self.step(step, held)?;
        if held.as_deref() == expected.map(str::as_bytes) {
            return Ok(());
        }
        let shown = |value: Option<&[u8]>| match value {
            Some(value) => format!("{:?}", String::from_utf8_lossy(value)),
            None => "no value".to_owned(),
        };
        let (expected, held) = (shown(expected.map(str::as_bytes)), shown(held.as_deref()));
        let error = format!("expected {expected}, got {held}");
        Err(Failed { step, error })
    }

    fn step<T>(&mut self, step: &'static str, answer: Result<T, Error>) -> Result<T, Failed> {
        self.done += 1;
        answer.map_err(|error| Failed::at(step, &error))
    }
}

/// The service at this URL, where it is healthy.
pub(super) async fn open(url: &str) -> Result<HttpStore, Error> {
    let mut settings = Settings::from_url(url).map_err(Error::backend)?;
    settings.timeout = PATIENCE;
    HttpStore::open(&settings).await
}

/// A name that was not used before.
pub(super) fn fresh() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    format!(
        "{:x}-{:x}",
        std::process::id(),
        now.unwrap_or_default().as_nanos()
    )
}
