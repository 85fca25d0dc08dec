//! The `listing` contract: what callers of a [`Listing`](crate::Listing) may rely on.

mod expiry;
mod keys;
mod pages;
mod prefixes;
mod races;
mod reopening;
mod sharing;

use crate::clause::contract;

contract! {
    ($) listing as __tck_listing:
    "What callers of a listing rely on: every key that is there, once and in order, and none that is not."

    keys::every_key_is_listed_once Must {
        purpose: "Callers walk through a store to count, to copy or to clean up. A key that is left out is never seen again.",
        behaviour: "Lists an empty store, then some keys, of which some are overwritten and some deleted. Each that is there comes once.",
        fix: "List entries and not versions of them, and leave out what was deleted.",
    }
    keys::keys_come_in_the_order_of_their_bytes Must {
        purpose: "Pages, ranges and merges work only where everybody means the same order.",
        behaviour: "Lists keys of mixed case, length, digits, separators, blanks, controls and scripts, some of them beyond 16 bits, long ones and the empty one. They come in the order of their bytes, as they were written, each with its value, at once and one by one.",
        fix: "Compare bytes: not letters of some language, not numbers, not units of 16 bits.",
    }
    keys::changes_show_at_once Must {
        purpose: "A listing that lags behind makes callers do work twice, or never.",
        behaviour: "Lists after every set, overwrite and delete. Each listing is that of the moment.",
        fix: "List from the state that reads are answered from.",
    }
    keys::values_come_with_their_keys Must {
        purpose: "A value beside the wrong key is somebody else's.",
        behaviour: "Lists keys with values, among them empty ones, equal ones, large ones and all 256 bytes, and again when each was overwritten, at once and on pages of two. Each key comes with the value that was written last.",
        fix: "Read a key and its value together, and drop neither empty values nor odd bytes.",
    }
    prefixes::prefix_selects_the_keys_that_begin_with_it Must {
        purpose: "`user:1` is no prefix of `user:2`, and the prefix itself may be a key. Callers delete what such a list shows.",
        behaviour: "Lists by prefixes of prefixes, by whole keys, by the empty prefix, and by some that nothing begins with.",
        fix: "Compare the beginning of the key, all of it and nothing else.",
    }
    prefixes::prefix_is_taken_literally Must {
        purpose: "A prefix is the caller's data. One that holds a `*` must not list everything.",
        behaviour: "Lists by prefixes with wildcards, escapes, brackets, quotes and separators, beside keys that they would match as patterns.",
        fix: "Escape the prefix wherever the backend gives it a meaning, or ask for a range.",
    }
    prefixes::prefix_is_exact_in_case_and_form Must {
        purpose: "A prefix that is folded or normalised lists what belongs to somebody else; a range that ends too early hides keys.",
        behaviour: "Lists by prefixes that differ in case or Unicode form, and by some that end in the last characters of a range.",
        fix: "Compare bytes. A range over a prefix ends before the prefix with its last byte raised by one.",
    }
    pages::pages_are_complete_and_without_duplicates Must {
        purpose: "A page that loses or repeats a key at its edge does so for every caller.",
        behaviour: "Lists 27 keys on pages of 1, 2, 3, 7, 26, 27, 28 and any number. No page is longer than asked for, and together they hold each key once, also after seventy listings that went no further than their first page.",
        fix: "Begin a page after the key that the one before ended with: not at it, and not by counting.",
    }
    pages::page_begins_after_any_text Must {
        purpose: "Callers keep the place where they stopped, and go on from there another day. The key at that place may be gone.",
        behaviour: "Lists after keys that are there, that were deleted and that never were, before, within and behind what the prefix selects.",
        fix: "Compare keys with the text, and don't look it up.",
    }
    pages::thousands_of_keys_are_listed Must {
        purpose: "Backends cut long answers at 100, 1,000 or 1,024 keys. What is cut off is lost to the caller.",
        behaviour: "Lists 3,000 keys at once and on pages of 1,000, with values on pages of 1,200, by prefixes, and when 400 in a row were deleted.",
        fix: "Ask the backend again until it has no more, and reserve no memory for a limit that is never reached.",
    }
    pages::pages_stay_sane_while_keys_come_and_go Must {
        purpose: "Stores change while somebody walks through them.",
        behaviour: "Between two pages deletes keys that were listed, the one that the page ended with, and some to come, and adds others on both sides. What is there all the time is listed once, what went before its page is not.",
        fix: "Go on after a key, whether it still exists or not, and never from a position or a copy.",
    }
    races::listing_stays_whole_while_others_write Must {
        purpose: "A listing that stumbles over a concurrent write skips keys that nobody touched.",
        behaviour: "Lists again and again, with and without values, while others set and delete keys in between and overwrite some of the rest. Every key that nobody deletes is in each listing, in order, and each value beside its own key.",
        fix: "List from a snapshot, or under the lock that writes take. A key that goes while its value is fetched is left out.",
    }
    races::racing_writes_leave_listing_and_reads_alike Must {
        purpose: "Where an index and the data are written one after the other, two writers can leave them apart for good.",
        behaviour: "Sets each key, plainly or with a time to live, and deletes it at the same time. Afterwards the listing shows exactly the keys that can be read, also after sets and deletes that were given up half-way.",
        fix: "Change the index and the data in one step.",
    }
    races::dropped_listing_leaves_no_lock Must {
        purpose: "Long listings are given up often: somebody has closed the page.",
        behaviour: "Drops listings after one to six steps, with and without values, again and again. Writes go on, and the next listing is whole.",
        fix: "Release on drop what a listing holds.",
    }
    expiry::expired_keys_are_not_listed Must needs cache {
        purpose: "A key that is listed after it expired sends callers for what is not there.",
        behaviour: "Lists keys with and without a time to live after some have expired, at once and on short pages. Only what is alive comes, and all of it; what is deleted is gone at once, and what was listed ends in time.",
        fix: "Look at the deadline while listing, and go on where a page is all expired.",
    }
    expiry::listing_an_expired_key_spares_the_next_value Must needs cache {
        purpose: "A listing that removes what it finds expired, and looks twice, removes what was set in between.",
        behaviour: "Lists keys that have expired while others set them anew. Each holds its new value, and is listed.",
        fix: "Remove an expired entry only where it is still the one that was found.",
    }
    sharing::second_handle_lists_the_same_keys Must needs second_handle {
        purpose: "A listing that is kept in a handle is out of date for all the others.",
        behaviour: "Lists on two handles, with values, while each of them sets, with a time to live as well, overwrites and deletes. Both list the same, also when handles come and go.",
        fix: "List from the shared state, or tell all handles of a change.",
    }
    sharing::other_namespaces_are_not_listed Must needs second_handle {
        purpose: "A listing that reaches too far shows one tenant the keys of another.",
        behaviour: "Fills namespaces whose names begin with each other's, and lists each by several prefixes. Each shows its own keys as they were given, with its own values. Empty ones whose names hold wildcards show nothing, odd names show their keys, and what expires in one stays in the others.",
        fix: "Bound the listing by the whole name of the namespace, and take it off the keys.",
    }
    reopening::reopened_store_lists_the_same_keys Must needs reopens {
        purpose: "An index that is read back or made anew at the start shows for good what it got wrong.",
        behaviour: "Opens a namespace, sets and deletes keys, and lets go of its only handle, several times. Each time it lists exactly the keys that are there, with and without values, and none that has expired meanwhile.",
        fix: "Make the index from the data when the store is opened, or write both down in one step.",
    }
}
