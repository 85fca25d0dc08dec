//! Keys in paths.

use super::Fault;

/// The key of a segment, or the status where there is none.
pub(super) fn key(segment: &str, has: impl Fn(Fault) -> bool) -> Result<String, u16> {
    let resolved;
    let mut segment = segment;
    if has(Fault::RedirectsSlashes) && segment.len() > 1 && segment.ends_with('/') {
        return Err(307);
    }
    if has(Fault::ResolvesDots) {
        let decoded = segment.replace("%2F", "/");
        let mut parts = Vec::new();
        for part in decoded.split('/') {
            match part {
                "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        resolved = parts.join("%2F");
        segment = &resolved;
    }
    if segment.is_empty() || segment.contains('/') {
        return Err(404);
    }
    let decoded = decoded(segment, &has)?;
    if has(Fault::RoutesDecodedPaths) && decoded.contains('/') {
        return Err(404);
    }
    match has(Fault::DecodesTwice) {
        true => self::decoded(&decoded, &has).or(Ok(decoded)),
        false => Ok(decoded),
    }
}

fn decoded(segment: &str, has: &impl Fn(Fault) -> bool) -> Result<String, u16> {
    let mut bytes = Vec::new();
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits: Vec<_> = rest.by_ref().take(2).collect();
                let number = str::from_utf8(&digits).ok();
                let number = number.filter(|text| text.len() == 2 && !text.starts_with('+'));
                let number = number.and_then(|text| u8::from_str_radix(text, 16).ok());
                number.ok_or(400_u16)?
            }
            b'+' if has(Fault::PlusIsABlank) => b' ',
            byte => byte,
        });
    }
    match String::from_utf8(bytes) {
        Ok(key) => Ok(key),
        Err(error) if has(Fault::ReplacesBytes) => {
            Ok(String::from_utf8_lossy(error.as_bytes()).into_owned())
        }
        Err(_) => Err(400),
    }
}

/// The key as an entry is kept under it.
pub(super) fn kept(key: &str, has: impl Fn(Fault) -> bool) -> String {
    match () {
        () if has(Fault::FoldsKeys) => key.to_lowercase(),
        () if has(Fault::TrimsKeys) => key.trim().to_owned(),
        () if has(Fault::CutsKeys) => key.chars().take(255).collect(),
        () => key.to_owned(),
    }
}
