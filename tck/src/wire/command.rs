//! How a request looks in a story, and the command line that repeats it.

use super::{Request, Target, request::Framing};

/// What is shown of a body.
const HEAD: usize = 48;
/// The largest body that a command line repeats.
const REPEATED: usize = 1_000;

impl Request {
    /// The request, shortened.
    pub(crate) fn shown(&self) -> String {
        let mut shown = format!("{} {}", self.method, shortened(&self.path));
        for (name, value) in &self.headers {
            if *name != "Content-Type" || value != "application/json" {
                shown += &format!(" {name}: {}", shortened(value));
            }
        }
        if let Some(body) = &self.body {
            shown += match self.framing {
                Framing::Length => " ",
                Framing::Chunks => " in chunks ",
                Framing::Expected => " when wanted ",
            };
            shown += &body_shown(body);
        }
        shown
    }

    /// A line for `curl`, where it can do the same. The token is left to the environment.
    pub(crate) fn command(&self, target: &Target) -> Option<String> {
        let body = self.body.as_deref().unwrap_or_default();
        if body.len() > REPEATED || !self.has_host {
            return None;
        }
        let mut line = "curl -i --path-as-is".to_owned();
        line += &match self.method.as_str() {
            "GET" => String::new(),
            "HEAD" => " --head".to_owned(),
            method => format!(" -X {method}"),
        };
        line += &format!(" {}", quoted(format!("{target:?}{}", self.path).as_bytes()));
        if target.token.is_some() {
            line += " -H \"Authorization: Bearer $TOKEN\"";
        }
        for (name, value) in &self.headers {
            // A header of nothing would be left out, were it not for the semicolon.
            let header = match value.as_str() {
                "" => format!("{name};"),
                value => format!("{name}: {value}"),
            };
            line += &format!(" -H {}", quoted(header.as_bytes()));
        }
        if self.body.is_some() {
            // Otherwise curl says that it is a form.
            if !self.headers.iter().any(|(name, _)| *name == "Content-Type") {
                line += " -H 'Content-Type:'";
            }
            if self.framing == Framing::Chunks {
                line += " -H 'Transfer-Encoding: chunked'";
            }
            line += &format!(" --data-binary {}", quoted(body));
        }
        Some(line)
    }
}

/// The beginning of a body, and its length where that is not all.
pub(crate) fn body_shown(body: &[u8]) -> String {
    if body.is_empty() {
        return "an empty body".to_owned();
    }
    let text = match str::from_utf8(body) {
        Ok(text) => {
            let head: String = text.chars().take(HEAD + 1).collect();
            head.escape_debug().to_string().replace("\\\"", "\"")
        }
        Err(_) => {
            let head = body.get(..=HEAD).unwrap_or(body);
            head.escape_ascii().to_string()
        }
    };
    match text.char_indices().nth(HEAD) {
        Some((end, _)) => {
            let head = text.get(..end).unwrap_or(&text);
            format!("{head}… {} bytes", body.len())
        }
        None => text,
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(2 * HEAD) {
        Some((end, _)) => format!("{}… {} bytes", text.get(..end).unwrap_or(text), text.len()),
        None => text.to_owned(),
    }
}

/// An argument for a shell.
fn quoted(argument: &[u8]) -> String {
    match str::from_utf8(argument) {
        Ok(text) if !text.contains(|c: char| c == '\'' || c.is_control()) => format!("'{text}'"),
        _ => format!("$'{}'", argument.escape_ascii()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_says_all_but_the_token() {
        let target = Target::new("http://localhost:8").unwrap().token("s3cret");
        let request = Request::put("a b", "1").with("If-None-Match", "*");
        assert_eq!(
            request.command(&target).unwrap(),
            "curl -i --path-as-is -X PUT 'http://localhost:8/keys/a%20b' \
             -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \
             -H 'If-None-Match: *' --data-binary '{\"key\":\"a b\",\"value\":1}'"
        );
        let odd = Request::to("PUT", "/keys/a").body(b"'\xff".to_vec());
        assert!(
            odd.command(&target)
                .unwrap()
                .ends_with(r"--data-binary $'\'\xff'")
        );
        assert_eq!(
            Request::head("a")
                .command(&target)
                .map(|line| line.contains("--head")),
            Some(true)
        );
        assert_eq!(Request::get("a").without_host().command(&target), None);
        let nothing = Request::get("a").with("KV-TTL", "").command(&target);
        assert!(nothing.unwrap().ends_with(" -H 'KV-TTL;'"));
    }

    #[test]
    fn a_request_is_shown_in_one_line() {
        let request = Request::put("a", "1").with("If-None-Match", "*");
        assert_eq!(
            request.shown(),
            r#"PUT /keys/a If-None-Match: * {"key":"a","value":1}"#
        );
        let long = Request::to("PUT", "/keys/a").body(vec![b'x'; 100]);
        assert_eq!(
            long.shown(),
            format!("PUT /keys/a {}… 100 bytes", "x".repeat(48))
        );
        assert_eq!(body_shown(b"\xff\n"), r"\xff\n");
    }
}
