//! Wrong use of the macros is answered with one error, in plain words, at the user's line.
//!
//! Each file of `tests/compile-fail` marks the line with `//~` and words of the message.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic fails the test"
)]

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use omni_tck_tests::book::root;
use serde_json::Value;

/// What the compiler says of a file: the messages of its errors, each with its lines.
type Errors = BTreeMap<String, Vec<(String, Vec<u64>)>>;

#[test]
fn wrong_use_is_one_error_at_the_users_line() {
    let cases = root().join("tests/compile-fail");
    let errors = check(&cases);
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&cases).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let code = fs::read_to_string(&path).unwrap();
        let (line, words) = code
            .lines()
            .zip(1..)
            .find_map(|(text, line)| Some((line, text.split_once("//~ ")?.1)))
            .unwrap_or_else(|| panic!("{name}: no line is marked"));
        match errors.get(&name).map(Vec::as_slice) {
            Some([(message, lines)]) if message.contains(words) && lines.contains(&line) => {}
            other => wrong.push(format!(
                "{name}: expected `{words}` at line {line}, got {other:#?}"
            )),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Compiles all cases as tests of a crate whose only dev-dependency is the kit.
fn check(cases: &Path) -> Errors {
    let root = root().canonicalize().unwrap();
    let krate = root.join("target/compile-fail");
    fs::create_dir_all(krate.join("src")).unwrap();
    fs::write(krate.join("src/lib.rs"), "").unwrap();
    let mut manifest = format!(
        "[package]\nname = \"wrong-use\"\nversion = \"0.0.0\"\nedition = \"2024\"\nautotests = false\n\n\
         [dev-dependencies]\nomni-tck = {{ path = {:?}, features = [\"transaction\"] }}\n\n[workspace]\n",
        root.join("tck")
    );
    for entry in fs::read_dir(cases).unwrap() {
        let path = entry.unwrap().path().canonicalize().unwrap();
        let name = path.file_stem().unwrap().to_string_lossy();
        manifest += &format!("\n[[test]]\nname = {name:?}\npath = {path:?}\n");
    }
    fs::write(krate.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), krate.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args([
            "check",
            "--tests",
            "--keep-going",
            "--quiet",
            "--message-format",
            "json",
        ])
        .env("CARGO_TARGET_DIR", krate.join("target"))
        .env_remove("RUSTFLAGS")
        .current_dir(&krate)
        .output()
        .unwrap();
    let mut errors = Errors::new();
    for message in String::from_utf8(output.stdout).unwrap().lines() {
        let message: Value = serde_json::from_str(message).unwrap();
        let compiler = &message["message"];
        // The last word of the compiler is how many errors there were.
        if compiler["level"] == "error"
            && compiler["spans"]
                .as_array()
                .is_some_and(|spans| !spans.is_empty())
        {
            let target = message["target"]["name"].as_str().unwrap().to_owned();
            let error = (words(compiler), lines(compiler));
            errors.entry(target).or_default().push(error);
        }
    }
    assert!(
        !errors.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    errors
}

/// What the message says, without the code that it shows.
fn words(message: &Value) -> String {
    let labels = message["spans"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|span| &span["label"]);
    let notes = message["children"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|note| &note["message"]);
    let texts = [&message["message"]].into_iter().chain(labels).chain(notes);
    texts
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join("; ")
}

/// The lines of the user's file that a message points at, through macros as well.
fn lines(message: &Value) -> Vec<u64> {
    let mut lines = Vec::new();
    for span in message["spans"].as_array().into_iter().flatten() {
        let mut span = span;
        loop {
            if span["file_name"]
                .as_str()
                .is_some_and(|file| file.contains("compile-fail/") && file.ends_with(".rs"))
            {
                lines.extend(
                    span["line_start"].as_u64().unwrap()..=span["line_end"].as_u64().unwrap(),
                );
            }
            match &span["expansion"] {
                Value::Null => break,
                expansion => span = &expansion["span"],
            }
        }
    }
    lines
}
