//! Many transactions side by side.

use std::sync::Arc;

use bytes::Bytes;
use tck_api::Transaction;

use crate::{
    answer::breach,
    check::Check,
    probe::transaction::{number, retried},
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
    let sums = store
        .crowd((0..CALLERS).collect(), move |store, caller: usize| {
            let accounts = Arc::clone(&all);
            async move {
                let mut sums = Vec::new();
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
                        let add_up = async |transaction: &mut dyn Transaction| {
                            let mut sum = 0;
                            for account in accounts.iter() {
                                sum += number(transaction, account).await?;
                            }
                            Ok(sum)
                        };
                        sums.push(retried(&store, add_up).await?);
                    }
                }
                Ok(sums)
            }
        })
        .await;
    let mut sums = sums.into_iter().collect::<Check<Vec<_>>>()?.concat();
    let add_up = async |transaction: &mut dyn Transaction| {
        let mut sum = 0;
        for account in accounts.iter() {
            sum += number(transaction, account).await?;
        }
        Ok(sum)
    };
    sums.push(retried(&store.recorded(), add_up).await?);
    let expected = BALANCE * ACCOUNTS as i64;
    match sums.into_iter().find(|sum| *sum != expected) {
        None => Ok(()),
        Some(sum) => Err(breach(
            format!("a sum of {expected} in every transaction"),
            format!("{sum}"),
            None,
        )),
    }
}
