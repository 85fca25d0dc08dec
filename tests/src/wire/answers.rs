//! Answers that look the same wherever they are given.

use serde_json::{Value, json};

use super::{Fault, message::Answer};

/// All methods of a key.
const METHODS: [&str; 6] = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"];
/// Methods that are none of a key, and methods nonetheless.
const OTHERS: [&str; 3] = ["PATCH", "TRACE", "CONNECT"];

pub(super) fn problem(status: u16, error: &str, has: impl Fn(Fault) -> bool) -> Answer {
    if has(Fault::ErrorsArePlain) {
        return Answer::json(status, error).with("Content-Type", "text/plain");
    }
    let told = if has(Fault::ProblemsSay200) {
        200
    } else {
        status
    };
    let detail = json!({"success": false, "error": error});
    let mut document = json!({"type": "about:blank", "title": "Some", "status": told});
    if !has(Fault::NamesNoDetail) {
        document["detail"] = detail;
    }
    Answer::json(status, document.to_string()).with("Content-Type", "application/problem+json")
}

/// What a method that a resource does not have is answered; nothing where it has it.
pub(super) fn other_method(
    method: &str,
    is_key: bool,
    has: impl Fn(Fault) -> bool + Copy,
) -> Option<Answer> {
    let own: Vec<_> = METHODS
        .into_iter()
        .filter(|own| is_key || matches!(*own, "GET" | "HEAD" | "OPTIONS"))
        .filter(|own| *own != "HEAD" || !has(Fault::HeadIs405))
        .filter(|own| *own != "POST" || !has(Fault::PostIs405))
        .filter(|own| *own != "OPTIONS" || !has(Fault::OptionsIs405))
        .collect();
    let allow = match has(Fault::AllowsPostOnly) {
        true => "POST".to_owned(),
        false => own.join(", "),
    };
    if method == "OPTIONS" && own.contains(&"OPTIONS") {
        let short = has(Fault::OptionsForgetsHead);
        let allow = if short {
            allow.replace("HEAD, ", "")
        } else {
            allow
        };
        return Some(Answer::empty(204).with("Allow", allow));
    }
    if own.contains(&method) {
        return None;
    }
    let is_known = METHODS.contains(&method) || OTHERS.contains(&method);
    Some(match is_known || has(Fault::UnknownIs405) {
        true => problem(405, "not for this", has).with("Allow", allow),
        false => problem(501, "there is no such method", has),
    })
}

pub(super) fn health(has: impl Fn(Fault) -> bool) -> Answer {
    let status = if has(Fault::HealthSaysOk) {
        "ok"
    } else {
        "healthy"
    };
    Answer::json(200, json!({"status": status}).to_string())
}

pub(super) fn stored(status: u16, has: impl Fn(Fault) -> bool) -> Answer {
    let body = json!({"success": true, "message": "Value stored successfully"});
    let body = if has(Fault::WritesSayNothing) {
        Value::Null
    } else {
        body
    };
    Answer::json(status, body.to_string())
}

pub(super) fn deleted(has: impl Fn(Fault) -> bool) -> Answer {
    if has(Fault::DeleteAnswers204) {
        return Answer::empty(204);
    }
    let body = json!({"success": true, "message": "Key deleted successfully"});
    Answer::json(200, body.to_string())
}

pub(super) fn found(key: &str, value: &str, has: impl Fn(Fault) -> bool) -> Answer {
    let key = Value::from(key);
    let body = match has(Fault::ReadsSayValueAlone) {
        true => format!("{{\"value\":{value}}}"),
        false => format!("{{\"success\":true,\"key\":{key},\"value\":{value}}}"),
    };
    let answer = Answer::json(200, body).with("Cache-Control", "no-cache");
    let answer = match has(Fault::SaysHtml) {
        true => answer.with("Content-Type", "text/html"),
        false => answer,
    };
    match has(Fault::MayBeCached) {
        true => answer.without("Cache-Control"),
        false => answer,
    }
}
