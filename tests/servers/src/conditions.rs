//! What conditional writes have to bear: who loses an answer and asks again finds what was
//! written itself, and must not take it for somebody else's.

use std::time::Duration;

use tck::{Atomic, Result};

use crate::{
    Fault, Fronted, Tested,
    faults::{BOUNDED, bounded, fresh, is_failure, until_it_works, written},
};

const ROUNDS: usize = 8;

pub(crate) async fn lose_answers<R, K>(
    server: &Fronted,
    open: impl Fn(String, Duration, String) -> R,
) -> Tested
where
    R: Future<Output = Result<K>>,
    K: Atomic,
{
    let Fronted { proxy, url, .. } = server;
    let space = fresh("conditions");
    let store = until_it_works(async || open(url.clone(), BOUNDED, space.clone()).await).await?;
    for round in 0..ROUNDS {
        written(&store, "key", "before").await?;
        proxy.set(Fault::LoseNext);
        let absent = format!("absent {round}");
        is_not_refused(bounded(store.set_if_absent(&absent, "value".into())).await?)?;
        proxy.set(Fault::None);
        written(&store, "key", "before").await?;
        proxy.set(Fault::LoseNext);
        let changed = store.compare_and_set("key", b"before", "after".into());
        is_not_refused(bounded(changed).await?)?;
        proxy.set(Fault::None);
    }
    Ok(())
}

fn is_not_refused(answer: Result<bool>) -> Tested {
    match answer {
        Ok(true) => Ok(()),
        Ok(false) => Err("nobody was in the way, and it says so".into()),
        answer => is_failure(answer),
    }
}
