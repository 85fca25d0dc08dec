//! The keys: routed to, read, written, removed.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{
    Fault,
    answers::{deleted, found, health, other_method, problem},
    message::{Answer, LARGEST, Request},
    path,
};

#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) fault: Option<Fault>,
    entries: Mutex<HashMap<String, Entry>>,
    deleted: Mutex<HashSet<String>>,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) value: String,
    pub(super) version: u64,
    pub(super) end: Option<Instant>,
}

impl Keys {
    pub(super) fn new(fault: Option<Fault>) -> Self {
        Self {
            fault,
            ..Self::default()
        }
    }

    pub(super) fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    pub(super) fn answer(&self, request: &Request) -> Answer {
        let answer = self.routed(request);
        match self.has(Fault::MayBeGuessedAt) {
            true => answer,
            false => answer.with("X-Content-Type-Options", "nosniff"),
        }
    }

    pub(super) fn problem(&self, status: u16, error: &str) -> Answer {
        problem(status, error, |fault| self.has(fault))
    }

    fn routed(&self, request: &Request) -> Answer {
        let has = |fault| self.has(fault);
        if request.header("host").is_none() && !has(Fault::NeedsNoHost) {
            return self.problem(400, "there is no Host");
        }
        if request.announced.is_some() {
            let status = if has(Fault::LimitAnswers500) {
                500
            } else {
                413
            };
            return self.problem(status, "the body is too large");
        }
        let path = request.path.split('?').next().unwrap_or_default();
        let Some(segment) = path.strip_prefix("/keys/") else {
            let refused = other_method(&request.method, false, has);
            return match path {
                "/health" => refused.unwrap_or_else(|| health(has)),
                "/.well-known/kv-capabilities" => Answer::json(
                    200,
                    format!(
                        "{{\"capabilities\":[\"atomic\",\"cache\"],\"largest_body\":{LARGEST}}}"
                    ),
                ),
                _ => self.problem(404, "there is nothing"),
            };
        };
        let key = match path::key(segment, has) {
            Ok(key) => key,
            Err(307) => {
                return Answer::empty(307).with("Location", format!("http://x/keys/{segment}"));
            }
            Err(status) => return self.problem(status, "there is no such key"),
        };
        if let Some(refused) = other_method(&request.method, true, has) {
            return refused;
        }
        match request.method.as_str() {
            "PUT" | "POST" => self.write(request, &key),
            "DELETE" => self.delete(request, &path::kept(&key, has)),
            _ => self.read(request, &path::kept(&key, has)),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn alive(&self, entries: &HashMap<String, Entry>, key: &str) -> Option<Entry> {
        let entry = entries.get(key)?;
        let is_over = entry.end.is_some_and(|end| end <= Instant::now());
        if is_over && !self.has(Fault::NeverExpires) {
            return None;
        }
        if entry.value == "null" && self.has(Fault::NullIsAbsent) {
            return None;
        }
        Some(entry.clone())
    }

    fn read(&self, request: &Request, key: &str) -> Answer {
        let entry = self.alive(&self.lock(), key);
        let is_head = request.method == "HEAD";
        let is_known = request.header("if-none-match").is_some();
        let Some(entry) = entry else {
            return match () {
                () if self.has(Fault::AbsentIs200) => found(key, "null", |fault| self.has(fault)),
                () if self.has(Fault::AbsentIs204) => Answer::empty(204),
                () if self.has(Fault::AbsentIs304) && is_known => Answer::empty(304),
                () if self.has(Fault::HeadIs200) && is_head => Answer::empty(200),
                () if self.has(Fault::HeadSeesTheDead) && is_head => {
                    match self.lock().contains_key(key) {
                        true => Answer::empty(200),
                        false => self.problem(404, "not found"),
                    }
                }
                () => self.problem(404, &format!("Key '{key}' not found")),
            };
        };
        let tag = self.tag(&entry);
        if let Some(status) = self.judged(request, Some(&tag)) {
            let bare = || Answer::empty(304).with("ETag", &tag);
            return match status {
                304 if self.has(Fault::NeverNotModified) => {
                    found(key, &entry.value, |f| self.has(f))
                }
                304 => bare(),
                status => self.problem(status, "the condition does not hold"),
            };
        }
        if serde_json::from_str::<serde_json::Value>(&entry.value).is_err() {
            return self.problem(500, "the value can't be read");
        }
        let mut answer = found(key, &entry.value, |fault| self.has(fault));
        if !(is_head && self.has(Fault::HeadHasNoTag)) {
            answer = answer.with("ETag", tag);
        }
        if let Some(end) = entry.end.filter(|_| !self.has(Fault::HidesTtl)) {
            let left = end.saturating_duration_since(Instant::now());
            let left = match self.has(Fault::MilliTtlTold) {
                true => left.as_millis() + 1,
                false => u128::from(left.as_secs()) + 1,
            };
            answer = answer.with("KV-TTL", left.to_string());
        }
        answer
    }

    fn delete(&self, request: &Request, key: &str) -> Answer {
        let mut entries = self.lock();
        let Some(entry) = self.alive(&entries, key) else {
            let mut gone = self.deleted.lock().unwrap_or_else(PoisonError::into_inner);
            let again = self.has(Fault::DeleteRemembers) && !gone.insert(key.to_owned());
            let status = if again { 410 } else { 404 };
            return self.problem(status, &format!("Key '{key}' not found"));
        };
        if !self.has(Fault::DeletesAnyway)
            && self.judged(request, Some(&self.tag(&entry))).is_some()
        {
            return self.problem(412, "the condition does not hold");
        }
        let keeps_slashes = self.has(Fault::DeleteKeepsSlashes) && key.contains('/');
        if !self.has(Fault::DeleteKeeps) && !keeps_slashes {
            entries.remove(key);
        }
        deleted(|fault| self.has(fault))
    }

    pub(super) fn tag(&self, entry: &Entry) -> String {
        match () {
            () if self.has(Fault::TagsAreWeak) => {
                format!("W/\"{}-{}\"", entry.version, entry.value.len())
            }
            () if self.has(Fault::TagIsTheLength) => format!("\"{}\"", entry.value.len()),
            () => format!("\"v{}\"", entry.version),
        }
    }

    /// The status where a condition does not hold.
    pub(super) fn judged(&self, request: &Request, tag: Option<&str>) -> Option<u16> {
        let conditions = super::conditions::Conditions {
            fault: self.fault,
            tag,
        };
        conditions.judge(request.header("if-match"), request.header("if-none-match"))
    }
}
