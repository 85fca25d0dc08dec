//! The console sessions in the README come out as they stand there.

use std::{collections::HashMap, env, process::Command};

use crate::kv_service::KvService;

const README: &str = include_str!("../../README.md");

/// A command and what it answers.
#[derive(Debug)]
struct Example {
    command: String,
    answer: Vec<String>,
}

#[test]
fn the_readme_tells_what_happens() {
    if Command::new("curl").arg("--version").output().is_err() {
        assert!(env::var("CI").is_err(), "curl is not installed");
        eprintln!("not run: curl is not installed");
        return;
    }
    // The services that were started so far, by the port that the README gives them.
    let mut services = HashMap::new();
    let mut asked = 0;
    for example in examples() {
        if example.command.contains("kv-service --") {
            let (port, service) = start(&example.command);
            services.insert(port, service);
        } else {
            compare(&example, &services);
            asked += 1;
        }
    }
    assert!(asked > 10, "{asked} examples were found");
}

#[test]
fn the_readme_names_every_store() {
    let manifest = include_str!("../../Cargo.toml");
    let features: Vec<_> = manifest
        .lines()
        .filter_map(|line| line.split_once(" = [\"omni-kv-open?/"))
        .map(|(feature, _)| feature)
        .collect();
    assert!(features.len() > 5, "{features:?}");
    for feature in features {
        assert!(README.contains(&format!("`{feature}`")), "{feature}");
    }
}

fn examples() -> Vec<Example> {
    let sessions = README.split("```console\n").skip(1);
    let sessions = sessions.filter_map(|rest| rest.split("\n```").next());
    let joined = sessions.map(|session| session.replace("\\\n", ""));
    let mut examples = Vec::<Example>::new();
    for line in joined.flat_map(|session| session.lines().map(str::to_owned).collect::<Vec<_>>()) {
        match line.strip_prefix("$ ") {
            Some(command) => examples.push(Example {
                command: command.to_owned(),
                answer: Vec::new(),
            }),
            None => examples.last_mut().unwrap().answer.push(line),
        }
    }
    examples
}

/// Starts what such a line starts, on any port: `KV_TOKEN=s3cret kv-service --port 8001 &`.
fn start(command: &str) -> (String, KvService) {
    let (variables, arguments) = command.split_once("kv-service").unwrap();
    let variables: Vec<_> = variables
        .split_whitespace()
        .map(|variable| variable.split_once('=').unwrap())
        .collect();
    let mut words: Vec<_> = arguments.trim_end_matches('&').split_whitespace().collect();
    let named = words.iter().position(|word| *word == "--port").unwrap();
    let port: Vec<_> = words.drain(named..named + 2).collect();
    // That it listens on this machine alone is said anew by every test.
    words.retain(|word| !["--host", "127.0.0.1"].contains(word));
    (
        port[1].to_owned(),
        KvService::start_with(&words, &variables),
    )
}

fn compare(example: &Example, services: &HashMap<String, KvService>) {
    let mut command = example.command.clone();
    for (port, service) in services {
        let address = service.address().to_string();
        command = command.replace(&format!("localhost:{port}"), &address);
    }
    let output = Command::new("sh")
        .args(["-c", &format!("{command} --silent --show-error")])
        .env("no_proxy", "*")
        .output()
        .unwrap();
    let failed = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command}: {failed}");
    let said = String::from_utf8(output.stdout).unwrap();
    let said: Vec<_> = said.lines().map(str::trim_end).collect();
    // Of headers and counters the README shows those that are of interest, in their order; the
    // last line is the body as a whole.
    let mut rest = said.iter();
    for line in &example.answer {
        assert!(
            rest.any(|own| own == line),
            "{line:?} is not answered to {command}, but:\n{}",
            said.join("\n")
        );
    }
    assert_eq!(
        said.last().copied(),
        example.answer.last().map(String::as_str),
        "{command}"
    );
}
