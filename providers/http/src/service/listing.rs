//! The keys, page by page.

use std::num::{IntErrorKind, NonZeroUsize};

use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    backend::Backend,
    pages,
    problem::{Answer, Problem},
};

/// How many keys a page has where nothing is said, and at the most.
const USUAL: NonZeroUsize = NonZeroUsize::new(100).expect("it is not zero");
const MOST: NonZeroUsize = NonZeroUsize::new(1_000).expect("it is not zero");

#[derive(Debug)]
struct Query {
    prefix: String,
    after: Option<String>,
    limit: NonZeroUsize,
    values: bool,
}

#[derive(Serialize)]
struct Listed<'l> {
    success: bool,
    keys: Vec<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<&'l RawValue>>,
    next: Option<&'l str>,
}

/// `GET` of the keys.
pub(crate) async fn page(backend: &Backend, query: Option<&str>) -> Result<Answer, Problem> {
    let query = Query::read(query.unwrap_or_default())?;
    let page = backend
        .list(
            &query.prefix,
            query.after.as_deref(),
            query.limit,
            query.values,
        )
        .await?;
    let values = page.items.iter().filter_map(|(_, value)| value.as_deref());
    let values: Result<Vec<&RawValue>, _> = values.map(serde_json::from_slice).collect();
    let values = values.map_err(Problem::unreadable)?;
    let listed = Listed {
        success: true,
        keys: page.items.iter().map(|(key, _)| key.as_str()).collect(),
        values: query.values.then_some(values),
        next: page.next.as_deref(),
    };
    serde_json::to_vec(&listed)
        .map(pages::json)
        .map_err(Problem::unreadable)
}

impl Query {
    fn read(text: &str) -> Result<Self, Problem> {
        let mut query = Self {
            prefix: String::new(),
            after: None,
            limit: USUAL,
            values: false,
        };
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let spaced = value.replace('+', " ");
            let value = percent_decode_str(&spaced).decode_utf8();
            let value = value.map_err(|_| Problem::bad_request(format!("{name} is not UTF-8")))?;
            let wrong = |what: &str| Problem::bad_request(format!("{name} is not {what}"));
            match name {
                "prefix" => query.prefix = value.into(),
                "after" => query.after = Some(value.into()),
                "limit" => {
                    query.limit = match value.parse::<NonZeroUsize>() {
                        Ok(limit) => limit.min(MOST),
                        Err(error) if *error.kind() == IntErrorKind::PosOverflow => MOST,
                        Err(_) => return Err(wrong("a number above zero")),
                    };
                }
                "values" => query.values = value.parse().map_err(|_| wrong("true or false"))?,
                _ => {
                    return Err(Problem::bad_request(format!(
                        "there is no parameter {name}"
                    )));
                }
            }
        }
        Ok(query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read() {
        let query = Query::read("prefix=a%2F+b&after=%C3%A9&limit=5000&values=true");
        let query = query.expect("it is well-formed");
        assert_eq!(
            (query.prefix.as_str(), query.after.as_deref()),
            ("a/ b", Some("é"))
        );
        assert_eq!((query.limit, query.values), (MOST, true));
        let any_number = Query::read("limit=99999999999999999999999");
        assert!(any_number.is_ok_and(|query| query.limit == MOST));
        assert!(Query::read("").is_ok_and(|query| query.limit == USUAL && query.after.is_none()));
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for text in [
            "limit=0",
            "limit=x",
            "limit=-1",
            "values=maybe",
            "prefx=a",
            "prefix=%FF",
        ] {
            assert!(Query::read(text).is_err(), "{text}");
        }
    }
}
