//! The command line does what the README says.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::process::{Command, Output};

use serde_json::Value;

fn tck(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tck"))
        .args(args)
        .output()
        .unwrap()
}

/// Those of stores and those of services.
fn all_clauses() -> impl Iterator<Item = &'static tck::Clause> {
    tck::clauses().chain(tck::http::CONTRACT.clauses.iter().copied())
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

fn json(args: &[&str]) -> Value {
    let output = tck(args);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn check_prints_each_clause_and_the_verdict() {
    let output = tck(&["check", "memory"]);
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    for clause in tck::clauses() {
        assert!(
            printed.contains(&format!("✓ {}", clause.name)),
            "{} in {printed}",
            clause.id
        );
    }
    let clauses = tck::clauses().count();
    let verdict = format!("memory: conformant. {clauses} clauses: {clauses} pass.");
    assert!(printed.trim_end().ends_with(&verdict), "{printed}");
}

#[test]
fn check_as_json_is_a_report_of_all_clauses() {
    let report = json(&["check", "memory", "--format", "json"]);
    assert_eq!(report["provider"], "memory");
    assert_eq!(report["verdict"], "conformant");
    let clauses = report["clauses"].as_array().unwrap();
    let ids: Vec<_> = clauses
        .iter()
        .map(|clause| clause["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        tck::clauses().map(|clause| clause.id).collect::<Vec<_>>()
    );
    assert!(clauses.iter().all(|clause| clause["outcome"] == "pass"));
    let totals: u64 = report["totals"]
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(totals, clauses.len() as u64);
    assert_eq!(report["totals"]["pass"], totals);
}

#[test]
fn list_names_every_clause() {
    let output = tck(&["list"]);
    let printed = text(&output.stdout);
    assert!(
        all_clauses().all(|clause| printed.contains(clause.id)),
        "{printed}"
    );
    let listed = json(&["list", "--format", "json"]);
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), all_clauses().count());
    for (row, clause) in listed.iter().zip(all_clauses()) {
        assert_eq!(row["id"], clause.id);
        assert_eq!(row["contract"], clause.contract);
        assert_eq!(row["level"], clause.level.to_string());
        assert_eq!(row["purpose"], clause.purpose);
        assert_eq!(row["behaviour"], clause.behaviour);
    }
}

#[test]
fn explain_tells_all_there_is_about_a_clause() {
    for clause in all_clauses() {
        let output = tck(&["explain", clause.id]);
        let printed = text(&output.stdout);
        for told in [clause.id, clause.purpose, clause.behaviour, clause.fix] {
            assert!(printed.contains(told), "{told} in {printed}");
        }
    }
    let explained = json(&[
        "explain",
        "kv_store::delete_is_idempotent",
        "--format",
        "json",
    ]);
    assert_eq!(explained["id"], "kv_store::delete_is_idempotent");
}

#[test]
fn a_wrong_name_is_answered_with_the_nearest_right_one() {
    for (args, answer) in [
        (
            ["check", "memroy"],
            "error: there is no provider `memroy`; did you mean `memory`?\n",
        ),
        (
            ["explain", "kv_store::delete_is_idempotant"],
            "error: there is no clause `kv_store::delete_is_idempotant`; did you mean `kv_store::delete_is_idempotent`?\n",
        ),
        (
            ["explain", "qqq"],
            "error: there is no clause `qqq`; `tck list` names them all\n",
        ),
        (
            ["explain", "dropped_call_leaves_old_or_new_value"],
            "error: there are several clauses of that name: kv_store::dropped_call_leaves_old_or_new_value, atomic::dropped_call_leaves_old_or_new_value\n",
        ),
        (
            ["check", "https://127.0.0.1:8000"],
            "error: the provider can't be opened: a check speaks HTTP without TLS: give it the address behind what ends TLS\n",
        ),
    ] {
        let output = tck(&args);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(text(&output.stderr), answer);
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn wrong_use_exits_with_2() {
    for args in [
        &["chekc", "memory"][..],
        &["check"],
        &["list", "--format", "yaml"],
        &[],
    ] {
        assert_eq!(tck(args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn a_file_is_checked_and_left_without_the_runs_of_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.db");
    {
        let database = std::sync::Arc::new(omni_kv_embedded::Database::open(&path).unwrap());
        let kv = omni_kv_embedded::KvStore::new(database);
        kv.database().begin_run(&"mine".into()).unwrap();
        kv.put(&"mine".into(), "key", 1.into()).unwrap();
    }
    let url = format!("embedded:{}", path.display());
    let report = json(&["check", &url, "--format", "json"]);
    assert_eq!(report["provider"], url);
    assert_eq!(report["verdict"], "conformant");
    let database = omni_kv_embedded::Database::open(&path).unwrap();
    assert_eq!(database.runs().unwrap(), ["mine".into()]);

    // And while it is open elsewhere it is no provider.
    let output = tck(&["check", &url]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the file is open elsewhere"));
}
