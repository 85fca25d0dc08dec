//! The answer to a name that does not exist.

use std::fmt;

/// How alike two names must be for one to be meant by the other.
const ALIKE: f64 = 0.7;

/// A name that does not exist, and the nearest one that does.
#[derive(Debug)]
pub(crate) struct UnknownName {
    kind: &'static str,
    name: String,
    nearest: Option<&'static str>,
    see: String,
}

impl UnknownName {
    pub(crate) fn new(
        kind: &'static str,
        name: &str,
        known: impl IntoIterator<Item = &'static str>,
        see: impl Into<String>,
    ) -> Self {
        let nearest = known
            .into_iter()
            .map(|known| (likeness(name, known), known))
            .filter(|(likeness, _)| *likeness > ALIKE)
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, known)| known);
        Self {
            kind,
            name: name.to_owned(),
            nearest,
            see: see.into(),
        }
    }
}

/// How alike a name is to a known one, or to what stands behind its `::`.
fn likeness(name: &str, known: &str) -> f64 {
    let last = known.rsplit("::").next().unwrap_or(known);
    strsim::jaro_winkler(name, known).max(strsim::jaro_winkler(name, last))
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            name,
            nearest,
            see,
        } = self;
        write!(f, "there is no {kind} `{name}`")?;
        match nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => write!(f, "; {see}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str) -> String {
        let known = [
            "kv_store::delete_is_idempotent",
            "kv_store::delete_removes_key",
            "cache::key_expires_after_ttl",
        ];
        UnknownName::new("clause", name, known, "`tck list` names them all").to_string()
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_right_one() {
        for name in [
            "kv_store::delete_is_idempotnet",
            "delete_is_idempotent",
            "kv-store::delete-is-idempotent",
        ] {
            assert!(
                message(name).ends_with("did you mean `kv_store::delete_is_idempotent`?"),
                "{name}"
            );
        }
    }

    #[test]
    fn a_name_like_no_other_is_answered_with_where_to_look() {
        assert_eq!(
            message("qqq"),
            "there is no clause `qqq`; `tck list` names them all"
        );
    }
}
