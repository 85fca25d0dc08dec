//! All mutants, by what their fault is about.
//!
//! A new fault goes into the file whose subject it is; nothing else has to be touched.

mod basics;
mod bystanders;
mod codecs;
mod committed_leases;
mod comparisons;
mod condition_handles;
mod condition_lifetimes;
mod condition_limits;
mod condition_listings;
mod condition_races;
mod conditions;
mod crossing_writes;
mod crowds;
mod documents;
mod dropped_calls;
mod dropped_commits;
mod dropped_retries;
mod envelopes;
mod expiry;
mod handle_memories;
mod handle_races;
mod handles;
mod hashes;
mod json;
mod key_encoding;
mod key_length;
mod key_mismatches;
mod key_patterns;
mod key_races;
mod large_values;
mod late_removals;
mod lease_overwrites;
mod lease_races;
mod lease_views;
mod listing_changes;
mod listing_ends;
mod listing_halves;
mod listing_orders;
mod listing_pages;
mod listing_prefixes;
mod listing_scope;
mod listing_sizes;
mod listing_terms;
mod listing_values;
mod listings;
mod marks;
mod namespace_handles;
mod namespace_names;
mod namespaces;
mod overtaking;
mod pieces;
mod races;
mod read_caches;
mod refusals;
mod renewal;
mod reopened_orders;
mod reopened_promises;
mod reopening;
mod repeats;
mod reserved_keys;
mod shared_leases;
mod timers;
mod transaction_conditions;
mod transaction_conflicts;
mod transaction_expiry;
mod transaction_leases;
mod transaction_lifetimes;
mod transaction_listings;
mod transaction_locks;
mod transaction_moments;
mod transaction_omissions;
mod transaction_races;
mod transaction_reads;
mod transaction_rollbacks;
mod transaction_scopes;
mod transaction_snapshots;
mod transaction_terms;
mod transaction_values;
mod transaction_versions;
mod transaction_views;
mod transaction_writes;
mod transactions;
mod ttl_limits;
mod ttl_rounding;
mod value_absence;
mod value_content;
mod value_size;

use crate::Mutant;

/// Every mutant there is.
#[must_use]
pub fn all() -> Vec<Mutant> {
    [
        basics::mutants(),
        read_caches::mutants(),
        key_encoding::mutants(),
        key_mismatches::mutants(),
        reserved_keys::mutants(),
        key_length::mutants(),
        key_patterns::mutants(),
        refusals::mutants(),
        value_content::mutants(),
        value_absence::mutants(),
        value_size::mutants(),
        pieces::mutants(),
        crowds::mutants(),
        hashes::mutants(),
        races::mutants(),
        key_races::mutants(),
        bystanders::mutants(),
        large_values::mutants(),
        lease_races::mutants(),
        late_removals::mutants(),
        dropped_calls::mutants(),
        dropped_retries::mutants(),
        dropped_commits::mutants(),
        handles::mutants(),
        crossing_writes::mutants(),
        ttl_rounding::mutants(),
        expiry::mutants(),
        timers::mutants(),
        renewal::mutants(),
        lease_overwrites::mutants(),
        ttl_limits::mutants(),
        envelopes::mutants(),
        documents::mutants(),
        codecs::mutants(),
        namespaces::mutants(),
        namespace_names::mutants(),
        namespace_handles::mutants(),
        listings::mutants(),
        listing_prefixes::mutants(),
        listing_orders::mutants(),
        listing_pages::mutants(),
        listing_changes::mutants(),
        listing_halves::mutants(),
        listing_scope::mutants(),
        listing_values::mutants(),
        conditions::mutants(),
        condition_limits::mutants(),
        comparisons::mutants(),
        condition_lifetimes::mutants(),
        condition_races::mutants(),
        condition_listings::mutants(),
        condition_handles::mutants(),
        transactions::mutants(),
        transaction_values::mutants(),
        transaction_rollbacks::mutants(),
        transaction_scopes::mutants(),
        transaction_moments::mutants(),
        transaction_conflicts::mutants(),
        transaction_locks::mutants(),
        transaction_snapshots::mutants(),
        transaction_races::mutants(),
        transaction_conditions::mutants(),
        transaction_listings::mutants(),
        transaction_lifetimes::mutants(),
        handle_memories::mutants(),
        handle_races::mutants(),
        reopening::mutants(),
        reopened_promises::mutants(),
        reopened_orders::mutants(),
        overtaking::mutants(),
        listing_ends::mutants(),
        repeats::mutants(),
        transaction_terms::mutants(),
        transaction_leases::mutants(),
        transaction_versions::mutants(),
        lease_views::mutants(),
        transaction_views::mutants(),
        transaction_reads::mutants(),
        transaction_omissions::mutants(),
        committed_leases::mutants(),
        transaction_expiry::mutants(),
        transaction_writes::mutants(),
        shared_leases::mutants(),
        listing_sizes::mutants(),
        listing_terms::mutants(),
    ]
    .concat()
}
