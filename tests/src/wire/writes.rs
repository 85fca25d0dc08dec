//! What is written, and how.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{
    Fault,
    answers::stored,
    keys::{Entry, Keys},
    message::{Answer, Request},
    path, values,
};

/// How long one that looks before it writes takes to turn round.
const TURN: Duration = Duration::from_millis(20);

impl Keys {
    pub(super) fn write(&self, request: &Request, key: &str) -> Answer {
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
        let unit = match has(Fault::MilliTtl) || has(Fault::MilliTtlTold) {
            true => Duration::from_millis,
            false => Duration::from_secs,
        };
        let end = ttl.map(|number| Instant::now() + unit(number));
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
}
