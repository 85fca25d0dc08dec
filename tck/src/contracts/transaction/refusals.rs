//! What the checks of conflicts expect of transactions that are too late.

use crate::{
    Isolation,
    answer::breach,
    check::{Check, Stop},
    probe::transaction::Attempt,
    subject::Subject,
};

/// Expects that a transaction which has read what is no more can't write on.
pub(super) async fn is_refused(
    store: &Subject,
    reading: Attempt<'_>,
    key: &str,
    value: &str,
) -> Check {
    if reading.finishes(&[(key, value)]).await? {
        return Err(not_refused(store));
    }
    Ok(())
}

/// Expects a conflict of a transaction that builds on what it has listed, unless a lower level
/// is declared.
pub(super) async fn is_refused_unless_lower(
    store: &Subject,
    listing: Attempt<'_>,
    key: &str,
) -> Check {
    let done = listing.finishes(&[(key, "built on it")]).await?;
    if done && store.profile().isolation == Isolation::Serializable {
        return Err(not_refused(store));
    }
    Ok(())
}

/// Of two transactions of which each has read what the other writes, one succeeds, unless
/// a lower level is declared.
pub(super) async fn at_odds(
    store: &Subject,
    (one, its_write): (Attempt<'_>, (&str, &str)),
    (other, others_write): (Attempt<'_>, (&str, &str)),
) -> Check {
    if store.profile().isolation == Isolation::Snapshot {
        one.finishes(&[its_write]).await?;
        other.finishes(&[others_write]).await?;
        return Ok(());
    }
    store
        .one_succeeds((one, &[its_write]), (other, &[others_write]))
        .await
        .map(drop)
}

pub(super) fn not_refused(store: &Subject) -> Stop {
    breach(
        "Err(conflict: …)".to_owned(),
        "Ok(())".to_owned(),
        store.last_step(),
    )
}
