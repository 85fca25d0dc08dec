//! The `transaction` contract: what callers of a [`Transactional`](crate::Transactional)
//! store may rely on.

mod basics;
mod commits;
mod conditions;
mod conflicts;
mod contents;
mod leases;
mod lifetimes;
mod listing;
mod moments;
mod phantoms;
mod races;
mod refusals;
mod reopening;
mod sharing;
mod ttls;
mod undone;

use crate::clause::contract;

contract! {
    ($) transaction as __tck_transaction:
    "What callers of transactions rely on: all of it happens or nothing, and nobody sees or overtakes a half."

    basics::multi_key_atomic Must {
        purpose: "An order without its items is worse than no order.",
        behaviour: "Sets three keys in a transaction, one of them anew, and commits. All three hold their new values.",
        fix: "Apply all writes of a transaction in one step of the backend.",
    }
    basics::read_your_writes Must {
        purpose: "Code in a transaction builds on what it has just written.",
        behaviour: "Sets, overwrites, deletes and sets again in a transaction, and reads after each. It reads its own last write, and what was there before where it has written nothing.",
        fix: "Look into the transaction's own writes first, and let a delete hide what is stored.",
    }
    basics::deletes_are_part_of_it Must {
        purpose: "A move is a set and a delete. Half of it is a copy or a loss.",
        behaviour: "Deletes, sets and deletes, and deletes and sets keys in a transaction, one of them missing, and commits. Each key ends as the last write says, and what is set and deleted after it is gone.",
        fix: "Keep the order of writes to one key, and apply deletes together with sets.",
    }
    contents::keys_and_values_are_exact Must {
        purpose: "What holds for single calls has to hold in transactions, which often take another way to the backend.",
        behaviour: "Holds near-twins of keys, long ones that differ in their last byte, empty values, all 256 bytes and large ones, half of them set in a transaction, half before. It reads all of them exactly, as do others afterwards, and deletes some. Where times to live are declared, it sets the other half with one.",
        fix: "Encode keys and values in transactions as everywhere.",
    }
    basics::hundred_keys_change_together Must {
        purpose: "Backends limit a transaction, and some split what is over the limit.",
        behaviour: "Reads, sets and deletes a hundred keys in one transaction. All of it happens. After a hundred reads a change of the first or of the last is a conflict, unless `Isolation::Snapshot` is declared. A conflict leaves nothing of more than a hundred keys. Then sets three hundred, and forty with large values: all of them, or an error and none.",
        fix: "Never split a transaction: hold a hundred keys, and answer an error beyond what the backend takes.",
    }
    basics::empty_and_reading_transactions_succeed Must {
        purpose: "Code that decides while it reads often ends up writing nothing.",
        behaviour: "Commits a transaction that did nothing, one that has only read, and one that wrote what was there already. Each succeeds.",
        fix: "Send nothing where there is nothing to write, and answer Ok.",
    }
    contents::what_can_not_be_held_is_refused Must {
        purpose: "A limit that holds for `set` alone is none.",
        behaviour: "Sets a value and a key over the declared limits in a transaction, and the empty key where it is refused. Reads and deletes the key that is too long. It answers `TooLarge` or `InvalidKey`, at the latest when it is committed, and stores nothing of it. A commit that answers Ok all the same has stored the rest.",
        fix: "Check keys and values in transactions as everywhere.",
    }
    undone::unfinished_writes_do_not_show Must {
        purpose: "What is not committed may never happen. Whoever acts on it acts on nothing.",
        behaviour: "Sets, overwrites and deletes in a transaction. Before the commit other callers and other transactions see none of it, after it all. Plain writes and deletes of a key that the transaction has written happen at once.",
        fix: "Keep the writes of a transaction apart until it is committed.",
    }
    undone::rollback_leaves_nothing Must {
        purpose: "Giving up half-way is what transactions are for.",
        behaviour: "Sets, overwrites and deletes in a transaction and rolls it back. Everything is as before, and the keys can be written again, on conditions as well.",
        fix: "Throw the writes away, and release what was held for them.",
    }
    undone::dropped_transaction_leaves_nothing Must {
        purpose: "An error in the middle returns early, and the transaction goes out of scope.",
        behaviour: "Sets, overwrites and deletes in a transaction and drops it, and drops forty more, others after a call that was given up, whose answer the next call does not get, and many while they begin. Everything is as before, and the keys can be written again, on a condition as well.",
        fix: "Roll back where a transaction is dropped.",
    }
    undone::panic_leaves_nothing Must {
        purpose: "A panic in a caller's code must not commit what it was about to check.",
        behaviour: "Panics in the middle of a transaction. Everything is as before, and the store still works.",
        fix: "Roll back on drop also while a panic unwinds, and leave no lock poisoned.",
    }
    undone::dropped_commit_is_all_or_nothing Must {
        purpose: "A caller who has waited long enough drops the call. That must not tear a transaction apart.",
        behaviour: "Drops the commit of eight keys, at first with large values, after one to six steps, again and again. Whoever reads afterwards sees all eight changed or none. New keys of such a commit show together as well, to plain reads and listings, and can be set plainly. The next transaction over such keys succeeds, at the latest when it is tried again, and what was leased ends.",
        fix: "Apply everything in one step of the backend, or in a task of its own that ends by itself.",
    }
    moments::reads_are_of_one_moment Must {
        purpose: "Code that reads a total and its parts from two different moments draws wrong conclusions, even if it is told so later.",
        behaviour: "Reads a key in a transaction, changes that and other keys outside, plainly, with a time to live, on a condition or by a delete, and reads them. It sees the values of the first moment, or a conflict, after which it can be rolled back and not committed; where listings are declared, that goes for them as well.",
        fix: "Read from a snapshot, or see at each read that nothing read before has changed.",
    }
    conflicts::lost_update_is_refused Must {
        purpose: "Two who read the same balance and both write it: one payment is gone.",
        behaviour: "Reads a key in two transactions, and writes it in both. One succeeds and the other answers `Conflict`.",
        fix: "See at the commit whether what the transaction has read is still there.",
    }
    conflicts::write_skew_is_refused Must {
        purpose: "Two doctors read that the other is on call, and both go home.",
        behaviour: "Reads two keys in two transactions, and writes one in the first and the other in the second. One succeeds and the other answers `Conflict`, also where neither was there, and when both do so at the same moment, many times. So does one that has read what others then set, lease, replace on a condition or delete, and writes another key. All may succeed where `Isolation::Snapshot` is declared.",
        fix: "See at the commit to all that was read, and not only to what is written.",
    }
    conflicts::missing_key_conflicts_as_well Must {
        purpose: "That nothing is there is an answer too, and the usual one before something is created.",
        behaviour: "Reads a missing key in two transactions, and sets it in both. One succeeds and the other answers `Conflict`. The same with a key that is deleted meanwhile, and with one that is set to an empty value.",
        fix: "Remember also the reads that found nothing.",
    }
    conflicts::plain_writes_conflict_as_well Must {
        purpose: "Not every caller uses transactions.",
        behaviour: "Reads a key in a transaction, before or after a write of its own, sets it, deletes it, deletes and sets it, or sets it 256 times outside, and commits another value for it or its delete. It answers `Conflict`.",
        fix: "Let plain writes count as transactions of one write.",
    }
    conflicts::conflict_changes_nothing_and_can_be_tried_again Must {
        purpose: "A caller who is told of a conflict begins anew, and counts on nothing having happened.",
        behaviour: "Commits a transaction with several writes and a delete that meets a conflict. None of them happened or is listed, the error says it is worth another try, and the next try succeeds.",
        fix: "Look at all conditions before the first write, and answer `Error::Conflict`.",
    }
    phantoms::phantom_is_refused Must needs listing {
        purpose: "Two who find that a name is free and both take it.",
        behaviour: "Lists a prefix in two transactions, and adds a key below it in both. One succeeds and the other answers `Conflict`, also where it is the same key, or both delete it. So does one that has listed, whole, by a page or from a key on, before or after a write of its own, what a plain write or another transaction adds to, deletes from, or both. All may succeed where `Isolation::Snapshot` is declared.",
        fix: "See at the commit whether a range that was listed still holds the same keys.",
    }
    conditions::conditional_writes_conflict_as_well Must needs atomic {
        purpose: "A lock that was taken while a transaction was open is a change like any other.",
        behaviour: "Reads a key in a transaction, changes it outside by `compare_and_set`, or makes it by `set_if_absent` where it was missing, and commits another value for it. It answers `Conflict`.",
        fix: "Let writes on a condition count as transactions of one write.",
    }
    conditions::commits_count_for_conditions Must needs atomic {
        purpose: "A condition that does not see what a transaction has written overwrites it.",
        behaviour: "Sets, makes and deletes keys in transactions, and then expects the values before them by `compare_and_set`, and their absence by `set_if_absent`. Only what was committed counts, and nothing before. What was committed with a time to live counts as well, and stays where it is compared and set.",
        fix: "Compare with the value that is stored, whoever stored it.",
    }
    conditions::commits_and_conditions_exclude_each_other Must needs atomic {
        purpose: "Two who take the same lock, one in a transaction and one by a condition, must not both have it.",
        behaviour: "Changes each key in a transaction that has read it, and by `compare_and_set` or `set_if_absent` at the same time. One of the two does it, and its value is there.",
        fix: "Let writes on a condition take the lock, or the conditional write, that a commit takes.",
    }
    conflicts::different_keys_do_not_conflict Should {
        purpose: "A store that lets unrelated work conflict is correct, and slow under load.",
        behaviour: "Reads and writes different keys in two transactions at the same time, and sets one in each of twenty. All succeed.",
        fix: "Compare keys, not pages, tables or the whole store.",
    }
    races::increments_side_by_side_add_up Must {
        purpose: "What holds for two in turn has to hold for many at once.",
        behaviour: "Many callers add one to a counter in transactions, and try again after a conflict. The counter holds the sum.",
        fix: "Look at the conditions and apply the writes under one lock, or in one step of the backend.",
    }
    races::transfers_keep_the_sum Must {
        purpose: "Money that moves between accounts is neither made nor lost, and nobody sees it twice.",
        behaviour: "Many callers move amounts between accounts while others read all of them in transactions. Every reader sees the same sum, and so it is at the end.",
        fix: "Read from a snapshot, and apply all writes of a transaction in one step.",
    }
    commits::commits_side_by_side_stay_whole Must {
        purpose: "Transactions that read nothing have no conflicts. They are mixed where a commit is more than one step.",
        behaviour: "Four callers set the same forty keys again and again, each in a transaction that reads nothing, while others read some of them in transactions. Every reader sees the keys of one commit, and so it is at the end.",
        fix: "Apply all writes of a transaction in one step, also where it has read nothing, and never in batches.",
    }
    commits::commits_show_whole_to_all Must {
        purpose: "Most readers use no transactions. Whoever has seen a part of a commit must find the rest.",
        behaviour: "Makes or replaces four keys in a commit while others read them plainly, forwards and backwards, and, where listings are declared, list them, many times. Nobody who has seen a new one of them misses another afterwards.",
        fix: "Let what a commit writes show in one step, to plain reads and listings as well.",
    }
    races::plain_write_is_not_lost_to_a_commit Must {
        purpose: "Whoever sets plainly is told that it is done. A transaction that overtakes it undoes it.",
        behaviour: "Sets a key plainly or with a time to live, or deletes it, while a transaction reads and sets it, many times. Whichever comes first, what was done plainly holds afterwards.",
        fix: "Let plain writes take the lock, or the conditional write, that a commit takes.",
    }
    listing::listing_sees_the_own_writes Must needs listing {
        purpose: "Code that lists what it has just written must find it.",
        behaviour: "Sets and deletes keys in a transaction and lists, at once and page by page. It sees its own writes among the others in order and none of those deleted, those ahead of a page too, also odd, long and empty keys, those with empty values, after any text and by prefixes of another case, and more than a thousand keys.",
        fix: "Merge the transaction's own writes into the listing before a page is cut.",
    }
    listing::commits_show_in_listings Must needs listing {
        purpose: "A key that was made in a transaction and is not listed is lost to all who walk through the store.",
        behaviour: "Sets, overwrites and deletes keys in a transaction. Until the commit listings and reads outside show what was there before, after it what was committed, with its values.",
        fix: "Change the index in the commit, and not before.",
    }
    leases::ttl_counts_from_the_commit Must needs cache {
        purpose: "A session that is made in a transaction has to live and end like any other.",
        behaviour: "Sets keys with a time to live in a transaction, lets time pass and commits. They are there until late in their life, counted from the commit, and gone after it, whatever they had before and also where the value is the same; those that were overwritten plainly stay.",
        fix: "Compute the deadline where the transaction is applied, and store it with the value.",
    }
    lifetimes::expired_keys_are_absent Must needs cache {
        purpose: "What has expired must not come back through a transaction.",
        behaviour: "Reads an expired key in a transaction, lets it set and delete others, and commits. The key is missing inside and outside. Deletes, sets and leases expired keys in transactions; what is written then is there.",
        fix: "Look at the deadline on every read, also of a snapshot.",
    }
    moments::expiry_is_of_one_moment Must needs cache {
        purpose: "Half of what a transaction reads must not be missing because it has expired in between.",
        behaviour: "Reads one of two keys that expire together in a transaction, or lists them, lets them expire, and reads the other, or lists. It sees what was there before, or a conflict. One that has begun before, and finds the key absent, finds what was written since it ended as well.",
        fix: "Let every read fail with `Error::Conflict` once something has expired that was read, or was there when the transaction began.",
    }
    leases::committed_leases_are_like_others Must needs cache {
        purpose: "A session that was made in a transaction is renewed, replaced and ended by those who know of none.",
        behaviour: "Sets keys with a time to live in a transaction. Afterwards sets them plainly and with a longer time, with another value and the same one, in a transaction and without, deletes them, and makes some anew. Only what was left ends with its time. What a transaction has set plainly stays, whatever it had before, until it is given a time to live.",
        fix: "Keep one deadline for each entry, and replace it with every write, whoever writes.",
    }
    lifetimes::keys_with_a_ttl_are_there Must needs cache {
        purpose: "A key that will expire is a key until then.",
        behaviour: "Reads, lists and deletes keys with a time to live in a transaction while they are alive. It finds them, what it deletes is gone, and what it has read ends in time. Listed page by page after that, only the others are there.",
        fix: "Ask whether the deadline has passed, not whether there is one.",
    }
    ttls::odd_ttls_are_taken_as_everywhere Must needs cache {
        purpose: "A time to live that panics or means for ever in a transaction is a trap.",
        behaviour: "Sets keys in transactions with a time to live of zero, of less than a millisecond, of months, and with the longest there is, and with a key and a value over the declared limits. They do as the profile says, as `set_with_ttl` does outside, and end in time where waiting costs nothing.",
        fix: "Check and compute times to live in transactions as everywhere.",
    }
    lifetimes::writes_with_a_ttl_conflict_as_well Must needs cache {
        purpose: "A lease that somebody else has taken meanwhile is a change.",
        behaviour: "Reads a key in a transaction, sets it with a time to live outside or in another transaction, and commits another value for it. It answers `Conflict`. The same with a missing key, with one that had expired and is set, and with one that expires and is set anew.",
        fix: "Count every write as a change of its key.",
    }
    lifetimes::rollback_keeps_the_ttl Must needs cache {
        purpose: "A time to live is a part of what has to be as before.",
        behaviour: "Overwrites keys with and without a time to live in a transaction and rolls it back, and in one that meets a conflict. The one expires when it would have, the other never.",
        fix: "Touch no deadline before the commit.",
    }
    sharing::transactions_of_two_handles_conflict Must needs second_handle {
        purpose: "Two processes are no less at odds than two threads.",
        behaviour: "Reads and writes the same key in transactions of two handles. One succeeds, and both handles see what it wrote. What one has read, listed or expected is old when the other has changed it, whichever way, and an open transaction sees it still, or a conflict; what one has leased ends for both. Callers of both add to one counter, and no addition is lost. A transaction outlives the handle that it was begun on.",
        fix: "Leave it to the backend to see conflicts, and keep no copy in a handle.",
    }
    sharing::other_namespaces_do_not_conflict Must needs second_handle {
        purpose: "One tenant must neither block another nor see what it does.",
        behaviour: "Reads, lists and writes the same keys in transactions of two namespaces, plainly, on conditions and with a time to live. All succeed, and each sees its own.",
        fix: "Make the namespace part of the key in transactions as everywhere.",
    }
    reopening::reopened_store_holds_what_was_committed Must needs reopens {
        purpose: "A commit is a promise. What was never committed must not come true when a log is read back.",
        behaviour: "Commits sets and deletes in a transaction, rolls back another and drops a third, lets go of its only handle, and opens the namespace again, twice. What was committed is there, all of it, and nothing of the others or of one that met a conflict. What came plainly after a commit is the last. What a commit has leased ends, what it has set plainly stays.",
        fix: "Write the commit down in one step, and leave out what has none when the log is read back.",
    }
}
