//! Runs the check of a clause, whatever the provider does meanwhile.

use std::{
    any::Any,
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};

use crate::{
    Breach, Cause, Clause, Factory, Need, Outcome, Profile, Status, Step,
    check::{Check, Stop},
    shown,
    subject::Subject,
    timeline::Timeline,
    trace::{Place, Trace},
};

/// How often the watchdog looks at a call before its patience is over. It counts its own
/// looks, not time: on a machine that stands still, it stands still too.
const LOOKS: u32 = 100;

/// Checks one clause on a thread of its own, so that a provider that blocks, panics or
/// never answers ends this clause and nothing else.
pub(crate) fn run(
    clause: &'static Clause,
    factory: &Arc<dyn Factory>,
    profile: &Profile,
) -> Outcome {
    let began = Instant::now();
    let trace = Trace::default();
    let mut status = match clause.needs {
        Some(need) if !profile.declares(need) => Status::NotDeclared {
            missing: need.to_string(),
        },
        _ => supervise(clause, Arc::clone(factory), profile, &trace),
    };
    // Where the provider complied there is no story to tell.
    let steps = match &mut status {
        Status::Pass | Status::UnexpectedPass { .. } => Vec::new(),
        Status::Violation { breach, .. } => {
            let steps = trace.steps();
            // Of calls side by side it is not known which one failed, but what it answered.
            let observed = |step: &Step| step.answer.as_ref() == Some(&breach.observed);
            breach.step = breach.step.or_else(|| steps.iter().position(observed));
            steps
        }
        _ => trace.steps(),
    };
    let took = began.elapsed();
    Outcome {
        clause,
        status,
        steps,
        took,
    }
}

fn supervise(
    clause: &'static Clause,
    factory: Arc<dyn Factory>,
    profile: &Profile,
    trace: &Trace,
) -> Status {
    let (sender, receiver) = mpsc::channel();
    let check = {
        let (profile, trace) = (profile.clone(), trace.clone());
        move || {
            // The receiver is gone only when the watchdog has given up: nobody listens.
            let _ = sender.send(check(clause, factory, profile, trace)?);
            Ok(())
        }
    };
    let worker = match thread::Builder::new()
        .name(clause.id.to_owned())
        .spawn(check)
    {
        Ok(worker) => worker,
        Err(error) => return no_room(&error),
    };
    match watch(&receiver, trace, profile.patience) {
        Watched::Verdict(verdict) => judge(clause, profile, verdict),
        Watched::Silence => hang(clause, profile, trace),
        Watched::Gone => match worker.join() {
            Ok(Ok(())) => error("the check ended without a verdict".to_owned()),
            Ok(Err(error)) => no_room(&error),
            Err(panic) => panicked(clause, profile, trace, panic.as_ref()),
        },
    }
}

fn check(
    clause: &'static Clause,
    factory: Arc<dyn Factory>,
    profile: Profile,
    trace: Trace,
) -> io::Result<Check> {
    let mut builder = Builder::new_current_thread();
    builder
        .enable_all()
        .start_paused(Timeline::new(profile.time).is_paused());
    let runtime = LeftBehind(Some(builder.build()?));
    Ok(runtime.block_on(async {
        let subject = match clause.needs {
            Some(Need::Reopens) => Subject::closed(factory, profile, trace),
            _ => Subject::open(factory, profile, trace).await?,
        };
        let verdict = (clause.check)(&subject).await;
        #[cfg(feature = "http")]
        subject.tidy().await;
        verdict
    }))
}

/// A runtime that does not wait for what the provider left on blocking threads.
struct LeftBehind(Option<Runtime>);

impl LeftBehind {
    fn block_on(&self, check: impl Future<Output = Check>) -> Check {
        match &self.0 {
            Some(runtime) => runtime.block_on(check),
            None => unreachable!("only `drop` takes the runtime"),
        }
    }
}

impl Drop for LeftBehind {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

enum Watched {
    Verdict(Check),
    Silence,
    Gone,
}

fn watch(verdicts: &Receiver<Check>, trace: &Trace, patience: Duration) -> Watched {
    let pause = (patience / LOOKS).max(Duration::from_millis(1));
    let mut seen = trace.progress();
    let mut looks: u128 = 0;
    loop {
        match verdicts.recv_timeout(pause) {
            Ok(verdict) => return Watched::Verdict(verdict),
            Err(RecvTimeoutError::Disconnected) => return Watched::Gone,
            Err(RecvTimeoutError::Timeout) => {}
        }
        let progress = trace.progress();
        if progress == seen {
            looks += 1;
        } else {
            (seen, looks) = (progress, 0);
        }
        // What the kit's own wait takes is no silence.
        let waits = progress.rest.as_nanos() / pause.as_nanos();
        if looks >= u128::from(LOOKS) + waits {
            return Watched::Silence;
        }
    }
}

fn judge(clause: &'static Clause, profile: &Profile, verdict: Check) -> Status {
    match (verdict, profile.waiver(clause)) {
        (Ok(()), None) => Status::Pass,
        (Ok(()), Some(waiver)) => Status::UnexpectedPass { waiver },
        (Err(Stop::Breach(breach)), waiver) => match waiver {
            Some(waiver) if !waiver.has_expired() => Status::Waived {
                breach: *breach,
                waiver,
            },
            expired => Status::Violation {
                breach: *breach,
                expired,
            },
        },
        (Err(Stop::Inconclusive(reason)), _) => Status::Inconclusive {
            reason: reason.into(),
        },
        #[cfg(feature = "http")]
        (Err(Stop::NotDeclared(missing)), _) => Status::NotDeclared {
            missing: missing.into(),
        },
        (Err(Stop::Late), _) => Status::Inconclusive {
            reason: "the answer came only when the entry might have expired".to_owned(),
        },
        (Err(Stop::Unopened(reason)), _) => error(reason.into()),
    }
}

fn hang(clause: &'static Clause, profile: &Profile, trace: &Trace) -> Status {
    let patience = shown::duration(profile.patience);
    let breach = |expected: &str, observed, step| {
        let cause = Cause::Hang;
        let breach = Breach {
            expected: expected.to_owned(),
            observed,
            cause,
            step,
        };
        judge(clause, profile, Err(Stop::Breach(Box::new(breach))))
    };
    match trace.pending() {
        Some(Place::Factory) => error(format!("the factory did not answer within {patience}")),
        Some(Place::Step(step)) => {
            breach("an answer", format!("none within {patience}"), Some(step))
        }
        None if !trace.progress().rest.is_zero() => {
            let observed = format!("it stood still for {patience} longer than the kit waited");
            breach("a runtime that goes on while nobody calls", observed, None)
        }
        None => {
            let observed = format!("it did not return within {patience}");
            breach("the provider can be dropped", observed, None)
        }
    }
}

fn panicked(
    clause: &'static Clause,
    profile: &Profile,
    trace: &Trace,
    panic: &(dyn Any + Send),
) -> Status {
    let message = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(message), _) => message,
        (_, Some(message)) => message.as_str(),
        _ => "no message",
    };
    match trace.panicked() {
        Some(Place::Factory) => error(format!("the factory panicked: {message}")),
        Some(Place::Step(step)) => {
            let breach = Breach {
                expected: "an answer".to_owned(),
                observed: format!("a panic: {message}"),
                cause: Cause::Panic,
                step: Some(step),
            };
            judge(clause, profile, Err(Stop::Breach(Box::new(breach))))
        }
        None => error(format!("the check panicked: {message}")),
    }
}

fn no_room(failure: &io::Error) -> Status {
    error(format!("the check could not be started: {failure}"))
}

fn error(reason: String) -> Status {
    Status::Error { reason }
}
