//! The `cache` contract: what callers of a [`Cache`](crate::Cache) may rely on.

mod basics;
mod crowds;
mod expiry;
mod limits;
mod renewal;
mod reopening;

use crate::clause::contract;

contract! {
    ($) cache as __tck_cache:
    "What callers of a cache rely on: an entry lives exactly as long as it was told to."

    basics::set_and_get_value_without_ttl Must {
        purpose: "Without a time to live a cache is a store. What was set plainly must not vanish.",
        behaviour: "Sets a key plainly, lets time pass, long where time costs nothing, and reads it. The value is there.",
        fix: "Give a plain `set` no deadline, and no default one either.",
    }
    basics::get_non_existent_key_is_a_cache_miss Must {
        purpose: "A miss tells the caller to fetch. An error tells it that the cache is down.",
        behaviour: "Gets a key that was never set. The answer is `Ok(None)`.",
        fix: "Turn the backend's «not found» into `Ok(None)`; keep errors for a backend that failed.",
    }
    basics::key_expires_after_ttl Must {
        purpose: "Expiry is what a cache is for. An entry that outlives its time is served stale.",
        behaviour: "Sets a key with a time to live, lets that and the declared resolution pass, and gets it. It is missing.",
        fix: "Keep the deadline with the entry and compare on every read; do not wait for a clean-up. With `time: Manual`, go by `setup.clock()`.",
    }
    basics::delete_removes_key_before_expiry Must {
        purpose: "Callers invalidate before the time is over, when the data has changed.",
        behaviour: "Sets a key with a long time to live and deletes it. It is missing at once, and can be set again.",
        fix: "Remove the entry together with its deadline.",
    }
    basics::set_overwrites_existing_value_and_ttl Must {
        purpose: "A new write brings its own time to live. A deadline left over from before serves stale data.",
        behaviour: "Sets a key with a long time to live, then again with a short one, to another value and to the same. It is gone after the short time.",
        fix: "Replace the deadline together with the value.",
    }
    basics::values_with_a_ttl_are_exact Must {
        purpose: "Stores often wrap a value that expires. The wrapping must not show.",
        behaviour: "Sets all 256 bytes, nothing, and what looks like an envelope, with a time to live. Each comes back exactly and counts as present.",
        fix: "Keep the deadline beside the value, or frame it by length and not by its looks.",
    }
    expiry::key_is_alive_until_late_in_its_life Must {
        purpose: "An entry that goes early sends callers to the slow backend for nothing.",
        behaviour: "Sets a key, shortly after the same write and after another key got as long a time to live, and reads it late in its life, on every path; a large value as well, and a time of 1.6 seconds where it has to be waited for. It is there, and gone in the end. Only answers that provably came in time are judged.",
        fix: "Round a time to live up and never down, and count it from the write on.",
    }
    expiry::expired_key_is_absent_on_every_read_path Must {
        purpose: "A key that `has` reports and `get` misses makes callers act on a state that never was.",
        behaviour: "Lets keys expire, an empty and a large value among them, and asks every read path, in either order. None shows them.",
        fix: "Compare the deadline wherever an entry is looked at.",
    }
    expiry::many_keys_expire_each_at_its_own_time Must {
        purpose: "Deadlines belong to single entries. A sweep must not take along what is still alive.",
        behaviour: "Sets keys with different times to live and plain ones among them, in no order. After each deadline exactly those are gone whose time is over.",
        fix: "Order clean-up by deadline, and check each entry before it is removed.",
    }
    expiry::nothing_resurrects_an_expired_entry Must {
        purpose: "Expired data that comes back is the worst kind of stale.",
        behaviour: "Overwrites a plain value with one that expires, and lets it. Neither value is seen again, not after more reads, more time, a delete, or another expiry.",
        fix: "Replace what an entry held before; keep no older version for when the newer one ends.",
    }
    expiry::expiring_one_key_leaves_the_others_alone Must {
        purpose: "The end of one entry must not show at another.",
        behaviour: "Lets one key expire among neighbours with similar names. They keep their values.",
        fix: "Remove exactly the entry whose deadline has passed.",
    }
    renewal::plain_set_clears_the_ttl Must {
        purpose: "What is set plainly is to stay. A deadline left over from before deletes it.",
        behaviour: "Sets keys with a time to live, then plainly, a large value among them, and lets that time pass, and a year where that costs nothing. The plain values are still there.",
        fix: "Drop the deadline, and any timer, with every plain `set`.",
    }
    renewal::longer_ttl_replaces_a_shorter_one Must {
        purpose: "Renewing a session must let it live longer.",
        behaviour: "Sets a key with a short time to live, then with a long one. It is alive after the short one and gone after the long one. Meanwhile another is set plainly, and a third, which got its time at the same moment, stays.",
        fix: "Replace the deadline with every write, the later as well as the earlier.",
    }
    renewal::same_value_again_renews_the_ttl Must {
        purpose: "A write that changes nothing in the value still renews its time.",
        behaviour: "Sets a key to the same value five times with a time to live, each time before the last one ends. It lives its full time from each write on.",
        fix: "Do not skip a write because the value is the same.",
    }
    renewal::reading_does_not_extend_the_ttl Must {
        purpose: "Otherwise data that is asked for often never expires.",
        behaviour: "Reads a key on every path, again and again, until its time is over. It is gone then.",
        fix: "Leave the deadline alone on reads.",
    }
    renewal::ttl_does_not_outlive_its_entry Must {
        purpose: "A timer left behind by a deleted entry deletes the next one under that key.",
        behaviour: "Sets a key with a time to live, deletes it, sets it plainly or with a longer time, and lets the first time pass. The new value is still there. A short time after a long one that was deleted or set over ends as any other.",
        fix: "Cancel the timer with the entry, or compare the entry's own deadline before removing it.",
    }
    renewal::overwriting_an_expired_key_stores_anew Must {
        purpose: "After a miss the caller fetches and sets. That write must not inherit the old end.",
        behaviour: "Lets a key expire, sets it plainly and lets time pass; then lets it expire again and sets it with a time to live of its own. A shorter value leaves nothing of a longer one that has expired, and what is set plainly stays a year, where that costs nothing.",
        fix: "Treat a key whose time is over as absent when it is written.",
    }
    renewal::deleting_an_expired_key_succeeds Must {
        purpose: "Clean-up does not know what has expired already.",
        behaviour: "Lets a key expire and deletes it twice. Both answer `Ok(())`, it stays missing, and can be set again.",
        fix: "Answer Ok when the key is absent, whatever the reason.",
    }
    limits::ttl_below_the_resolution_is_neither_zero_nor_forever Must {
        purpose: "A short time to live that is rounded to zero means «for ever» to many backends.",
        behaviour: "Sets keys with times to live below the declared resolution, down to a nanosecond, and lets the resolution pass. They are gone, and those that provably still lived were there.",
        fix: "Round up to the backend's unit, never down to nothing.",
    }
    limits::zero_ttl_follows_the_declared_policy Must {
        purpose: "Backends disagree on zero: gone, for ever, or an error. What holds has to be known.",
        behaviour: "Sets a key with a time to live of zero, over nothing, over a value and over a time to live. It is gone, stays, or is refused and changes nothing, as declared.",
        fix: "Handle zero before the backend sees it, and declare `zero_ttl`.",
    }
    limits::very_long_ttl_neither_overflows_nor_ends_early Must {
        purpose: "Long times to live overflow counters: 25 days of milliseconds, 30 days of seconds, the year 2038.",
        behaviour: "Sets keys with times to live from 20 days to the longest duration there is. All are there, also after weeks where time costs nothing. The longest may be refused as invalid, and then change nothing.",
        fix: "Calculate in 64 bits and saturate; treat what can't be counted as far away.",
    }
    limits::limits_hold_with_a_ttl_as_without Must {
        purpose: "A second way to write must not be a way around the limits.",
        behaviour: "Sets the empty key, keys of the longest declared length and a byte more, and a value of the limit and over it, each with a time to live. They are held or refused as by a plain `set`, and the empty key ends alone.",
        fix: "Check key and value in one place, for both ways to write.",
    }
    limits::keys_with_a_ttl_are_told_apart_exactly Must {
        purpose: "A key that is encoded in another way when it expires is another key, or somebody else's.",
        behaviour: "Does with a time to live what `kv_store::keys_are_told_apart_exactly` does plainly. Then lets every other one of the near-twins expire: the rest stays.",
        fix: "Encode keys in one place, and keep deadlines where no key can reach.",
    }
    crowds::many_entries_with_a_ttl_are_kept_and_expire Must {
        purpose: "Timers and lists of deadlines fill up like any other table.",
        behaviour: "Sets 600 keys side by side, every other one with a short time to live. After it exactly those are gone.",
        fix: "Let whatever holds the deadlines grow with the entries.",
    }
    crowds::racing_writes_keep_value_and_deadline_together Must {
        purpose: "A value that is written in one step and its deadline in another may get somebody else's.",
        behaviour: "Races plain sets and sets with a time to live on the same keys. Those that hold the plain value keep it; the others are gone in time. A key that is overwritten both ways holds a whole value at every moment.",
        fix: "Write value and deadline in one step.",
    }
    crowds::reading_an_expired_key_spares_the_next_value Must {
        purpose: "A read that cleans up must not remove what has been written since it looked.",
        behaviour: "Reads 128 keys that have expired while others set them anew, two of each at a time. No call fails, and all hold the new value, also where it is the one that has expired.",
        fix: "Remove an expired entry only if it is still the one that was looked at.",
    }
    crowds::dropped_write_with_a_ttl_is_whole Must {
        purpose: "A write that is given up between value and deadline leaves an entry that never ends.",
        behaviour: "Begins writes with a time to live, and deletes and plain writes of what has one, and drops them after a few steps. A key that is there holds the old or the new value; a fresh one is gone in time, and so is an old value that had to end; a value never comes with the deadline of the one before. The same key can be set again.",
        fix: "Write value and deadline in one step.",
    }
    limits::ttl_is_shared_by_all_handles Must needs second_handle {
        purpose: "Processes share a cache. What has expired for one has expired for all.",
        behaviour: "Sets a key with a time to live through one handle. Through the other it is alive until late in its life and then gone. What one writes, renews and deletes later, the other sees. A handle that comes later knows of the end, and one that goes takes nothing along.",
        fix: "Keep the deadline with the data and not in the handle.",
    }
    limits::deadline_stays_in_its_namespace Must needs second_handle {
        purpose: "Deadlines that are kept beside the data need the namespace as much as the data.",
        behaviour: "Sets the same key in two namespaces, with a time to live in one. There it expires, in the other it stays; what is written and deleted in the other leaves the deadline alone. So do names and keys that become one another where they are joined.",
        fix: "Keep deadlines under the full key, namespace included.",
    }
    reopening::reopened_cache_keeps_deadlines Must needs reopens {
        purpose: "Time goes by while a cache is closed. An entry that lives on for ever afterwards, or anew, is served stale.",
        behaviour: "Sets keys with a time to live, of a century and odd ones among them, renews, shortens, clears and deletes some, and lets go of its only handle, in two namespaces. The one that is opened again has the entries until late in their life and then no more; in the one that stays closed they are gone when it is opened. What was renewed or set plainly is there.",
        fix: "Write the deadline down with the value, as a moment and not as what is left. With `time: Manual`, go by `setup.clock().wall()`.",
    }
}
