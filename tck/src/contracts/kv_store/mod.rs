//! The `kv_store` contract: what callers of a [`KeyValueStore`](crate::KeyValueStore) may rely on.

mod basics;
mod contents;
mod crowds;
mod dropping;
mod keys;
mod marks;
mod reopening;
mod sharing;

use crate::clause::contract;

contract! {
    ($) kv_store as __tck_kv_store:
    "What callers of a key-value store rely on: values come back exactly, under exactly their keys."

    basics::set_and_get_value Must {
        purpose: "A store that does not give back what it was given is of no use.",
        behaviour: "Sets a key and gets it, twice: reading does not consume. Both reads answer the value.",
        fix: "Read what `set` wrote, under the same key, and leave it there.",
    }
    basics::get_non_existent_key_returns_none Must {
        purpose: "A miss is an everyday answer. Callers that get an error instead treat it as an outage.",
        behaviour: "Gets a key that was never set. The answer is `Ok(None)`.",
        fix: "Turn the backend's «not found» into `Ok(None)`; keep errors for a backend that failed.",
    }
    basics::set_overwrites_existing_value Must {
        purpose: "`set` is an upsert. A store that keeps the first value serves stale data for ever.",
        behaviour: "Sets a key to longer, shorter and empty values, to some with the same checksum, and 260 times more. After each, a read answers the latest.",
        fix: "Replace the value as a whole, whether or not the key exists.",
    }
    basics::delete_removes_key Must {
        purpose: "Callers delete what must not be read again: sessions, secrets, stale entries.",
        behaviour: "Sets a key, deletes it, and reads it. It is missing.",
        fix: "Remove the entry itself, and every copy of it that a read could reach.",
    }
    basics::delete_is_idempotent Must {
        purpose: "Clean-up code and retries delete twice; an error there breaks callers that did nothing wrong.",
        behaviour: "Deletes a key that never was, then one that was deleted before. Both answer `Ok(())`.",
        fix: "Answer Ok when the key is absent; keep errors for a backend that failed.",
    }
    basics::set_is_idempotent Must {
        purpose: "A retried write must do no more than the first one did.",
        behaviour: "Sets the same key to the same value three times. Every read answers the value; one delete removes it.",
        fix: "Replace instead of appending or inserting another version.",
    }
    basics::set_after_delete_stores_again Must {
        purpose: "Keys come back. A tombstone that hides the next write loses data.",
        behaviour: "Sets and deletes a key, then sets it to another value, twice over. Every read answers the new value.",
        fix: "Let a write clear whatever mark the delete has left.",
    }
    basics::reading_creates_nothing Must {
        purpose: "A read that inserts makes keys appear that nobody wrote.",
        behaviour: "Gets and asks for an absent key, several times. It stays missing on every read path.",
        fix: "Do not insert a default or an empty entry on a read.",
    }
    basics::has_tells_present_from_absent Must {
        purpose: "`has` decides whether callers write or fetch. A wrong answer makes them skip the work.",
        behaviour: "Asks for a key that never was, that is set, that is set to nothing but an empty value, and that was deleted.",
        fix: "Ask for the key, not for its value's content; drop `has` and the default does it.",
    }
    basics::every_read_path_agrees_after_every_change Must {
        purpose: "When `get` and `has` disagree, callers act on a state that never was.",
        behaviour: "Takes several keys through set, overwrite, delete and set again, and reads all of them on every path after every change.",
        fix: "Serve all reads from one state, and refresh or drop every cache with each write.",
    }
    keys::one_key_leaves_the_others_alone Must {
        purpose: "Writing one key must not show at another.",
        behaviour: "Holds several keys, some with the same value, overwrites one and deletes another. The rest keep their values.",
        fix: "Address exactly the entry of the key that was given.",
    }
    keys::keys_are_told_apart_exactly Must {
        purpose: "Two users whose keys are taken for one read each other's data.",
        behaviour: "Holds near-twins at once: case, Unicode forms, blanks, NUL, numbers, paths, escapes, wildcards, equal hashes, names of files beside. Then deletes one half and the other. Each keeps its own value. Those that the store refuses, it refuses as an invalid key on every operation.",
        fix: "Encode keys without loss: no trimming, folding, normalising or cutting; refuse what can't be held with `Error::InvalidKey`.",
    }
    keys::delete_takes_its_key_literally Must {
        purpose: "A key such as `user:*` must not delete all users.",
        behaviour: "Deletes and reads keys with wildcards, separators and the names of parents, none of which is there. Their neighbours stay, and show under their own names only.",
        fix: "Escape the key, or use an operation of the backend that takes no pattern.",
    }
    keys::long_keys_are_kept_whole_or_refused Must {
        purpose: "Cut keys collide: what differs only at the end is read under a stranger's key.",
        behaviour: "Sets pairs of keys of 64 bytes to 64 KiB that differ in one byte, the last, one in the middle or the first of their own. Each is held apart, or is refused as an invalid key and nothing is stored. 64 bytes are always held.",
        fix: "Check the length before anything is sent; never cut or hash without keeping the whole key.",
    }
    keys::longest_declared_key_is_held Must {
        purpose: "Callers size their keys by the limit that a store declares.",
        behaviour: "Sets keys of exactly the declared length, in ASCII and in other letters: they are held. Keys of a byte more are refused as invalid and nothing is stored. Without a declared limit it tries 255 bytes, and never more than 64 KiB.",
        fix: "Count bytes and not characters, prefixes not included; refuse longer keys on every operation; declare `longest_key`.",
    }
    keys::empty_key_follows_the_declared_policy Must {
        purpose: "An empty key is mostly a bug of the caller. What comes of it has to be known.",
        behaviour: "Sets, gets, asks for and deletes the empty key. It is a key like any other, or each is refused as an invalid key, as declared.",
        fix: "Accept it everywhere or refuse it everywhere, and declare `empty_key`.",
    }
    contents::values_are_exact_over_all_bytes Must {
        purpose: "Values are bytes: compressed, encrypted or in another encoding.",
        behaviour: "Sets all 256 bytes in order, each byte alone, ends of line, blanks at both ends, and text that is no UTF-8. Each comes back exactly.",
        fix: "Pass bytes on as they are: no text encoding, no trimming, no terminator.",
    }
    contents::empty_value_is_not_missing Must {
        purpose: "An empty value says something that a missing one does not.",
        behaviour: "Sets an empty value. `get` answers it, `has` answers true, and a delete removes it.",
        fix: "Tell a value of no bytes from no value; mark presence on its own where the backend can't.",
    }
    contents::values_that_look_special_are_kept Must {
        purpose: "Text such as `null`, or a reply of the protocol, is data when a caller stores it.",
        behaviour: "Sets values that read like nothing, like numbers, quotes, replies of protocols, and compressed or encoded data. Each comes back exactly.",
        fix: "Never look into a value; frame it by its length.",
    }
    contents::large_values_are_kept_whole Must {
        purpose: "A value that comes back cut is worse than an error.",
        behaviour: "Sets values around powers of two up to 1 MiB or the declared limit, sizes of packets, and pages of zeros, each under its own key. Each comes back whole, at once, when all are there, when a shorter one replaces it or comes after its delete, and beside names that its pieces might have. What is deleted is gone, and alone.",
        fix: "Send and read until the whole value is through; declare `largest_value` where the backend has a limit.",
    }
    contents::oversized_value_is_refused_and_nothing_changes Must {
        purpose: "A write that can't be kept must say so, and must not cost the value that was there.",
        behaviour: "Sets a value of exactly the declared limit under a long key, then one byte more: the first is held, the second is refused as too large and changes nothing. Without a limit, 8 MiB are kept whole or refused as too large; where more than 16 MiB are declared, they are kept.",
        fix: "Check the size before anything is written, and answer `Error::TooLarge`.",
    }
    contents::values_are_copied_in_and_out Must {
        purpose: "Callers reuse their buffers. What they write there next must not show in the store, nor the reverse.",
        behaviour: "Sets values from one buffer that is filled anew for each, and changes what a read answered. The stored values stay as they were given.",
        fix: "Take the bytes of the value, never the place where they are.",
    }
    contents::many_keys_are_all_kept Must {
        purpose: "A store that forgets quietly when it fills up is a cache with a short memory.",
        behaviour: "Sets 809 keys, deletes every fifth of them and overwrites every tenth, sets 391 more while it reads those that stay, and reads them all.",
        fix: "Evict nothing that has no time to live; let tables grow, and resolve collisions.",
    }
    crowds::concurrent_writes_to_different_keys_are_all_kept Must {
        purpose: "A store that writes its state as a whole loses what others wrote meanwhile.",
        behaviour: "Deletes the only key while another is set, again and again. Sets 64 keys at the same moment and reads them side by side, then deletes most of them and overwrites some of the rest side by side, with large values as well. Every key holds what its last write left, and those that nobody touches are there at every moment.",
        fix: "Change one entry at a time, or hold a lock from the read to the write. Let callers wait for a connection where all are taken.",
    }
    crowds::concurrent_writes_to_one_key_leave_one_of_them Must {
        purpose: "Racing writers may win or lose, but a mixture of their values was written by nobody.",
        behaviour: "Four writers set one key to long values again and again while others read it. Every read answers exactly one of them, and none that its writer had replaced when the reader saw the next; what is left is the last value of one of the writers. Then sets another key to large values and deletes it side by side: reads answer one of the values or nothing, and no call fails.",
        fix: "Replace the value in one step, not piece by piece and not by deleting it first; never put back an old one.",
    }
    crowds::reading_leaves_no_old_value_behind Must {
        purpose: "A copy that a read keeps for the next one may be older than the write that came meanwhile.",
        behaviour: "Reads keys while others set or delete them, each at the same moment. Afterwards they hold the new value, or none. Reads back what it has just set while others read the same key.",
        fix: "Keep what was read only if nothing was written since; or keep no copies.",
    }
    dropping::dropped_call_leaves_old_or_new_value Must {
        purpose: "Callers time out. A call that is dropped half-way must not tear the value or mix up later answers.",
        behaviour: "Begins calls and drops them after a few steps, at every point that the store lets it, and after parts of the time that a call takes. Later reads answer the old or the new value, other keys are untouched, and the same key can be set again.",
        fix: "Make each write one step, and do not reuse a connection on which an answer is still due.",
    }
    sharing::second_handle_sees_the_same_data Must needs second_handle {
        purpose: "Processes share a store. What one has acknowledged, the others must see.",
        behaviour: "Opens the same namespace twice, and after each set, overwrite and delete through one handle reads through the other, a large value and odd keys as well; `has` is right without a read ahead of it. A call that one has made before counts again when the other was in between, and nobody is lost where both write side by side, the same key as well, of which both read one value in the end. What was written or deleted stays so when a handle is opened or dropped.",
        fix: "Do not answer reads from a cache that other handles can't refresh.",
    }
    reopening::reopened_store_holds_the_same_data Must needs reopens {
        purpose: "Processes end and others begin. What was acknowledged before has to be there after.",
        behaviour: "Opens a namespace, sets, overwrites and deletes, many keys at the same moment, one key by several callers and odd ones among them, and lets go of its only handle; six times, the last one without a change. Each time everything is as it was left. So are 1,100 keys after twelve more openings, and, where second handles are declared, two namespaces that were open at the same time.",
        fix: "Write down what is acknowledged, deletes too, before the answer or at the latest when the last handle goes. Read it back in the order in which it was written.",
    }
}
