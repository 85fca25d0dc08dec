//! What stores have to bear whose keys are names in a tree, and whose listings are of names.

use std::num::NonZeroUsize;

use tck::Listing;

use crate::Tested;

/// Names of dots are other folders in a tree, and no key may be one. `longest` is the length of
/// the longest key.
pub async fn dots_are_kept(store: &impl Listing, longest: usize) -> Tested {
    let dots = ".".repeat(longest);
    for key in [".", "..", "a.", "a..", "a..b", "...", "a./b", &dots] {
        store.set(key, key.to_owned().into()).await?;
        assert_eq!(store.get(key).await?.as_deref(), Some(key.as_bytes()));
        assert_eq!(store.list(key, None, NonZeroUsize::MIN).await?.items, [key]);
        store.delete(key).await?;
        assert_eq!(store.get(key).await?, None);
    }
    Ok(())
}

/// A page that looks for keys that are there behind names that are not might ask for all of them,
/// one after the other. The store has a name that is `gone`, and nothing else.
pub async fn a_page_looks_at_no_more_names(store: &impl Listing) -> Tested {
    store.set("there", "value".into()).await?;
    let first = store.list("", None, NonZeroUsize::MIN).await?;
    assert_eq!(
        (first.items.len(), first.next.as_deref()),
        (0, Some("gone"))
    );
    let second = store.list("", Some("gone"), NonZeroUsize::MIN).await?;
    assert_eq!(
        (second.items, second.next),
        (vec!["there".to_owned()], None)
    );
    Ok(())
}
