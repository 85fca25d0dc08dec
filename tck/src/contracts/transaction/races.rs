//! Many transactions side by side.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use tck_api::Transaction;

use crate::{
    answer::breach,
    check::Check,
    probe::{
        crowd::Action,
        race::Effort,
        retry::{number, retried},
    },
    recorder::Recorder,
    subject::Subject,
};

const CALLERS: usize = 6;
/// How often each of them does something: at least, and at the most where the store is quick.
pub(super) const TIMES: usize = 20;
const TIMES_AT_MOST: usize = 200;

/// How many read beside them, and how often at the most.
const READERS: usize = 3;
const READS: usize = 2_000;

const ACCOUNTS: usize = 5;
const BALANCE: i64 = 100;

pub(super) async fn increments_side_by_side_add_up(store: &Subject) -> Check {
    let key = store.key("counter");
    store.set(&key, "0").await.is(())?;
    let counter: Arc<str> = key.as_str().into();
    let added = store
        .crowd(vec![(); CALLERS], move |store, ()| {
            let key = Arc::clone(&counter);
            async move {
                let effort = Effort::LONG.begin();
                let mut added = 0;
                while added < TIMES || (added < TIMES_AT_MOST && !effort.is_over()) {
                    let add = async |transaction: &mut dyn Transaction| {
                        let next = number(transaction, &key).await? + 1;
                        let next = Bytes::from(next.to_string());
                        Ok(transaction.set(&key, next).await?)
                    };
                    retried(&store, add).await?;
                    added += 1;
                }
                Ok(added)
            }
        })
        .await?;
    let added = added.into_iter().sum::<Check<usize>>()?;
    store.holds(&key, added.to_string()).await
}

pub(super) async fn transfers_keep_the_sum(store: &Subject) -> Check {
    let accounts: Arc<[String]> = (0..ACCOUNTS)
        .map(|number| store.key(&number.to_string()))
        .collect();
    for account in accounts.iter() {
        store.set(account, BALANCE.to_string()).await.is(())?;
    }
    let (of_payers, of_readers) = (Arc::clone(&accounts), Arc::clone(&accounts));
    let mut seen = read_beside(
        store,
        CALLERS / 2,
        async move |store: &Recorder, caller| pay(store, &of_payers, caller).await,
        async move |store: &Recorder| {
            let balances = balances(store, &of_readers).await?;
            Ok((balances, store.last_step()))
        },
    )
    .await?;
    seen.push((
        balances(&store.recorded(), &accounts).await?,
        store.last_step(),
    ));
    let expected = BALANCE * ACCOUNTS as i64;
    let sum = |balances: &[i64]| balances.iter().sum::<i64>();
    match seen.iter().find(|(balances, _)| sum(balances) != expected) {
        None => Ok(()),
        Some((balances, step)) => Err(breach(
            format!("{ACCOUNTS} balances that add up to {expected} in every transaction"),
            format!("{balances:?}, which add up to {}", sum(balances)),
            *step,
        )),
    }
}

/// What is read, again and again, while others act.
pub(super) async fn read_beside<T: Send + 'static>(
    store: &Subject,
    actors: usize,
    act: impl AsyncFn(&Recorder, usize) -> Check + Clone + Send + 'static,
    read: impl AsyncFn(&Recorder) -> Check<T> + Clone + Send + 'static,
) -> Check<Vec<T>> {
    let acting = Arc::new(AtomicUsize::new(actors));
    let seen = store
        .crowd((0..actors + READERS).collect(), move |store, caller| {
            let (act, read, acting) = (act.clone(), read.clone(), Arc::clone(&acting));
            async move {
                let mut seen = Vec::new();
                if caller < actors {
                    let acted = act(&store, caller).await;
                    acting.fetch_sub(1, Ordering::SeqCst);
                    acted?;
                } else {
                    // Bounded, so that an act that hangs is seen to hang.
                    while acting.load(Ordering::SeqCst) > 0 && seen.len() < READS {
                        seen.push(read(&store).await?);
                    }
                }
                Ok(seen)
            }
        })
        .await?;
    let seen = seen.into_iter().collect::<Check<Vec<_>>>()?;
    Ok(seen.into_iter().flatten().collect())
}

pub(super) async fn plain_write_is_not_lost_to_a_commit(store: &Subject) -> Check {
    for keys in store.heats(Effort::LONG) {
        store.set_each(&keys, "before").await?;
        let (set, others) = keys.split_at(keys.len() / 3);
        let (deleted, leased) = others.split_at(others.len() / 2);
        overtaken(store, set, |key| Action::set(key, "plain")).await?;
        store.each_holds(set, Some("plain")).await?;
        overtaken(store, deleted, Action::delete).await?;
        store.each_holds(deleted, None).await?;
        let ttl = store.lasting();
        let lease = move |key: &str| Action::write(key, "plain".into(), ttl);
        overtaken(store, leased, lease).await?;
        store.each_holds(leased, Some("plain")).await?;
    }
    Ok(())
}

/// Changes each key by a transaction, and plainly at the same time.
async fn overtaken(
    store: &Subject,
    keys: &[String],
    plain: impl Fn(&str) -> Action + Clone + Send + 'static,
) -> Check {
    let answers = store
        .race_for(keys, vec![false, true], move |store, is_plain, key| {
            let plain = plain(&key);
            async move {
                if is_plain {
                    return plain.apply(&store).await;
                }
                let change =
                    async |transaction: &mut dyn Transaction| match transaction.get(&key).await? {
                        Some(value) if value == "before" => {
                            Ok(transaction.set(&key, Bytes::from("after")).await?)
                        }
                        _ => Ok(()),
                    };
                retried(&store, change).await
            }
        })
        .await?;
    answers.into_iter().flatten().collect()
}

/// Moves money between two accounts again and again.
async fn pay(store: &Recorder, accounts: &[String], caller: usize) -> Check {
    let effort = Effort::LONG.begin();
    for time in 0..TIMES_AT_MOST {
        if time >= TIMES && effort.is_over() {
            break;
        }
        let from = accounts.iter().cycle().skip(caller + time);
        let pair: Vec<_> = from.step_by(1 + time % 3).take(2).collect();
        let [from, to] = pair.as_slice() else {
            continue;
        };
        let transfer = async |transaction: &mut dyn Transaction| {
            let (rest, more) = (
                number(transaction, from).await? - 7,
                number(transaction, to).await? + 7,
            );
            transaction.set(from, Bytes::from(rest.to_string())).await?;
            Ok(transaction.set(to, Bytes::from(more.to_string())).await?)
        };
        retried(store, transfer).await?;
    }
    Ok(())
}

/// All balances, read in one transaction.
async fn balances(store: &Recorder, accounts: &[String]) -> Check<Vec<i64>> {
    let all = async |transaction: &mut dyn Transaction| {
        let mut balances = Vec::new();
        for account in accounts {
            balances.push(number(transaction, account).await?);
        }
        Ok(balances)
    };
    retried(store, all).await
}
