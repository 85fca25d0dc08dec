//! A store with exactly one fault.

use std::{fmt, time::Duration};

use tck::{
    Atomic, Bytes, CONTRACTS, Cache, Clause, Contract, Listing, Outcome, Profile, Result, Setup,
    Suite, Time, Transactional, capability, factory,
};

use crate::{
    clay::{Locate, Rules},
    faulty_codec::{Care, FaultyCodec},
    mutant_store::MutantStore,
    parts::{
        Begin, Close, Commit, CompareAndSet, DealDelete, DealGet, DealList, DealSet, Delete, Get,
        Has, List, Open, Pairs, Parts, Rollback, SetIfAbsent, SlowBegin, SlowCommit,
        SlowCompareAndSet, SlowDealGet, SlowDelete, SlowGet, SlowLease, SlowList, SlowSetIfAbsent,
        SlowWrite, Undo, Write,
    },
};

/// A store with exactly one fault, and the clauses that must catch it.
#[derive(Clone)]
pub struct Mutant {
    /// The name of the fault.
    pub name: &'static str,
    /// The fault, in a sentence.
    pub fault: &'static str,
    /// The clauses that must catch it.
    pub caught_by: Vec<&'static Clause>,
    declared: Rules,
    rules: Rules,
    patience: Duration,
    parts: Parts,
    codec: Option<FaultyCodec>,
}

/// The methods that replace a part: each has the name and the type of the field.
macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident: $part:ty,)*) => {
        $($(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $part) -> Self {
            self.parts.$name = $name.into();
            self
        })*
    };
}

impl Mutant {
    /// A correct store. The other methods give it its fault.
    #[must_use]
    pub fn new(name: &'static str, fault: &'static str, caught_by: &[&'static Clause]) -> Self {
        Self {
            name,
            fault,
            caught_by: caught_by.to_vec(),
            declared: Rules::NONE,
            rules: Rules::NONE,
            patience: Duration::from_secs(60),
            parts: Parts::CORRECT,
            codec: None,
        }
    }

    /// The store without a fault.
    #[must_use]
    pub fn control(rules: Rules) -> Self {
        Self::new("control", "none", &[]).rules(rules)
    }

    /// What it declares, and keeps to apart from its fault.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self.declares(rules)
    }

    /// What it declares and does not keep to.
    #[must_use]
    pub fn declares(mut self, declared: Rules) -> Self {
        self.declared = declared;
        self
    }

    /// How long the kit waits for it.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    parts! {
        /// Where namespaces and keys lie.
        locate: Locate,
        /// What happens when a namespace is opened of which nobody has a handle.
        reopen: Open,
        /// What happens when a handle is opened.
        open: Open,
        /// What happens a step later.
        opened: Open,
        /// How it gets. `has` follows.
        get: Get,
        /// How it asks.
        has: Has,
        /// How it sets plainly.
        set: Write,
        /// How it sets with a time to live.
        set_with_ttl: Write,
        /// How it deletes.
        delete: Delete,
        /// How it gets, in several steps.
        slow_get: SlowGet,
        /// How it sets plainly, in several steps.
        slow_set: SlowWrite,
        /// How it sets with a time to live, in several steps.
        slow_set_with_ttl: SlowLease,
        /// How it deletes, in several steps.
        slow_delete: SlowDelete,
        /// What happens when a handle is dropped.
        close: Close,
        /// What happens when the last handle on a namespace is dropped.
        shut: Close,
        /// How it lists. `list_with_values` follows.
        list: List,
        /// How it lists with values.
        list_with_values: Pairs,
        /// How it sets where nothing is.
        set_if_absent: SetIfAbsent,
        /// How it compares and sets.
        compare_and_set: CompareAndSet,
        /// How it lists, in several steps. `list_with_values` follows.
        slow_list: SlowList,
        /// How it sets where nothing is, in several steps.
        slow_set_if_absent: SlowSetIfAbsent,
        /// How it compares and sets, in several steps.
        slow_compare_and_set: SlowCompareAndSet,
        /// How a transaction begins.
        begin: Begin,
        /// How a transaction gets.
        deal_get: DealGet,
        /// How a transaction sets, with and without a time to live.
        deal_set: DealSet,
        /// How a transaction deletes.
        deal_delete: DealDelete,
        /// How a transaction lists.
        deal_list: DealList,
        /// How a transaction is committed.
        commit: Commit,
        /// How a transaction is committed, in several steps.
        slow_commit: SlowCommit,
        /// How a transaction begins, in several steps.
        slow_begin: SlowBegin,
        /// What a transaction does before it gets, in several steps.
        slow_deal_get: SlowDealGet,
        /// What happens when a transaction is rolled back.
        rollback: Undo,
        /// What a rollback answers.
        rollback_answer: Rollback,
        /// What happens when a transaction is dropped.
        dropped: Undo,
    }

    /// How it sets, with and without a time to live.
    #[must_use]
    pub fn write(self, write: Write) -> Self {
        self.set(write).set_with_ttl(write)
    }

    /// How it turns values into bytes and back.
    #[must_use]
    pub fn codec(
        mut self,
        encode: fn(serde_json::Value) -> Result<Bytes>,
        decode: fn(&Bytes) -> Result<serde_json::Value>,
    ) -> Self {
        self.codec = Some(FaultyCodec {
            encode,
            decode,
            care: Care::Equal,
        });
        self
    }

    /// What its codec looks at before it takes a value.
    #[must_use]
    pub(crate) fn care(mut self, care: Care) -> Self {
        if let Some(codec) = &mut self.codec {
            codec.care = care;
        }
        self
    }

    /// The suites that check it, in this kind of time, each call going through `wrap`.
    pub fn suites<S: Cache + Listing + Atomic + Transactional + 'static>(
        &self,
        time: Time,
        wrap: impl Fn(MutantStore) -> S + Clone + Send + Sync + 'static,
    ) -> Vec<Suite> {
        CONTRACTS
            .iter()
            .map(|contract| self.suite(contract, time, wrap.clone()))
            .collect()
    }

    /// What a clause comes to, in manual time.
    #[must_use]
    pub fn check(&self, clause: &'static Clause) -> Outcome {
        let contract = CONTRACTS
            .iter()
            .find(|contract| contract.name == clause.contract);
        let contract = contract.unwrap_or_else(|| unreachable!("{clause:?} is of some contract"));
        self.suite(contract, Time::Manual, |store| store)
            .check(clause)
    }

    fn suite<S: Cache + Listing + Atomic + Transactional + 'static>(
        &self,
        contract: &'static Contract,
        time: Time,
        wrap: impl Fn(MutantStore) -> S + Clone + Send + Sync + 'static,
    ) -> Suite {
        let (rules, parts) = (self.rules, self.parts);
        let factory = factory::<capability::All, _, _, _>(move |setup: Setup| {
            let opening = MutantStore::open(setup, rules, parts);
            let wrap = wrap.clone();
            async move { wrap(opening.await) }
        });
        Suite::new(contract, factory, self.profile(time))
    }

    fn profile(&self, time: Time) -> Profile {
        let mut profile = Profile::new()
            .time(time)
            .second_handle(true)
            .reopens(true)
            .cache(true)
            .listing(true)
            .atomic(true)
            .isolation(self.declared.isolation)
            .patience(self.patience)
            .empty_key(self.declared.empty_key)
            .zero_ttl(self.declared.zero_ttl);
        if let Some(bytes) = self.declared.longest_key {
            profile = profile.longest_key(bytes);
        }
        if let Some(bytes) = self.declared.largest_value {
            profile = profile.largest_value(bytes);
        }
        match self.codec {
            Some(codec) => profile.codec(codec),
            None => profile,
        }
    }
}

impl fmt::Debug for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutant")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
