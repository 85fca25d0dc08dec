//! The `atomic` contract: what callers of an [`Atomic`](crate::Atomic) may rely on.

mod conditions;
mod dropping;
mod expiry;
mod listing;
mod races;
mod reopening;
mod sharing;

use crate::clause::contract;

contract! {
    ($) atomic as __tck_atomic:
    "What callers of writes on a condition rely on: looking and writing are one step, and a write that does not happen changes nothing."

    conditions::set_if_absent_stores_where_nothing_is Must {
        purpose: "Locks, leases and first registrations are this call. One that overwrites gives the lock to two.",
        behaviour: "Calls `set_if_absent` on a missing key, then again with other values and with the same one. The first stores, the others answer false and leave what is there. It stores all 256 bytes and a large value as well.",
        fix: "Insert where the key is absent, in one step, and answer whether it was.",
    }
    conditions::set_if_absent_stores_again_after_a_delete Must {
        purpose: "A lock that was released must be free for the next.",
        behaviour: "Sets, deletes and calls `set_if_absent` several times. It stores each time.",
        fix: "Leave nothing of a deleted entry that counts as present.",
    }
    conditions::compare_and_set_replaces_the_expected_value Must {
        purpose: "Without it no caller can update what others update too.",
        behaviour: "Replaces values by `compare_and_set` in a chain: short, empty, with all 256 bytes, large, and by itself. Each answers true and is there.",
        fix: "Compare with the value that is stored now, and write in the same step.",
    }
    conditions::compare_and_set_leaves_any_other_value Must {
        purpose: "A comparison that is less than exact overwrites what somebody else has written.",
        behaviour: "Expects near-twins of what is stored: another case, a prefix, one byte more, the last or the middle byte of a large value, the value before, the new value. Each answers false and changes nothing.",
        fix: "Compare all bytes: no hash, no length, no text form, no version that is not the value's own.",
    }
    conditions::compare_and_set_stores_nothing_where_nothing_is Must {
        purpose: "An update of what is gone must not bring it back.",
        behaviour: "Calls `compare_and_set` on a key that was never set and on a deleted one, with the last value and with an empty one as expected. Each answers false, and the key stays missing.",
        fix: "A missing key equals no value, not even the empty one.",
    }
    conditions::empty_value_is_present Must {
        purpose: "A lock that holds an empty value is held.",
        behaviour: "Stores an empty value, calls `set_if_absent`, and replaces the empty value by `compare_and_set`. The first answers false, the second true.",
        fix: "Ask whether the key is there, not whether its value is empty.",
    }
    conditions::conditions_tell_keys_apart Must {
        purpose: "A condition that looks at another key is none.",
        behaviour: "Calls both on keys that differ in case, in a blank, in a sign, behind a NUL, in Unicode form or, long ones, in their last byte. Each key has its own value.",
        fix: "Encode keys on these paths just as on the others.",
    }
    conditions::what_can_not_be_held_is_refused Must {
        purpose: "A limit that holds for `set` alone is none.",
        behaviour: "Calls both with a value and with a key over the declared limits, and with the empty key where it is refused. They answer `TooLarge` or `InvalidKey`, and nothing changes. What is just within the limits is held and can be expected, and the empty key is held where it is accepted. To expect a value over the limit answers false.",
        fix: "Check keys and values on these paths as on the others.",
    }
    races::one_of_many_sets_an_absent_key Must {
        purpose: "Two callers who both believe they hold the lock destroy what it protects.",
        behaviour: "Many callers call `set_if_absent` on the same key at the same time. Exactly one is told true, and its value is there.",
        fix: "Use the backend's own conditional write, or look and write under one lock.",
    }
    races::one_of_many_replaces_a_value Must {
        purpose: "Of two updates to the same value the second must see the first.",
        behaviour: "Many callers replace the same value at the same time. Exactly one is told true, and its value is there.",
        fix: "Compare and write in one step of the backend.",
    }
    races::no_update_is_lost Must {
        purpose: "Counters, balances and stock are kept this way.",
        behaviour: "Many callers read a counter and add one by `compare_and_set` until it succeeds. The counter holds the sum.",
        fix: "Compare and write in one step of the backend, and answer true only where it was written.",
    }
    races::deleted_key_is_not_brought_back Must {
        purpose: "What was deleted while an update was under way must not come back by it.",
        behaviour: "Replaces a value and deletes the key at the same time, many times. Whichever comes first, the key is missing afterwards. Deletes a key while others set it where it is absent: it is there afterwards if they were told that they have set it, and only then.",
        fix: "Delete under the same lock, or with the same conditional write, as comparing.",
    }
    races::plain_write_is_not_lost_to_a_condition Must {
        purpose: "Whoever sets plainly is told that it is done. A conditional write that overtakes it undoes it.",
        behaviour: "Sets a key plainly or with a time to live and calls `compare_and_set` or `set_if_absent` on it at the same time, many times. Whichever comes first, that value is there afterwards.",
        fix: "Let plain writes take the same lock, or the same conditional write, as comparing.",
    }
    races::plain_writes_count_as_changes Must {
        purpose: "Not every caller uses conditions. A comparison with something that a plain write does not touch misses it.",
        behaviour: "Sets plainly between reading and `compare_and_set`, to another value and back again, and deletes and sets anew. Only the value that is there counts.",
        fix: "Keep nothing beside the value for the comparison, or keep it on every write.",
    }
    dropping::dropped_call_leaves_old_or_new_value Must {
        purpose: "Whoever waits for a lock gives up at some time. That must not cost the value that is there.",
        behaviour: "Begins `set_if_absent` and `compare_and_set` and drops them after one to six steps. Later reads answer the old or the new value, and the key can be written, plainly and on a condition.",
        fix: "Compare and write in one step: never delete first, and reserve no key by an empty value.",
    }
    expiry::write_that_does_not_happen_keeps_the_ttl Must needs cache {
        purpose: "A failed attempt to take a lock must neither prolong nor cut the lease of its holder.",
        behaviour: "Calls both in vain on a key with a time to live. It is there until late in its life, and gone after it.",
        fix: "Touch the deadline only where the value is written.",
    }
    expiry::write_that_happens_never_expires Must needs cache {
        purpose: "A value that is set without a time to live has none, whatever was there before.",
        behaviour: "Replaces a value that has a time to live, and stores one where another has expired. Both outlive what was there.",
        fix: "Remove the old deadline with the old value.",
    }
    expiry::expired_value_is_absent Must needs cache {
        purpose: "A lease that has run out is free to take, and an update of what has expired must not bring it back.",
        behaviour: "After the time to live `compare_and_set` with the expired value answers false, and `set_if_absent` stores, the expired value as well, for one of many who call it at the same time. A comparison spares what others set meanwhile. A write with a time to live changes the value for `compare_and_set` as any other.",
        fix: "Look at the deadline before the condition, in the same step.",
    }
    listing::conditional_writes_show_in_listings Must needs listing {
        purpose: "Whoever looks for locks to clean up, or for registrations to serve, lists them. One that is missing there is never found.",
        behaviour: "Stores keys by `set_if_absent`, replaces values by `compare_and_set`, deletes and stores again, and calls both in vain. Each listing shows the keys of the moment, and each key its value.",
        fix: "Let writes on a condition take the same way to the index as plain ones, and only where they happen.",
    }
    sharing::conditions_hold_across_handles Must needs second_handle {
        purpose: "Locks are taken by different processes.",
        behaviour: "Calls both on two handles in turn, and by callers of both at the same moment. Each sees what the other has written and deleted, also by reads and listings, and one wins.",
        fix: "Leave the comparison to the backend, and keep no copy in a handle.",
    }
    sharing::other_namespaces_do_not_count Must needs second_handle {
        purpose: "One tenant's lock must not lock out another.",
        behaviour: "Calls both on the same key in two namespaces. Neither counts for the other.",
        fix: "Make the namespace part of the key on these paths as well.",
    }
    reopening::reopened_store_holds_what_conditions_wrote Must needs reopens {
        purpose: "A lock that is forgotten when the store is opened again is taken by two.",
        behaviour: "Calls `set_if_absent` and `compare_and_set`, lets go of its only handle, and opens the namespace again, twice. What they wrote is there for good, over a lease too, what they did not write is not, what came plainly after them is the last, and later conditions see it.",
        fix: "Write down what a condition has let through as any other write.",
    }
}
