//! A store that is closed and opened again.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::{
    EmptyKey,
    check::Check,
    probe::{
        crowd::Action,
        keys::{length_of_long_keys, sized},
        payload::{large_value, pattern},
    },
    subject::Subject,
};

/// How often the store is opened and changed: what the first change has left has to outlive the
/// later ones.
const OPENINGS: usize = 4;

pub(super) async fn reopened_store_holds_the_same_data(store: &Subject) -> Check {
    let mut expected = Data::new();
    for opening in 0..OPENINGS {
        let alone = store.opened("reopened").await?;
        holds_exactly(&alone, &expected).await?;
        for (key, value) in changes(store, opening) {
            change(&alone, &mut expected, key, value).await?;
        }
        if opening == 0 {
            expected.extend(odd_keys(store, &alone).await?);
            race(store, &alone, &mut expected).await?;
        }
        crowd_changes(store, &alone, opening, &mut expected).await?;
        // The last to be done is a write or a delete.
        let value = opening.is_multiple_of(2).then(|| Bytes::from("last"));
        change(&alone, &mut expected, store.key("last"), value).await?;
    }
    // And once more, with nothing changed in between.
    for _ in 0..2 {
        let alone = store.opened("reopened").await?;
        holds_exactly(&alone, &expected).await?;
    }
    many_are_there(store).await?;
    // A store that locks its folder may have no two.
    match store.profile().second_handle {
        true => side_by_side(store).await,
        false => Ok(()),
    }
}

/// How many keys there are at least, and how often they are opened to no other end than one
/// write.
const MANY: usize = 1_100;
const AGAIN: usize = 10;

async fn many_are_there(store: &Subject) -> Check {
    let name = "reopened-many";
    let keys: Vec<_> = (0..MANY)
        .map(|index| store.key(&format!("many-{index}")))
        .collect();
    let all = || keys.iter().enumerate();
    let (each, large) = (store.key("each"), store.key("larger"));
    let limit = store.profile().largest_value.unwrap_or(usize::MAX);
    let value = pattern(limit.min(1 << 20));
    let alone = store.opened(name).await?;
    let sets = all().map(|(index, key)| Action::set(key, index.to_string()));
    alone.all_of(sets.collect()).await?;
    alone.set(&large, value.clone()).await.is(())?;
    drop(alone);
    let alone = store.opened(name).await?;
    let changes = all().filter_map(|(index, key)| match index % 3 {
        0 => None,
        1 => Some(Action::set(key, "changed")),
        _ => Some(Action::delete(key)),
    });
    alone.all_of(changes.collect()).await?;
    drop(alone);
    for opening in 0..AGAIN {
        let alone = store.opened(name).await?;
        alone.set(&each, opening.to_string()).await.is(())?;
    }
    let alone = store.opened(name).await?;
    alone.holds(&each, (AGAIN - 1).to_string()).await?;
    alone.holds(&large, value).await?;
    let reads = all().map(|(index, key)| match index % 3 {
        0 => Action::reads(key, Some(index.to_string().into())),
        1 => Action::reads(key, Some("changed".into())),
        _ => Action::reads(key, None),
    });
    alone.all_of(reads.collect()).await
}

/// Two namespaces that are open at the same time, and closed one after the other.
async fn side_by_side(store: &Subject) -> Check {
    let [one, other, both] = ["one", "other", "both"].map(|name| store.key(name));
    for (round, first) in ["round 0", "round 1"].into_iter().zip([true, false]) {
        let mut open = [
            store.opened("reopened-a").await?,
            store.opened("reopened-b").await?,
        ];
        for (key, alone) in [(&one, &open[0]), (&other, &open[1])] {
            alone.set(key, round).await.is(())?;
        }
        for (name, alone) in ["a", "b"].into_iter().zip(&open) {
            alone
                .set(&both, format!("{round} of {name}"))
                .await
                .is(())?;
        }
        open[0].set(&one, format!("{round}, later")).await.is(())?;
        if first {
            open.reverse();
        }
        let [last, gone] = open;
        drop(gone);
        drop(last);
        let [a, b] = [
            store.opened("reopened-a").await?,
            store.opened("reopened-b").await?,
        ];
        a.holds(&one, format!("{round}, later")).await?;
        a.holds(&both, format!("{round} of a")).await?;
        a.lacks(&other).await?;
        b.holds(&other, round).await?;
        b.holds(&both, format!("{round} of b")).await?;
        b.lacks(&one).await?;
    }
    Ok(())
}

/// Whoever wrote last is the last one after it as well.
async fn race(store: &Subject, alone: &Subject, expected: &mut Data) -> Check {
    let keys: Vec<_> = (0..16)
        .map(|index| store.key(&format!("raced-{index}")))
        .collect();
    let act = |caller: usize, key: &str| match caller {
        3 => Action::delete(key),
        _ => Action::set(key, format!("of {caller}")),
    };
    alone.meet_at(&keys, (0..4).collect(), act).await?;
    for key in keys {
        let held = alone.get(&key).await.ok()?;
        expected.insert(key, held);
    }
    Ok(())
}

type Data = BTreeMap<String, Option<Bytes>>;

async fn change(alone: &Subject, expected: &mut Data, key: String, value: Option<Bytes>) -> Check {
    match value.clone() {
        Some(value) => alone.set(&key, value).await.is(())?,
        None => alone.delete(&key).await.is(())?,
    }
    expected.insert(key, value);
    Ok(())
}

/// Those that the store holds: the others are another clause's matter.
async fn odd_keys(store: &Subject, alone: &Subject) -> Check<Data> {
    let mut held = Data::new();
    let long = ["1", "2"].map(|end| sized(store, length_of_long_keys(store), "x", end));
    let odd = [
        "line\nbreak",
        "a=b",
        "\"quoted\"",
        "tab\t",
        "NUL\0",
        "é語😀",
        "#",
        "a:b/c",
        // Names of files that become one another.
        "Key",
        "key",
        "a/b",
        "a_b",
        "a:b",
        "\u{e9}",
        "e\u{301}",
        "k",
        "k ",
        "Aa",
        "BB",
        "plumless",
        "buckeroo",
    ];
    let mut set = Vec::new();
    for key in odd.map(|name| store.key(name)).into_iter().chain(long) {
        if alone.set(&key, key.clone()).await.result.is_ok() {
            set.push(key);
        }
    }
    for key in set {
        let value = Some(Bytes::from(key.clone()));
        if matches!(alone.get(&key).await.result, Ok(held) if held == value) {
            held.insert(key, value);
        }
    }
    Ok(held)
}

async fn holds_exactly(alone: &Subject, expected: &Data) -> Check {
    let all = expected.iter();
    let holds = all.map(|(key, value)| Action::holds(key, value.clone()));
    alone.all_of(holds.collect()).await
}

/// What is set and deleted, in this order.
fn changes(store: &Subject, opening: usize) -> Vec<(String, Option<Bytes>)> {
    let key = |name: &str| store.key(name);
    let text = |value: &str| Some(Bytes::from(value.to_owned()));
    let of = |name: &str, opening: usize| store.key(&format!("{name}-{opening}"));
    let mut changes = vec![
        (key("each"), text(&format!("of opening {opening}"))),
        (of("new", opening), text("new")),
        (of("twice", opening), text("longer than the next")),
        (of("twice", opening), text("next")),
        (of("gone", opening), text("gone")),
        (of("gone", opening), None),
        (of("later", opening), text("deleted by the next opening")),
    ];
    if let Some(before) = opening.checked_sub(1) {
        changes.push((of("later", before), None));
    }
    let limit = store.profile().largest_value.unwrap_or(usize::MAX);
    match opening {
        0 => {
            changes.push((key("empty"), Some(Bytes::new())));
            changes.push((key("large"), Some(large_value(store))));
            changes.push((key("kept"), text("kept")));
            if store.profile().empty_key == EmptyKey::Accepted {
                changes.push((String::new(), text("of the empty key")));
            }
        }
        2 => changes.push((key("large"), Some(pattern(limit.min(20_000))))),
        _ => {}
    }
    changes
}

/// Many keys that come at the same moment, and most of which go.
async fn crowd_changes(
    store: &Subject,
    alone: &Subject,
    opening: usize,
    expected: &mut Data,
) -> Check {
    let keys = (0..12).map(|index| (index, store.key(&format!("crowd-{index}"))));
    let value = |index| Some(Bytes::from(format!("value {index}")));
    let changed: Vec<_> = match opening {
        0 => keys.map(|(index, key)| (key, value(index))).collect(),
        1 => {
            let most = keys.filter(|(index, _)| index % 4 != 0);
            most.map(|(_, key)| (key, None)).collect()
        }
        _ => return Ok(()),
    };
    let actions = changed.iter().map(|(key, value)| match value {
        Some(value) => Action::set(key, value.clone()),
        None => Action::delete(key),
    });
    alone.all_at_once(actions.collect()).await?;
    expected.extend(changed);
    Ok(())
}
