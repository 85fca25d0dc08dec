//! How a commit shows to those outside of it.

use tck_api::KeyValueStore;

use crate::{
    answer::{Answer, breach},
    check::Check,
    probe::{
        listing::{ALL, Walk, walk_through},
        race::rest_after,
    },
    recorder::Recorder,
    shown,
    subject::Subject,
};

/// How somebody outside sees the keys of a commit.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum View {
    Forwards,
    Backwards,
    Listed,
}

impl View {
    /// Those that a store offers.
    pub(crate) fn of(store: &Subject) -> &'static [Self] {
        match store.profile().listing {
            true => &[Self::Forwards, Self::Backwards, Self::Listed],
            false => &[Self::Forwards, Self::Backwards],
        }
    }

    /// Looks so often at the most whether one of the keys is new. Then all have to be.
    pub(crate) async fn is_whole(
        self,
        store: &Recorder,
        prefix: &str,
        keys: &[String],
        looks: usize,
    ) -> Check {
        for look in 0..looks {
            let is_there = match self {
                Self::Forwards => reads_whole(store, keys.iter()).await?,
                Self::Backwards => reads_whole(store, keys.iter().rev()).await?,
                Self::Listed => lists_whole(store, prefix, keys).await?,
            };
            if is_there {
                break;
            }
            rest_after(look);
        }
        Ok(())
    }
}

/// Where the first key is new, all are. Says whether it was.
async fn reads_whole(store: &Recorder, keys: impl Iterator<Item = &String>) -> Check<bool> {
    let mut is_new = false;
    for key in keys {
        let got = Answer::of(store.get(key).await, store);
        let is_old = matches!(&got.result, Ok(None))
            || matches!(&got.result, Ok(Some(value)) if value == "old");
        if !is_new && is_old {
            break;
        }
        got.is_value("new")?;
        is_new = true;
    }
    Ok(is_new)
}

/// Where one of the keys is listed, the next listing has all of them. Says whether it was.
async fn lists_whole(store: &Recorder, prefix: &str, keys: &[String]) -> Check<bool> {
    if walk_through(store, Walk::new(ALL), prefix)
        .await?
        .is_empty()
    {
        return Ok(false);
    }
    let listed = walk_through(store, Walk::new(ALL), prefix).await?;
    if listed == keys {
        return Ok(true);
    }
    let listed: Vec<_> = listed.iter().map(String::as_str).collect();
    let expected = "all keys of a commit of which one was listed before".to_owned();
    Err(breach(expected, shown::keys(&listed), store.last_step()))
}
