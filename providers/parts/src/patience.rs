//! Calls that end in time.

use std::time::Duration;

use tck_api::{Error, Result};

/// The answer of the call, or [`Error::TimedOut`] where none comes within the limit.
pub async fn within<T>(limit: Duration, call: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(limit, call)
        .await
        .unwrap_or(Err(Error::TimedOut { after: limit }))
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tck_api::ErrorKind;

    use super::*;

    #[tokio::test]
    async fn a_call_ends_in_time() {
        let limit = Duration::from_millis(1);
        let hanging = within(limit, pending::<Result<()>>()).await;
        assert_eq!(
            hanging.map_err(|error| error.kind()),
            Err(ErrorKind::TimedOut)
        );
        let answered = within(limit, ready(Ok(7))).await;
        assert_eq!(answered.map_err(|error| error.kind()), Ok(7));
    }
}
