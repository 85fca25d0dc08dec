//! The keys: routed to, read, written, removed.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::{
    Fault,
    answers::{deleted, found, health, other_method, problem, stored},
    message::{Answer, LARGEST, Request},
    path, values,
};

#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) fault: Option<Fault>,
    entries: Mutex<HashMap<String, Entry>>,
    deleted: Mutex<HashSet<String>>,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    value: String,
    version: u64,
    end: Option<Instant>,
}

/// How long one that looks before it writes takes to turn round.
const TURN: Duration = Duration::from_millis(20);

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

    fn problem(&self, status: u16, error: &str) -> Answer {
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

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn alive(&self, entries: &HashMap<String, Entry>, key: &str) -> Option<Entry> {
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
            answer = answer.with("KV-TTL", (left.as_secs() + 1).to_string());
        }
        answer
    }

    fn write(&self, request: &Request, key: &str) -> Answer {
        if let Some(refused) = self.announced(request) {
            return refused;
        }
        let has = |fault| self.has(fault);
        let ttl = match request.header("kv-ttl").map(str::parse::<u64>) {
            None => None,
            Some(Ok(seconds)) if seconds > 0 && seconds < 1 << 32 => Some(seconds),
            Some(_) if has(Fault::TakesAnyTtl) => None,
            Some(_) => return self.problem(400, "KV-TTL is no time"),
        };
        let (named, value) = match values::read(&request.body, has) {
            Ok(document) => document,
            Err((_, error)) if has(Fault::FailsOnBodies) => return self.problem(500, error),
            Err((status, error)) => return self.problem(status, error),
        };
        if named != key {
            if has(Fault::WritesBeforeComparing) {
                self.put(&named, value);
            } else if has(Fault::IgnoresTheOtherKey) {
                self.put(key, value);
                return stored(200, has);
            }
            let error = format!("Key in path '{key}' does not match key in body '{named}'");
            return self.problem(400, &error);
        }
        if has(Fault::RefusesOtherMembers)
            && request.body.windows(7).any(|part| part == b"\"extra\"")
        {
            return self.problem(422, "there are other members");
        }
        let key = &path::kept(key, has);
        let before = self.alive(&self.lock(), key);
        if has(Fault::LooksThenWrites) {
            thread::sleep(TURN);
        }
        let mut entries = self.lock();
        let now = if has(Fault::LooksThenWrites) {
            before
        } else {
            self.alive(&entries, key)
        };
        let tag = now.as_ref().map(|entry| self.tag(entry));
        if let Some(status) = self.judged(request, tag.as_deref()) {
            let status = if status == 304 { 412 } else { status };
            return self.problem(status, "the condition does not hold");
        }
        let was_there = now.is_some();
        if was_there && has(Fault::SecondPutConflicts) && now.is_some_and(|now| now.value == value)
        {
            return self.problem(409, "it is there already");
        }
        let end = ttl.map(|seconds| Instant::now() + Duration::from_secs(seconds));
        let kept = entries.get(key).filter(|_| has(Fault::PutKeepsTtl));
        let end = end.or(kept.and_then(|entry| entry.end));
        let version = entries.get(key).map_or(1, |entry| entry.version + 1);
        entries.insert(
            key.clone(),
            Entry {
                value,
                version,
                end,
            },
        );
        drop(entries);
        self.told(request, was_there)
    }

    /// The answer to a write that was done.
    fn told(&self, request: &Request, was_there: bool) -> Answer {
        let is_post = request.method == "POST";
        let status = match was_there {
            false if self.has(Fault::PutCreates200) && !is_post => 200,
            true if self.has(Fault::PutReplaces201) && !is_post => 201,
            true if self.has(Fault::PostAlways201) && is_post => 201,
            was_there => {
                if was_there {
                    200
                } else {
                    201
                }
            }
        };
        let answer = stored(status, |fault| self.has(fault));
        match status == 201 && !(is_post && self.has(Fault::PostHasNoLocation)) {
            true => answer.with("Location", request.path.clone()),
            false => answer,
        }
    }

    fn put(&self, key: &str, value: String) {
        let (version, end) = (1, None);
        let entry = Entry {
            value,
            version,
            end,
        };
        self.lock().insert(key.to_owned(), entry);
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
        if !self.has(Fault::DeleteKeeps) {
            entries.remove(key);
        }
        deleted(|fault| self.has(fault))
    }

    /// What is wrong with the headers of a write.
    fn announced(&self, request: &Request) -> Option<Answer> {
        let whole = request.header("content-type").unwrap_or_default();
        let lower = whole.to_ascii_lowercase();
        let media_type = match self.has(Fault::MediaTypeIsExact) {
            true => whole,
            false => lower.split(';').next().unwrap_or_default(),
        };
        if media_type != "application/json" && !self.has(Fault::TakesAnyMediaType) {
            return Some(self.problem(415, "the body has to be JSON"));
        }
        if request.header("content-encoding").is_some() && !self.has(Fault::IgnoresCodings) {
            return Some(self.problem(415, "the body must not be encoded"));
        }
        if request.header("content-range").is_some() && !self.has(Fault::StoresParts) {
            return Some(self.problem(400, "a value is written as a whole"));
        }
        None
    }

    fn tag(&self, entry: &Entry) -> String {
        match () {
            () if self.has(Fault::TagsAreWeak) => {
                format!("W/\"{}-{}\"", entry.version, entry.value.len())
            }
            () if self.has(Fault::TagIsTheLength) => format!("\"{}\"", entry.value.len()),
            () => format!("\"v{}\"", entry.version),
        }
    }

    /// The status where a condition does not hold.
    fn judged(&self, request: &Request, tag: Option<&str>) -> Option<u16> {
        let conditions = super::conditions::Conditions {
            fault: self.fault,
            tag,
        };
        conditions.judge(request.header("if-match"), request.header("if-none-match"))
    }
}
