//! TLS, where a server speaks nothing else.

use std::time::{Duration, Instant};

use tck::{ErrorKind, KeyValueStore, Result};
use tokio::time::sleep;

use crate::{PATIENCE, Running, Tested, certificate, folder::Folder};

/// Stores and reads over TLS, and refuses a server whose certificate nobody vouches for.
///
/// # Panics
///
/// Where it does not.
pub async fn certificate_is_checked<S, R>(server: &Running, open: impl Fn(String) -> R) -> Tested
where
    S: KeyValueStore,
    R: Future<Output = Result<S>>,
{
    let url = server.url();
    let start = Instant::now();
    let store = loop {
        let stored = async {
            let store = open(url.to_owned()).await?;
            store.set("key", "value".into()).await?;
            Ok::<_, tck::Error>(store)
        };
        match stored.await {
            Err(_) if start.elapsed() < PATIENCE => sleep(Duration::from_millis(50)).await,
            stored => break stored?,
        }
    };
    assert_eq!(store.get("key").await?, Some("value".into()));

    let (server, options) = url.split_once('?').ok_or("the url names a certificate")?;
    let folder = Folder::new()?;
    certificate::make(folder.path())?;
    let other = folder.path().join("ca.pem");
    let others = options
        .split('&')
        .map(|option| match option.split_once('=') {
            Some((name @ ("ca" | "tlsCAFile"), _)) => format!("{name}={}", other.display()),
            _ => option.to_owned(),
        });
    let distrusting = format!("{server}?{}", others.collect::<Vec<_>>().join("&"));
    let refused = async { open(distrusting).await?.get("key").await };
    let refused = refused.await.map_err(|error| error.kind());
    assert_eq!(refused, Err(ErrorKind::Unavailable));
    Ok(())
}
