//! Every clause of the `http` contract can fail, and a service without a fault passes all.

use std::{
    collections::BTreeSet,
    io::{self, BufRead, BufReader, Write},
    iter,
    net::TcpListener,
    thread,
    time::Duration,
};

use omni_tck_servers::Nobody;
use omni_tck_tests::{
    noise::Noise,
    wire::{Fault, Framing, Server, WireMutant, check, mutants},
};
use tck::{
    Cause, Clause, Need, Profile, Report, Status, Verdict,
    http::{self, Target},
};

const PATIENCE: Duration = Duration::from_secs(30);

fn clauses() -> impl Iterator<Item = &'static Clause> {
    http::CONTRACT.clauses.iter().copied()
}

#[test]
fn every_mutant_is_caught_by_the_clauses_that_it_names() {
    // Side by side: what they do most is to wait.
    let escapes: Vec<_> = thread::scope(|scope| {
        let hunts: Vec<_> = mutants()
            .into_iter()
            .map(|mutant| scope.spawn(move || escapes(&mutant)))
            .collect();
        let ended = hunts.into_iter().map(|hunt| hunt.join().unwrap());
        ended.flatten().collect()
    });
    assert!(escapes.is_empty(), "{}", escapes.join("\n"));
}

/// How often a mutant is tried: one that loses a race may win it once on a busy machine.
const TRIES: usize = 4;

fn escapes(mutant: &WireMutant) -> Vec<String> {
    let is_caught = |clause: &'static Clause| {
        let mut tries = (0..TRIES).map(|_| mutant.check(clause).status);
        tries.any(|status| matches!(status, Status::Violation { .. }))
    };
    let missed = mutant.caught_by.iter().filter(|clause| !is_caught(clause));
    missed
        .map(|clause| format!("{} escapes {}", mutant.name, clause.id))
        .collect()
}

#[test]
fn every_clause_catches_a_mutant() {
    let catching: BTreeSet<_> = mutants()
        .iter()
        .flat_map(|mutant| mutant.caught_by.iter().map(|clause| clause.id))
        .collect();
    let idle: Vec<_> = clauses()
        .filter(|clause| !catching.contains(clause.id))
        .collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn a_service_without_a_fault_passes_every_clause() {
    assert_passes(|| Server::start(None), |_| true);
}

#[test]
fn a_service_without_a_fault_passes_on_a_busy_machine() {
    let _noise = Noise::of(8);
    assert_passes(|| Server::start(None), |_| true);
}

#[test]
fn an_answer_may_come_in_chunks_or_end_with_its_connection() {
    assert_passes(|| Server::framing(Framing::Chunks), |_| true);
    assert_passes(|| Server::framing(Framing::End), |_| true);
}

/// What the original service does otherwise than HTTP asks.
const ORIGINAL: [Fault; 16] = [
    Fault::PutCreates200,
    Fault::PostAlways201,
    Fault::PostHasNoLocation,
    Fault::HeadIs405,
    Fault::AllowsPostOnly,
    Fault::UnknownIs405,
    Fault::IgnoresConditions,
    Fault::StoresParts,
    Fault::IgnoresCodings,
    Fault::TakesAnyMediaType,
    Fault::TakesNaN,
    Fault::TakesAnything,
    Fault::MalformedAnswers422,
    Fault::RoutesDecodedPaths,
    Fault::ReplacesBytes,
    Fault::RedirectsSlashes,
];

#[test]
fn what_the_original_does_otherwise_than_http_asks_is_no_fault_in_its_own_profile() {
    for fault in ORIGINAL {
        let is_seed = |clause: &Clause| clause.needs == Some(Need::Seed);
        assert_passes(|| Server::start(Some(fault)), is_seed);
    }
}

/// Checks the clauses that are picked, side by side, so that they wait together.
fn assert_passes(start: impl Fn() -> io::Result<Server> + Sync, picked: impl Fn(&Clause) -> bool) {
    let check = |clause| check(&start().expect("there is a port").url(), clause, PATIENCE);
    let stories: Vec<_> = thread::scope(|scope| {
        let checks: Vec<_> = clauses()
            .filter(|clause| picked(clause))
            .map(|clause| scope.spawn(move || check(clause)))
            .collect();
        assert!(!checks.is_empty(), "nothing is picked");
        let outcomes = checks
            .into_iter()
            .map(|check| check.join().expect("a check does not panic"));
        outcomes
            .filter(|outcome| !matches!(outcome.status, Status::Pass))
            .map(|outcome| outcome.to_string())
            .collect()
    });
    assert!(stories.is_empty(), "{}", stories.join("\n"));
}

#[test]
fn a_service_keeps_what_was_there_and_nothing_of_the_checks() {
    let server = Server::start(None).unwrap();
    let suite = Target::new(&server.url())
        .unwrap()
        .suite(Profile::new().seed(true));
    let report = Report::new("plain", &[suite], |_| ());
    assert_eq!(report.verdict(), Verdict::Conformant);
    assert_eq!(server.keys(), [""; 0]);
}

#[test]
fn each_profile_is_declared() {
    let server = Server::start(None).unwrap();
    let status = |profile, clause| {
        let suite = Target::new(&server.url()).unwrap().suite(profile);
        suite.check(clause).status.name()
    };
    let (core, seed) = (http::absent_key_answers_404, http::seed_absent_key_is_named);
    assert_eq!(status(Profile::new(), core), "pass");
    assert_eq!(status(Profile::new(), seed), "not_declared");
    let seed_alone = Profile::new().core(false).seed(true);
    assert_eq!(status(seed_alone.clone(), core), "not_declared");
    assert_eq!(status(seed_alone, seed), "pass");
}

#[test]
fn a_story_shows_the_exchange_and_the_line_that_repeats_it() {
    let mutant = mutants()
        .into_iter()
        .find(|mutant| mutant.name == "absent_is_200")
        .unwrap();
    let story = mutant.check(http::absent_key_answers_404).to_string();
    for part in [
        "expected  404",
        "observed  200, {\"success\":true",
        "steps     1  GET /keys/tck-",
        "repeat    curl -i --path-as-is 'http://127.0.0.1:",
        "guide     docs/contracts/http.md#absent_key_answers_404",
    ] {
        assert!(story.contains(part), "{story}");
    }
}

#[test]
fn a_service_that_never_answers_hangs_and_one_that_is_not_there_is_an_error() {
    let mutant = mutants()
        .into_iter()
        .find(|mutant| mutant.name == "never_continues")
        .unwrap();
    // A machine that stands still for a while proves no hang.
    let tries = || mutant.check(http::body_is_asked_for_where_that_is_expected);
    let outcome = iter::repeat_with(tries)
        .take(TRIES)
        .find(|outcome| !matches!(outcome.status, Status::Inconclusive { .. }))
        .unwrap();
    assert!(
        matches!(&outcome.status, Status::Violation { breach, .. } if breach.cause == Cause::Hang),
        "{outcome}"
    );
    let nobody = Nobody::new().unwrap();
    let url = format!("http://{}", nobody.address().unwrap());
    let absent = Target::new(&url).unwrap().suite(Profile::new());
    let outcome = absent.check(http::absent_key_answers_404);
    assert!(matches!(outcome.status, Status::Error { .. }), "{outcome}");
}

/// What is observed of a service that says this to everybody, and closes the connection.
fn observed_of(answer: String) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = BufReader::new(stream);
            let mut head = String::new();
            while stream.read_line(&mut head).is_ok_and(|read| read > 0)
                && !head.ends_with("\r\n\r\n")
            {}
            // A client that has read enough is gone.
            let _ = stream.get_mut().write_all(answer.as_bytes());
        }
    });
    match check(&url, http::absent_key_answers_404, PATIENCE).status {
        Status::Violation { breach, .. } => Ok(breach.observed),
        status => panic!("{}", status.name()),
    }
}

#[test]
fn what_is_no_http_is_told() {
    let closed = "the connection was closed without an answer";
    let malformed = "the chunks of the body are malformed";
    for (head, body, told) in [
        ("", "", closed),
        ("HTTP/1.1 404 None\r\nContent-Le", "", closed),
        ("HTTP/1.1 4o4 None\r\n\r\n", "", "4o4"),
        (
            "HTTP/1.1 404 None\r\nContent-Length: x\r\n\r\n",
            "",
            "Content-Length is no number",
        ),
        (
            "HTTP/1.1 404 None\r\nContent-Length: 5\r\n\r\n",
            "abc",
            "the body ended after 3 of 5 bytes",
        ),
        (
            "HTTP/1.1 404 None\r\nTransfer-Encoding: gzip\r\n\r\n",
            "",
            "Transfer-Encoding: gzip",
        ),
        (CHUNKED, "zz\r\n", malformed),
        (CHUNKED, "5\r\nabc", "the body ended after 3 of 5 bytes"),
        (CHUNKED, "3\r\nabcde0\r\n\r\n", malformed),
        (CHUNKED, "3\r\nabc\r\n", closed),
    ] {
        let observed = observed_of(format!("{head}{body}")).unwrap();
        assert!(observed.contains(told), "{head}{body}: {observed}");
    }
}

const CHUNKED: &str = "HTTP/1.1 404 None\r\nTransfer-Encoding: chunked\r\n\r\n";

#[test]
fn each_clause_names_a_passage_and_is_made_of_sentences() {
    for clause in clauses() {
        assert!(clause.behaviour.contains("RFC "), "{clause:?}");
        assert!(clause.needs.is_some(), "{clause:?}");
        for text in [clause.purpose, clause.behaviour, clause.fix] {
            assert!(
                text.ends_with('.') && !text.contains("  "),
                "{clause:?}: {text}"
            );
        }
    }
}
