//! What a store is made of, and what a mutant replaces in it.

use std::{future::Future, num::NonZeroUsize, pin::Pin, sync::Arc, time::Duration};

use tck::{Bytes, Page, Result};

use crate::{
    clay::{Hand, Locate, exactly},
    deal::Deal,
};

pub(crate) type Get = fn(&Hand, &str) -> Result<Option<Bytes>>;
pub(crate) type Has = fn(&Hand, &str) -> Result<bool>;
pub(crate) type Write = fn(&Hand, &str, Bytes, Option<Duration>) -> Result<()>;
pub(crate) type Delete = fn(&Hand, &str) -> Result<()>;
pub(crate) type Open = fn(&mut Hand);
pub(crate) type Slow<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;
pub(crate) type SlowGet = fn(Arc<Hand>, String) -> Slow<Option<Bytes>>;
pub(crate) type SlowWrite = fn(Arc<Hand>, String, Bytes) -> Slow<()>;
pub(crate) type SlowLease = fn(Arc<Hand>, String, Bytes, Duration) -> Slow<()>;
pub(crate) type SlowDelete = fn(Arc<Hand>, String) -> Slow<()>;
pub(crate) type Close = fn(&Hand);
pub(crate) type List = fn(&Hand, &str, Option<&str>, NonZeroUsize) -> Result<Page<String>>;
pub(crate) type Pairs =
    fn(&Hand, &str, Option<&str>, NonZeroUsize) -> Result<Page<(String, Bytes)>>;
pub(crate) type SetIfAbsent = fn(&Hand, &str, Bytes) -> Result<bool>;
pub(crate) type CompareAndSet = fn(&Hand, &str, &[u8], Bytes) -> Result<bool>;
pub(crate) type SlowList =
    fn(Arc<Hand>, prefix: String, after: Option<String>, limit: NonZeroUsize) -> Slow<Page<String>>;
pub(crate) type SlowSetIfAbsent = fn(Arc<Hand>, String, Bytes) -> Slow<bool>;
pub(crate) type SlowCompareAndSet = fn(Arc<Hand>, String, Bytes, Bytes) -> Slow<bool>;
pub(crate) type Begin = fn(&Arc<Hand>) -> Deal;
pub(crate) type DealGet = fn(&mut Deal, &str) -> Result<Option<Bytes>>;
pub(crate) type DealSet = fn(&mut Deal, &str, Bytes, Option<Duration>) -> Result<()>;
pub(crate) type DealDelete = fn(&mut Deal, &str) -> Result<()>;
pub(crate) type DealList = fn(&mut Deal, &str, Option<&str>, NonZeroUsize) -> Result<Page<String>>;
pub(crate) type Commit = fn(&mut Deal) -> Result<()>;
pub(crate) type SlowCommit = fn(Deal) -> Slow<()>;
pub(crate) type SlowBegin = fn(Arc<Hand>) -> Slow<Deal>;
pub(crate) type SlowDealGet = fn(Arc<Hand>, String) -> Slow<()>;
pub(crate) type Rollback = fn(&mut Deal) -> Result<()>;
pub(crate) type Undo = fn(&mut Deal);

/// Each operation of a store: one function, or one that takes several steps and then counts.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) locate: Locate,
    pub(crate) reopen: Open,
    pub(crate) open: Open,
    pub(crate) opened: Option<Open>,
    pub(crate) get: Get,
    pub(crate) has: Has,
    pub(crate) set: Write,
    pub(crate) set_with_ttl: Write,
    pub(crate) delete: Delete,
    pub(crate) slow_get: Option<SlowGet>,
    pub(crate) slow_set: Option<SlowWrite>,
    pub(crate) slow_set_with_ttl: Option<SlowLease>,
    pub(crate) slow_delete: Option<SlowDelete>,
    pub(crate) close: Close,
    pub(crate) shut: Close,
    pub(crate) list: List,
    pub(crate) list_with_values: Option<Pairs>,
    pub(crate) slow_list: Option<SlowList>,
    pub(crate) set_if_absent: SetIfAbsent,
    pub(crate) compare_and_set: CompareAndSet,
    pub(crate) slow_set_if_absent: Option<SlowSetIfAbsent>,
    pub(crate) slow_compare_and_set: Option<SlowCompareAndSet>,
    pub(crate) begin: Begin,
    pub(crate) deal_get: DealGet,
    pub(crate) deal_set: DealSet,
    pub(crate) deal_delete: DealDelete,
    pub(crate) deal_list: DealList,
    pub(crate) commit: Commit,
    pub(crate) slow_commit: Option<SlowCommit>,
    pub(crate) slow_begin: Option<SlowBegin>,
    pub(crate) slow_deal_get: Option<SlowDealGet>,
    pub(crate) rollback: Undo,
    pub(crate) rollback_answer: Rollback,
    pub(crate) dropped: Undo,
}

impl Parts {
    /// Those of the correct store.
    pub(crate) const CORRECT: Self = Self {
        locate: exactly,
        reopen: |_| (),
        open: |_| (),
        opened: None,
        get: Hand::get,
        has: Hand::has,
        set: Hand::write,
        set_with_ttl: Hand::write,
        delete: Hand::delete,
        slow_get: None,
        slow_set: None,
        slow_set_with_ttl: None,
        slow_delete: None,
        close: |_| (),
        shut: |_| (),
        list: Hand::list,
        list_with_values: None,
        slow_list: None,
        set_if_absent: Hand::set_if_absent,
        compare_and_set: Hand::compare_and_set,
        slow_set_if_absent: None,
        slow_compare_and_set: None,
        begin: Deal::new,
        deal_get: Deal::get,
        deal_set: Deal::set,
        deal_delete: Deal::delete,
        deal_list: Deal::list,
        commit: Deal::commit,
        slow_commit: None,
        slow_begin: None,
        slow_deal_get: None,
        rollback: |_| (),
        rollback_answer: |_| Ok(()),
        dropped: |_| (),
    };
}
