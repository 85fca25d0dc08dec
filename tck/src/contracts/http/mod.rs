//! The `http` contract: what clients of a key-value service may rely on, on the wire.
//!
//! A service stores JSON values at `/keys/{key}`: a write is a document with `key` and `value`,
//! and so is what is read. Its clauses belong to two profiles. `core`, which is declared unless
//! the [profile](crate::Profile::core) says otherwise, is what HTTP itself asks. `seed` is what
//! clients of the original service read in its answers, with
//! [`seed: true`](crate::Profile::seed). A service can keep to both.
//!
//! What not every service has, it declares at `/.well-known/kv-capabilities`, as in
//! `{"capabilities": ["atomic", "cache"], "largest_body": 8388608, "largest_value": 65536}`, or the
//! profile does.
//!
//! ```no_run
//! use tck::{Profile, Report, http::Target};
//!
//! let suite = Target::new("http://127.0.0.1:8000")?.suite(Profile::new().seed(true));
//! let report = Report::new("my service", &[suite], |outcome| print!("{outcome}"));
//! # Ok::<(), tck::http::TargetError>(())
//! ```

mod bodies;
mod conditions;
mod errors;
mod keys;
mod methods;
mod races;
mod reads;
mod seed;
mod ttl;
mod values;
mod writes;

pub use crate::wire::{IntoTarget, Target, TargetError};

use crate::clause::contract;

contract! {
    ($) http as __tck_http:
    "What clients of a service rely on: each request does what HTTP says it does, and the answer says what was done."

    writes::put_that_creates_answers_201 Must needs core {
        purpose: "Clients tell by the status whether a key was new, and register it only then.",
        behaviour: "Stores under a fresh key, deletes it and stores again. Each answers 201 (RFC 9110, section 9.3.4), and the value can be read.",
        fix: "Look whether the key is there in the same step as the write, and answer 201 where it was not.",
    }
    writes::put_that_replaces_answers_200_or_204 Must needs core {
        purpose: "A client that is told 201 believes that nothing was lost.",
        behaviour: "Stores other values under a key that is there, null among them. Each answers 200 or 204 (RFC 9110, section 9.3.4), and replaces.",
        fix: "Answer 200 or 204 where the key was there, whatever its value.",
    }
    writes::put_again_changes_nothing Must needs core {
        purpose: "Clients and proxies send a PUT again where the answer was lost.",
        behaviour: "Stores the same value three times. Each is done, and the value is there once (RFC 9110, section 9.2.2).",
        fix: "Replace what is there; do not append to it, refuse it or toggle it.",
    }
    writes::post_answers_201_only_where_it_creates Should needs core {
        purpose: "A status that says created for everything says nothing.",
        behaviour: "Stores twice by POST, where the service has it. The first answers 201 with a Location (RFC 9110, sections 9.3.3 and 15.3.2), the second 200 or 204.",
        fix: "Answer POST as PUT, with a Location where it creates.",
    }
    writes::put_of_a_part_is_refused Should needs core {
        purpose: "A part that is stored as the whole destroys the rest.",
        behaviour: "Stores with a Content-Range. It answers 400 (RFC 9110, section 14.5) and changes nothing.",
        fix: "Refuse a PUT that has a Content-Range.",
    }
    writes::key_in_the_body_is_that_in_the_path Must needs core {
        purpose: "A write that names two keys is a mistake, and whichever is written is the wrong one.",
        behaviour: "Stores with another key in the body than in the path, where the key is absent and where it is there. It answers 400 (RFC 9110, section 15.5.1), and nothing is written under either.",
        fix: "Compare both before anything is written.",
    }
    writes::delete_removes_the_value Must needs core {
        purpose: "What was deleted and is still served was not deleted.",
        behaviour: "Deletes one of two keys. It answers 200, 202 or 204 (RFC 9110, section 9.3.5), GET answers 404 for it, HEAD as well where there is HEAD, and the other is there.",
        fix: "Remove exactly that key, before the answer.",
    }
    writes::delete_answers_the_same_each_time Must needs core {
        purpose: "Who deletes again since the answer was lost must be able to tell what it means.",
        behaviour: "Deletes a key that never was, and one that was deleted, twice each. It answers 404, 200 or 204, and the same each time (RFC 9110, sections 9.2.2 and 9.3.5).",
        fix: "Choose one status for an absent key, and remember nothing of deleted ones.",
    }
    reads::value_is_read_as_it_was_written Must needs core {
        purpose: "It is what the service is for.",
        behaviour: "Stores a value of each kind, texts that look like JSON, and lists sixty deep. Each is read twice by GET with 200 (RFC 9110, sections 9.3.1 and 15.3.1), the same.",
        fix: "Keep the value as it came, under `value`.",
    }
    reads::absent_key_answers_404 Must needs core {
        purpose: "A client that is told 200 or 204 takes nothing for a value.",
        behaviour: "Reads a key that never was by GET and, where there is HEAD, by HEAD. Both answer 404 (RFC 9110, section 15.5.5), and so does GET after that.",
        fix: "Answer 404 where nothing is, and store nothing on a read.",
    }
    reads::null_is_a_value Must needs core {
        purpose: "What was set to null was set.",
        behaviour: "Stores null. GET answers 200 with null (RFC 8259, section 3), HEAD answers 200 where there is HEAD, a PUT replaces, and a DELETE removes it.",
        fix: "Ask whether the key is there, not whether its value is null.",
    }
    reads::head_answers_as_get Must needs core {
        purpose: "Clients and caches ask by HEAD what GET would answer.",
        behaviour: "Compares HEAD with GET for a key that is there and one that is not: the status, Content-Type, ETag and Content-Length are the same, and there is no body (RFC 9110, section 9.3.2).",
        fix: "Answer HEAD by the code of GET, and leave out the body.",
    }
    reads::answer_says_that_it_is_json Must needs core {
        purpose: "Libraries choose the reader by the media type.",
        behaviour: "Reads a value. Its Content-Type is application/json (RFC 9110, section 8.3; RFC 8259, section 11).",
        fix: "Set the Content-Type of answers.",
    }
    reads::answer_is_not_to_be_guessed_at Should needs core {
        purpose: "A browser that takes a stored text for a page runs what somebody has stored.",
        behaviour: "Reads a key that is there and one that is not. Both answers have `X-Content-Type-Options: nosniff` (RFC 9110, section 8.3, on guesses at the type).",
        fix: "Set the header on each answer.",
    }
    reads::answer_is_not_kept_by_caches Should needs core {
        purpose: "A cache on the way that serves yesterday's value makes of a store what it is not.",
        behaviour: "Reads a value. Its Cache-Control has no-store, no-cache or max-age=0 (RFC 9111, sections 4.2.2 and 5.2.2).",
        fix: "Set `Cache-Control: no-cache` where there is a tag, `no-store` otherwise.",
    }
    methods::other_method_answers_405_with_allow Must needs core {
        purpose: "Clients find in Allow what they may use instead; a list with gaps misleads them.",
        behaviour: "Sends PATCH to a key and PUT to `/health`. They answer 405 with an Allow that names GET and HEAD, and for a key PUT and DELETE (RFC 9110, sections 15.5.6 and 10.2.1). PATCH may answer 501.",
        fix: "Make Allow of all methods that the resource has, not of one route.",
    }
    methods::unknown_method_answers_501 Should needs core {
        purpose: "405 says that the method exists and is not for this.",
        behaviour: "Sends methods that there are not, and one in lower case. They answer 501 (RFC 9110, sections 9.1 and 15.6.2).",
        fix: "Answer 501 for what is no method of the service anywhere.",
    }
    methods::options_names_the_methods Should needs core {
        purpose: "It is how clients and browsers ask what they may do.",
        behaviour: "Sends OPTIONS for a key. It answers 200 or 204 with a complete Allow (RFC 9110, section 9.3.7), and stores nothing.",
        fix: "Answer OPTIONS with the list that 405 has.",
    }
    methods::health_answers_get_and_head Must needs core {
        purpose: "What watches over a service asks by either, and takes a refusal for a failure.",
        behaviour: "Asks `/health` by GET and HEAD. Both answer 200 (RFC 9110, section 9.1), GET with JSON and HEAD without a body.",
        fix: "Serve HEAD wherever GET is served.",
    }
    conditions::condition_is_never_ignored Must needs core {
        purpose: "A client that asks for a condition has no other guard; a write without it is a lost update.",
        behaviour: "Sends PUT and DELETE with an If-None-Match and an If-Match that do not hold. They are refused (RFC 9110, sections 13.1.1 and 13.1.2), with 412 or, where the service has no conditions, with another 4xx or 501, and nothing changes.",
        fix: "Judge the condition before the write, or refuse every request that has one.",
    }
    conditions::etag_is_strong_and_follows_the_value Must needs core {
        purpose: "A tag that stays while the value changes lets an update overwrite what it has not seen.",
        behaviour: "Stores several values in turn. Each has a strong ETag (RFC 9110, sections 8.8.1 and 8.8.3) that no other value has, the same on each read, and the one that the write answered.",
        fix: "Make the tag of the value's bytes, or of a version that each write changes.",
    }
    conditions::if_match_guards_writes Must needs core {
        purpose: "Updates by several clients rest on it.",
        behaviour: "Stores with an If-Match: on an absent key, with an old tag, with another and with a weak one it answers 412, and nothing changes; with the tag, in a list and with `*` it is done (RFC 9110, sections 13.1.1 and 15.5.13).",
        fix: "Compare with the strong tag of what is there, in the same step as the write.",
    }
    conditions::conditions_guard_deletes Must needs core {
        purpose: "A delete that is meant for a value must not remove another.",
        behaviour: "Deletes with an If-Match of another tag, and with an If-None-Match of `*` and of the tag. They answer 412 and remove nothing (RFC 9110, sections 13.1.1 and 13.1.2). With the tag it is done.",
        fix: "Judge conditions of DELETE as those of PUT.",
    }
    conditions::if_none_match_creates_only Must needs core {
        purpose: "Locks and first registrations are this request.",
        behaviour: "Stores with `If-None-Match: *`: where nothing is it answers 201, where something is 412 (RFC 9110, section 13.1.2), null as well, and after a delete 201 again.",
        fix: "Insert where the key is absent, in one step.",
    }
    conditions::if_none_match_answers_304 Must needs core {
        purpose: "A client that has the value already would fetch it again each time.",
        behaviour: "Reads by GET and HEAD with the tag in If-None-Match, alone, weak, in a list and as `*`. They answer 304 with the ETag and without a body (RFC 9110, sections 13.1.2 and 15.4.5). Once the value has changed, GET answers 200.",
        fix: "Compare weakly, and answer 304 to GET and HEAD.",
    }
    conditions::if_match_goes_before_if_none_match Must needs core {
        purpose: "With both headers, which is judged first decides whether a client learns that its value is old.",
        behaviour: "Sends both. Where If-Match does not hold GET answers 412, where it does and the tag is known 304, otherwise 200; a PUT of which the second does not hold answers 412 (RFC 9110, section 13.2.2).",
        fix: "Judge If-Match first, and If-None-Match only where it holds.",
    }
    conditions::condition_does_not_hide_an_absent_key Must needs core {
        purpose: "304 for what is gone keeps a client on a value that was deleted.",
        behaviour: "Reads an absent key with conditions. It answers 404, as it does without them (RFC 9110, section 13.2.1).",
        fix: "Look for the key first, and judge conditions only where there is something to answer.",
    }
    conditions::malformed_tag_is_refused Should needs core {
        purpose: "A guard that is misspelt and ignored is none, and nobody notices.",
        behaviour: "Stores with conditions that are no lists of entity tags. They answer 400 (RFC 9110, sections 8.8.3 and 15.5.1), and nothing changes.",
        fix: "Read the whole header, and refuse what is left over.",
    }
    races::one_of_many_creates Must needs core {
        purpose: "Two clients that both hold the lock destroy what it protects.",
        behaviour: "Eight clients store with `If-None-Match: *` at the same time. One is told 2xx and its value is there, the others 412 (RFC 9110, section 13.1.2).",
        fix: "Use a conditional write of the store, or look and write under one lock.",
    }
    races::one_of_many_replaces Must needs core {
        purpose: "Of two updates of the same value one would be lost.",
        behaviour: "Eight clients store with the same tag in If-Match at the same time. One is told 2xx and its value is there, the others 412 (RFC 9110, section 13.1.1).",
        fix: "Use the store's compare-and-set, or look and write under one lock.",
    }
    bodies::body_that_is_no_json_is_refused Must needs core {
        purpose: "What is stored from a body that nobody can read is not what the client meant.",
        behaviour: "Stores bodies that are empty, cut, followed by more or not UTF-8, and values such as NaN, 01 and a control character. Each is refused (RFC 8259, sections 2, 6, 7 and 8.1), and what was there stays.",
        fix: "Use a reader that keeps to the grammar, and read the body to its end.",
    }
    bodies::body_of_another_shape_is_refused Must needs core {
        purpose: "A body that is taken for what it is not stores what nobody sent.",
        behaviour: "Stores lists, texts and documents without a value or with a key that is no text. Each is refused (RFC 9110, section 15.5.21), and nothing is written.",
        fix: "Ask for an object with `key` and `value`; readers of structures may take a list as well.",
    }
    bodies::wrong_bodies_are_told_apart Should needs core {
        purpose: "Who debugs a client needs to know whether its JSON is broken or its document.",
        behaviour: "Stores bodies that are no JSON, which answer 400 (RFC 9110, section 15.5.1), and others that are no document of a value, which answer 422 (section 15.5.21).",
        fix: "Answer 400 to what can't be parsed and 422 to what can.",
    }
    bodies::other_media_type_answers_415 Must needs core {
        purpose: "A form that a page of somebody else can send without asking must not write.",
        behaviour: "Stores JSON under other media types. It answers 415 (RFC 9110, section 15.5.16), and nothing is written.",
        fix: "Look at the Content-Type before the body.",
    }
    bodies::media_type_has_no_case_and_may_have_parameters Must needs core {
        purpose: "Clients add a charset, and write types as they please.",
        behaviour: "Stores as `application/json` with a charset and in other letters. Each is taken (RFC 9110, section 8.3.1).",
        fix: "Compare type and subtype alone, without case.",
    }
    bodies::coded_body_is_not_taken_for_plain Must needs core {
        purpose: "A body that is compressed for one and plain for another is two values.",
        behaviour: "Stores plain JSON that says it is compressed. It is refused with 415, or 400 where the service knows the coding (RFC 9110, sections 8.4 and 15.5.16), and nothing is written.",
        fix: "Refuse each Content-Encoding that is not decoded.",
    }
    bodies::body_in_chunks_is_taken Must needs core {
        purpose: "Clients that stream do not know the length, and the service has to bear that.",
        behaviour: "Stores a value whose body comes in chunks of seven bytes, with extensions. It is read whole (RFC 9112, section 7.1).",
        fix: "Let the server's library read the body to its end.",
    }
    bodies::body_is_asked_for_where_that_is_expected Must needs core {
        purpose: "Clients that expect a word before they send the body wait for it.",
        behaviour: "Stores with `Expect: 100-continue` and waits. It is asked for the body, or answered without it, and the value is there (RFC 9110, section 10.1.1).",
        fix: "Answer 100 before the body is read.",
    }
    bodies::value_of_a_mebibyte_is_taken Should needs core {
        purpose: "Clients can't split values.",
        behaviour: "Stores a text of a mebibyte, or of what `largest_body` and `largest_value` allow where that is less (RFC 9110, section 15.5.14, on limits). It is read whole.",
        fix: "Raise the limit, or declare it.",
    }
    bodies::body_beyond_the_limit_answers_413 Must needs core {
        purpose: "A client that is cut off without a word tries again, and again.",
        behaviour: "Announces a body beyond the declared `largest_body` with `Expect: 100-continue`. It answers 413 (RFC 9110, section 15.5.14), and nothing is written.",
        fix: "Compare the Content-Length with the limit before the body is read.",
    }
    values::what_is_accepted_can_be_read Must needs core {
        purpose: "A value that is accepted and can't be read back is a key that fails for everybody.",
        behaviour: "Stores numbers beyond all doubles and halves of surrogate pairs, which JSON can spell and RFC 7493 (sections 2.1 and 2.2) forbids. Each is refused and leaves nothing, or can be read.",
        fix: "Read the value as a client would before it is stored.",
    }
    values::numbers_are_kept_exactly Must needs core {
        purpose: "A sum that has changed on the way is wrong.",
        behaviour: "Stores the largest and smallest doubles, the integers that they hold, and fractions. Each is read as the same number (RFC 7493, section 2.2; RFC 8259, section 6).",
        fix: "Keep the digits, or read and write doubles so that they come back.",
    }
    values::numbers_beyond_doubles_are_kept_exactly Should needs core {
        purpose: "Identifiers have 64 bits and more; the neighbour is somebody else.",
        behaviour: "Stores numbers that no double holds. Each is read with all its digits (RFC 8259, section 6).",
        fix: "Keep the text of the number.",
    }
    values::text_is_kept_exactly Must needs core {
        purpose: "Text is data: a blank, a zero byte or a form of Unicode may be what matters.",
        behaviour: "Stores texts with control characters, escapes, both forms of an accent, pairs and marks. Each is read the same (RFC 8259, sections 7 and 8).",
        fix: "Do not trim, normalize or sanitize.",
    }
    keys::key_is_decoded_once Must needs core {
        purpose: "A key that is decoded twice is another key, and may be somebody else's.",
        behaviour: "Stores under paths with `%25`. The key is what one decoding makes of it, and what a second would make of it is absent (RFC 3986, section 2.4).",
        fix: "Decode the segment in one place.",
    }
    keys::reserved_characters_are_part_of_a_key Must needs core {
        purpose: "Keys are paths, addresses and sentences of other systems.",
        behaviour: "Stores, reads and deletes keys with `/`, `?`, `#`, `%`, `+`, a blank and others, encoded (RFC 3986, sections 2.1 and 2.2). Each is taken, or refused in so many words; none is not found.",
        fix: "Route on the path as it was sent, and decode the segment after that.",
    }
    keys::spellings_of_a_path_are_one_key Must needs core {
        purpose: "Clients encode more than they must, in letters of either case.",
        behaviour: "Stores under a path and reads it by others that are equivalent (RFC 3986, sections 6.2.2.1 and 6.2.2.2).",
        fix: "Use the decoded key everywhere, never the path.",
    }
    keys::keys_are_told_apart Must needs core {
        purpose: "Two keys that are one overwrite each other.",
        behaviour: "Stores under keys that differ in case, blanks, plus signs, dots, zero bytes and forms of Unicode (RFC 3986, section 6.2.2.1, on case). Each that is taken has its own value.",
        fix: "Do not fold, trim or normalize keys; a plus sign is none but itself.",
    }
    keys::key_that_is_no_text_is_refused Must needs core {
        purpose: "Bytes that are replaced by a sign make one key of many.",
        behaviour: "Stores under paths that are no UTF-8 or no percent-encoding (RFC 3629, section 3; RFC 3986, section 2.1). They answer 400, and the key with the replacement is absent.",
        fix: "Decode strictly.",
    }
    keys::dots_lead_nowhere_else Must needs core {
        purpose: "A key that climbs out of its folder reads and writes what is not its own.",
        behaviour: "Stores under keys that end in segments of dots, the slash encoded (RFC 3986, sections 2.2 and 6.2.2.3). Each is a key of its own or answers 400, and the neighbour is as it was.",
        fix: "Split the path before it is decoded, and resolve no dots in keys.",
    }
    keys::trailing_slash_is_no_redirect Must needs core {
        purpose: "A redirect is built of the Host that the client sent, and clients follow it with their token.",
        behaviour: "Sends GET and DELETE to a key with a slash behind it. They answer 404, 400 or 405, never 3xx (RFC 9110, sections 15.4 and 7.2), and the key is as it was.",
        fix: "Switch off the redirects of the router.",
    }
    keys::long_key_is_whole_or_refused Must needs core {
        purpose: "Keys that are cut are keys of each other.",
        behaviour: "Stores under pairs of keys of up to 3,000 bytes that differ in the last. Each is taken whole or refused, with 400, 413, 414 or 431 (RFC 9110, section 15.5.15).",
        fix: "Refuse what is too long, and never cut it.",
    }
    errors::errors_are_problem_documents Should needs core {
        purpose: "Programs read the reason only where it has a form.",
        behaviour: "Provokes 404, 400, 415 and 405. Each answer is application/problem+json, whose status, where it has one, is that of the answer (RFC 9457, sections 3 and 3.1).",
        fix: "Make all errors in one place, of the status.",
    }
    errors::wrong_request_is_no_server_error Must needs core {
        purpose: "5xx says that the service is at fault: clients try again, and somebody is woken.",
        behaviour: "Sends what is deep, huge, half encoded or malformed, in paths, bodies and headers. No answer is 500 or above (RFC 9110, section 15.6), and the key can be read after that.",
        fix: "Refuse what can't be read where it is read.",
    }
    errors::request_without_host_answers_400 Must needs core {
        purpose: "Who does not say whom it means may have been meant for somebody else.",
        behaviour: "Sends GET and PUT without Host. They answer 400 (RFC 9112, section 3.2), and nothing is written.",
        fix: "Refuse it before anything else; not every library does.",
    }
    errors::refused_body_is_not_the_next_request Must needs core {
        purpose: "The rest of a refused body, read as a request, lets one client send requests of another.",
        behaviour: "Sends requests that are refused, whose body looks like a DELETE, and a GET on the same connection. The service answers the GET or closes the connection (RFC 9112, section 9.3), and deletes nothing.",
        fix: "Read the body to its end, or close the connection.",
    }
    ttl::ttl_ends_an_entry Must needs core {
        purpose: "What was to end and does not is a door that stays open.",
        behaviour: "Where the service declares `cache`: stores with `KV-TTL: 1`. After a second GET and HEAD answer 404, and a PUT creates; entries with 100 seconds and with a day stay (RFC 9110, section 15.5.5).",
        fix: "Look at the deadline on each path, that of conditions as well.",
    }
    ttl::put_without_ttl_clears_it Must needs core {
        purpose: "A value that was stored to stay must not vanish with the time of the one before.",
        behaviour: "Where the service declares `cache`: stores with `KV-TTL: 1` and again without. After a second the value is there (RFC 9110, section 9.3.4: a PUT replaces all).",
        fix: "Write the deadline anew with each write.",
    }
    ttl::ttl_that_is_none_is_refused Must needs core {
        purpose: "A time that is read as another one loses data, or keeps it.",
        behaviour: "Where the service declares `cache`: stores with times that are zero, negative, broken or no number. They answer 400 (RFC 9110, section 15.5.1), and nothing is written.",
        fix: "Read the whole header as a number above zero.",
    }
    ttl::remaining_ttl_is_told Should needs core {
        purpose: "Who reads an entry has to know how long it may be kept.",
        behaviour: "Where the service declares `cache`: reads an entry with a time to live. GET and HEAD have KV-TTL with the seconds left, of a day most of it (RFC 9110, section 9.3.2); an entry without has none.",
        fix: "Answer the seconds that are left, not those that were asked for.",
    }
    seed::seed_health_says_healthy Must needs seed {
        purpose: "What watches over the original looks for this word.",
        behaviour: "Asks `/health`. It answers 200 with `status` healthy (RFC 9110, section 15.3.1).",
        fix: "Answer `{\"status\":\"healthy\"}`.",
    }
    seed::seed_write_says_that_it_is_stored Must needs seed {
        purpose: "Clients of the original look at `success`, and at the status of POST.",
        behaviour: "Stores by POST, which answers 201 where it creates (RFC 9110, section 15.3.2). It replaces by POST and PUT and creates by PUT, which answer 200 or 201. Each says `success` true and `Value stored successfully`.",
        fix: "Answer each write with that document.",
    }
    seed::seed_read_says_key_and_value Must needs seed {
        purpose: "Clients of the original take the value out of this document.",
        behaviour: "Reads values of each kind. GET answers 200 with `success` true, the key and the value (RFC 9110, section 15.3.1).",
        fix: "Answer reads with that document, null included.",
    }
    seed::seed_delete_says_that_it_is_deleted Must needs seed {
        purpose: "Clients of the original look for the document, which 204 does not have.",
        behaviour: "Deletes a key. It answers 200 with `success` true and `Key deleted successfully` (RFC 9110, section 9.3.5).",
        fix: "Answer deletes with that document.",
    }
    seed::seed_absent_key_is_named Must needs seed {
        purpose: "Clients of the original show `detail.error` to their users.",
        behaviour: "Reads and deletes an absent key. It answers 404 with a `detail` of `success` false and the error `Key '…' not found` (RFC 9110, section 15.5.5).",
        fix: "Answer 404 with that document; a problem document may hold it.",
    }
    seed::seed_mismatch_is_named Must needs seed {
        purpose: "Clients of the original show `detail.error` to their users.",
        behaviour: "Stores by POST and PUT with another key in the body. It answers 400 with the error that names both keys (RFC 9110, section 15.5.1).",
        fix: "Answer 400 with that document.",
    }
    seed::seed_other_members_are_ignored Must needs seed {
        purpose: "Clients of the original send more than the service reads.",
        behaviour: "Stores a document with other members beside key and value, in another order. It is taken (RFC 8259, section 4).",
        fix: "Ignore what is not known in the document.",
    }
    seed::seed_wrong_body_answers_400_or_422 Must needs seed {
        purpose: "The original answers 422 to all of them; its clients handle what is 4xx and has a `detail`.",
        behaviour: "Stores bodies that are no document of a value by POST and PUT. They answer 400 or 422 with a `detail` (RFC 9110, sections 15.5.1 and 15.5.21).",
        fix: "Answer 400 or 422, with a `detail`.",
    }
}
