//! Many transactions side by side.

use std::sync::Arc;

use bytes::Bytes;
use tck_api::{Result, Transaction};

use crate::{
    answer::breach,
    check::Check,
    probe::{
        crowd::Action,
        transaction::{number, retried},
    },
    subject::Subject,
};

const CALLERS: usize = 6;
const TIMES: usize = 20;

const ACCOUNTS: usize = 5;
const BALANCE: i64 = 100;

pub(super) async fn increments_side_by_side_add_up(store: &Subject) -> Check {
    let key = store.key("counter");
    store.set(&key, "0").await.is(())?;
    let counter: Arc<str> = key.as_str().into();
    let answers = store
        .crowd(vec![(); CALLERS], move |store, ()| {
            let key = Arc::clone(&counter);
            async move {
                for _ in 0..TIMES {
                    let add = async |transaction: &mut dyn Transaction| {
                        let next = number(transaction, &key).await? + 1;
                        transaction.set(&key, Bytes::from(next.to_string())).await
                    };
                    retried(&store, add).await?;
                }
                Ok(())
            }
        })
        .await;
    answers.into_iter().collect::<Check>()?;
    store.holds(&key, (CALLERS * TIMES).to_string()).await
}

pub(super) async fn transfers_keep_the_sum(store: &Subject) -> Check {
    let accounts: Arc<[String]> = (0..ACCOUNTS)
        .map(|number| store.key(&number.to_string()))
        .collect();
    for account in accounts.iter() {
        store.set(account, BALANCE.to_string()).await.is(())?;
    }
    let all = Arc::clone(&accounts);
    let seen = store
        .crowd((0..CALLERS).collect(), move |store, caller: usize| {
            let accounts = Arc::clone(&all);
            async move {
                let mut seen = Vec::new();
                for time in 0..TIMES {
                    if caller.is_multiple_of(2) {
                        let from = accounts.iter().cycle().skip(caller + time);
                        let pair: Vec<_> = from.step_by(1 + time % 3).take(2).collect();
                        let [from, to] = pair.as_slice() else {
                            continue;
                        };
                        let pay = async |transaction: &mut dyn Transaction| {
                            let (rest, more) = (
                                number(transaction, from).await? - 7,
                                number(transaction, to).await? + 7,
                            );
                            transaction.set(from, Bytes::from(rest.to_string())).await?;
                            transaction.set(to, Bytes::from(more.to_string())).await
                        };
                        retried(&store, pay).await?;
                    } else {
                        let all = async |transaction: &mut dyn Transaction| {
                            balances(transaction, &accounts).await
                        };
                        seen.push(retried(&store, all).await?);
                    }
                }
                Ok(seen)
            }
        })
        .await;
    let mut seen = seen.into_iter().collect::<Check<Vec<_>>>()?.concat();
    let all = async |transaction: &mut dyn Transaction| balances(transaction, &accounts).await;
    seen.push(retried(&store.recorded(), all).await?);
    let expected = BALANCE * ACCOUNTS as i64;
    let sum = |balances: &Vec<i64>| balances.iter().sum::<i64>();
    match seen.iter().find(|balances| sum(balances) != expected) {
        None => Ok(()),
        Some(balances) => Err(breach(
            format!("{ACCOUNTS} balances that add up to {expected} in every transaction"),
            format!("{balances:?}, which add up to {}", sum(balances)),
            None,
        )),
    }
}

pub(super) async fn plain_write_is_not_lost_to_a_commit(store: &Subject) -> Check {
    for round in 0..TIMES {
        let key = store.key(&round.to_string());
        store.set(&key, "before").await.is(())?;
        let contested: Arc<str> = key.as_str().into();
        let answers = store
            .crowd(vec![true, false], move |store, plain| {
                let key = Arc::clone(&contested);
                async move {
                    if plain {
                        return Action::set(&key, "plain").apply(&store).await;
                    }
                    let change = async |transaction: &mut dyn Transaction| match transaction
                        .get(&key)
                        .await?
                    {
                        Some(value) if value == "before" => {
                            transaction.set(&key, Bytes::from("after")).await
                        }
                        _ => Ok(()),
                    };
                    retried(&store, change).await
                }
            })
            .await;
        answers.into_iter().collect::<Check>()?;
        store.holds(&key, "plain").await?;
    }
    Ok(())
}

async fn balances(transaction: &mut dyn Transaction, accounts: &[String]) -> Result<Vec<i64>> {
    let mut balances = Vec::new();
    for account in accounts {
        balances.push(number(transaction, account).await?);
    }
    Ok(balances)
}
