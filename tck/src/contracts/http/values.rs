//! Values, to the last digit.

use crate::{check::Check, subject::Subject, wire::Request};

pub(super) async fn what_is_accepted_can_be_read(service: &Subject) -> Check {
    for (value, name) in [
        ("1e400", "a"),
        ("-1e400", "b"),
        ("[1e999]", "c"),
        ("\"\\ud800\"", "d"),
        ("{\"\\udc00\":1}", "e"),
        ("\"\\udc00\\ud800\"", "f"),
    ] {
        let key = service.key(name);
        let reply = service.ask(Request::put(&key, value)).await?;
        if reply.is_done() {
            // JSON has a form for it, but no reader that keeps to RFC 7493 takes it.
            let read = service.ask(Request::get(&key)).await?.is(&[200])?;
            read.document()?;
        } else {
            reply.refused()?;
            service.reads_nothing(&key).await?;
        }
    }
    Ok(())
}

pub(super) async fn numbers_are_kept_exactly(service: &Subject) -> Check {
    kept(
        service,
        &[
            "9007199254740991",
            "-9007199254740991",
            "0.1",
            "1.5e300",
            "5e-324",
            "1.7976931348623157e308",
            "0.30000000000000004",
            "123456789.12345678",
            "-0.0",
        ],
    )
    .await
}

pub(super) async fn numbers_beyond_doubles_are_kept_exactly(service: &Subject) -> Check {
    kept(
        service,
        &[
            "9007199254740993",
            "18446744073709551615",
            "-9223372036854775808",
            "12345678901234567890123",
            "0.12345678901234567890123",
        ],
    )
    .await
}

pub(super) async fn text_is_kept_exactly(service: &Subject) -> Check {
    kept(
        service,
        &[
            "\"\\u0000\"",
            "\" a \\t\\n\\r \"",
            "\"\\\"\\\\\\/\"",
            "\"\u{e9}\"",
            "\"e\u{301}\"",
            "\"\\ud83e\\udd80\"",
            "\"\u{1f980}\u{feff}\u{2028}\u{ffff}\"",
            "{\"\":1,\" \":2,\"\u{e9}\":3}",
            "\"%2F &amp; + <b>\"",
        ],
    )
    .await
}

async fn kept(service: &Subject, values: &[&str]) -> Check {
    let key = service.key("a");
    for value in values {
        service.store(&key, value).await?;
        service.reads(&key, value).await?;
    }
    Ok(())
}
