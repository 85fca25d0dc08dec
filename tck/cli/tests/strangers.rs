//! Services that were written without this kit are judged as the docs say.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{env, path::Path, process::Command};

use omni_tck_servers::{Process, reply_to};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const DOCS: &str = include_str!("../../../docs/services.md");

#[test]
fn the_original_is_judged_as_the_docs_say() {
    let python = format!("{ROOT}/target/tools/original/bin/python");
    if Path::new(&python).exists() {
        judged(&python, "original");
    } else {
        assert!(env::var("CI").is_err(), "FastAPI is not installed");
        eprintln!("not run: FastAPI is not installed (see tests/scripts/original)");
    }
}

#[test]
fn the_stranger_is_judged_as_the_docs_say() {
    judged("python3", "stranger");
}

/// Starts the service that the docs start, does to it what they do, and compares what is said.
fn judged(python: &str, name: &str) {
    let file = format!("tests/strangers/{name}.py");
    let script = format!("{ROOT}/{file}");
    let service = Process::start(
        |port, _| {
            Ok([python, &script, &port.to_string()]
                .map(Into::into)
                .to_vec())
        },
        |address| {
            let reply = reply_to(address, "GET /health HTTP/1.0\r\n\r\n");
            reply.is_some_and(|reply| reply.contains("healthy"))
        },
    );
    let address = service.as_ref().unwrap().address().to_string();

    let (_, section) = DOCS.split_once(&format!("{file} ")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let (port, rest) = section.split_once(" &\n$ ").unwrap();
    let (session, rest) = rest.split_once("\n```").unwrap();
    let session = session.replace(&format!("127.0.0.1:{port}"), &address);
    let (command, listed) = session.split_once('\n').unwrap();
    let arguments = command.strip_prefix("cargo tck ").unwrap();
    let arguments = arguments.strip_suffix(" | grep -e ^✗ -e ^http:").unwrap();
    let said = tck(arguments.split(' '));
    let lines = said.lines().map(str::trim_end);
    let found: Vec<_> = lines
        .filter(|line| line.starts_with("✗") || line.starts_with("http:"))
        .collect();
    let listed: Vec<_> = listed.lines().collect();
    assert_eq!(found, listed, "docs/services.md says something else");

    let stories = rest.split("```text\n").skip(1);
    let stories = stories.map(|story| story.split("\n```").next().unwrap());
    let mut told = 0;
    for story in stories {
        let title = story.lines().next().unwrap();
        let (_, own) = said.split_once(&format!("\n{title}\n")).unwrap();
        let mut own = own.split("\n\n").next().unwrap().lines().map(steady);
        // What is left out is `…`; the rest comes in its order.
        for line in story.lines().skip(1).filter(|line| line.trim() != "…") {
            let line = steady(line);
            assert!(own.any(|own| own == line), "{line} in:\n{said}");
        }
        told += 1;
    }
    assert!(told > 0, "no violation is told");
}

fn tck<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tck")).args(words).output();
    let output = output.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    said
}

/// The line without what is another each time: how long it took, and what keys begin with.
fn steady(line: &str) -> String {
    let words: Vec<_> = line.split_whitespace().collect();
    let is_unit = |word: Option<&&str>| matches!(word, Some(&("µs" | "ms" | "s")));
    let steady = words.iter().enumerate().filter(|(index, word)| {
        let is_time = word.parse::<f64>().is_ok() && is_unit(words.get(index + 1));
        !is_time && !is_unit(Some(word))
    });
    let steady: Vec<_> = steady.map(|(_, word)| prefixed(word)).collect();
    steady.join(" ")
}

/// `tck-1f2e3d4c-a` as `tck-a`.
fn prefixed(word: &str) -> String {
    let mut parts = word.split("tck-");
    let mut steady = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        steady += "tck-";
        steady += part
            .trim_start_matches(|letter: char| letter.is_ascii_alphanumeric())
            .trim_start_matches('-');
    }
    steady
}
