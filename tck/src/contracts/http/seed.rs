//! What clients of the original service read in its answers.

use serde_json::{Value, json};

use crate::{
    answer::breach,
    check::Check,
    subject::Subject,
    wire::{Reply, Request},
};

/// Expects these members in the document. Others may stand beside them.
fn says(reply: &Reply, members: &Value) -> Check {
    if contains(&reply.document()?, members) {
        return Ok(());
    }
    Err(breach(
        format!("a document with {members}"),
        reply.shown(),
        reply.step,
    ))
}

fn contains(document: &Value, members: &Value) -> bool {
    match (document, members) {
        (Value::Object(document), Value::Object(members)) => members
            .iter()
            .all(|(name, member)| document.get(name).is_some_and(|own| contains(own, member))),
        _ => document == members,
    }
}

fn post(key: &str, value: &str) -> Request {
    Request::about("POST", key).document(key, value)
}

pub(super) async fn seed_health_says_healthy(service: &Subject) -> Check {
    let reply = service
        .ask(Request::to("GET", "/health"))
        .await?
        .is(&[200])?;
    says(&reply, &json!({"status": "healthy"}))
}

pub(super) async fn seed_write_says_that_it_is_stored(service: &Subject) -> Check {
    let stored = json!({"success": true, "message": "Value stored successfully"});
    let (key, other) = (service.key("a"), service.key("b"));
    let created = service.ask(post(&key, "1")).await?.is(&[201])?;
    says(&created, &stored)?;
    for request in [
        post(&key, "2"),
        Request::put(&key, "3"),
        Request::put(&other, "3"),
    ] {
        let reply = service.ask(request).await?.is(&[200, 201])?;
        says(&reply, &stored)?;
    }
    service.reads(&key, "3").await?;
    service.reads(&other, "3").await
}

pub(super) async fn seed_read_says_key_and_value(service: &Subject) -> Check {
    let key = service.key("a b");
    for value in ["null", "true", "1.5", "\"text\"", "[1,null]", "{\"a\":{}}"] {
        service.ask(post(&key, value)).await?.done()?;
        let reply = service.ask(Request::get(&key)).await?.is(&[200])?;
        reply.has_value(value)?;
        says(&reply, &json!({"success": true, "key": key}))?;
    }
    Ok(())
}

pub(super) async fn seed_delete_says_that_it_is_deleted(service: &Subject) -> Check {
    let key = service.key("a");
    service.ask(post(&key, "1")).await?.done()?;
    let reply = service.ask(Request::delete(&key)).await?.is(&[200])?;
    says(
        &reply,
        &json!({"success": true, "message": "Key deleted successfully"}),
    )?;
    service.reads_nothing(&key).await
}

pub(super) async fn seed_absent_key_is_named(service: &Subject) -> Check {
    let key = service.key("a");
    let detail = json!({"success": false, "error": format!("Key '{key}' not found")});
    for request in [Request::get(&key), Request::delete(&key)] {
        let reply = service.ask(request).await?.is(&[404])?;
        says(&reply, &json!({"detail": detail}))?;
    }
    Ok(())
}

pub(super) async fn seed_mismatch_is_named(service: &Subject) -> Check {
    let (key, other) = (service.key("a"), service.key("b"));
    let error = format!("Key in path '{key}' does not match key in body '{other}'");
    for method in ["POST", "PUT"] {
        let request = Request::about(method, &key).document(&other, "1");
        let reply = service.ask(request).await?.is(&[400])?;
        says(
            &reply,
            &json!({"detail": {"success": false, "error": error}}),
        )?;
    }
    service.reads_nothing(&key).await
}

pub(super) async fn seed_other_members_are_ignored(service: &Subject) -> Check {
    let key = service.key("a");
    let body = json!({"ttl": 5, "value": [1], "key": key, "extra": {"value": 2}});
    let request = Request::about("POST", &key).json(body.to_string());
    service.ask(request).await?.is(&[201])?;
    service.reads(&key, "[1]").await
}

pub(super) async fn seed_wrong_body_answers_400_or_422(service: &Subject) -> Check {
    let key = service.key("a");
    let documents = [
        "not json",
        "",
        "{\"value\":1}",
        "[1]",
        "{\"key\":1,\"value\":1}",
    ];
    let incomplete = json!({"key": key}).to_string();
    for document in documents.into_iter().chain([incomplete.as_str()]) {
        for method in ["POST", "PUT"] {
            let request = Request::about(method, &key).json(document);
            let reply = service.ask(request).await?.is(&[400, 422])?;
            let names_it = reply.document()?.get("detail").is_some();
            reply.meets(names_it, "a document with detail")?;
        }
    }
    service.reads_nothing(&key).await
}
