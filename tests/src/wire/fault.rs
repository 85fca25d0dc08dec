//! The faults, and the clauses that must catch them.

use std::{fmt::Write, time::Duration};

use tck::{
    Clause, Outcome, Profile,
    http::{self, Target},
};

use super::Server;

/// A service with exactly one fault, and the clauses that must catch it.
#[derive(Debug)]
pub struct WireMutant {
    /// The name of the fault.
    pub name: String,
    /// The fault, in a sentence.
    pub fault: &'static str,
    /// The clauses that must catch it.
    pub caught_by: &'static [&'static Clause],
    kind: Fault,
}

impl WireMutant {
    /// What a clause comes to.
    ///
    /// # Panics
    ///
    /// Where the service can't be started.
    #[must_use]
    pub fn check(&self, clause: &'static Clause) -> Outcome {
        let patience = match self.kind {
            // The client waits for what never comes.
            Fault::NeverContinues => Duration::from_secs(1),
            _ => Duration::from_secs(30),
        };
        match Server::start(Some(self.kind)) {
            Ok(server) => check(&server.url(), clause, patience),
            Err(error) => panic!("no service: {error}"),
        }
    }
}

/// What a clause comes to for the service at this URL.
///
/// # Panics
///
/// Where it is none.
#[must_use]
pub fn check(url: &str, clause: &'static Clause, patience: Duration) -> Outcome {
    match Target::new(url) {
        Ok(target) => target
            .suite(Profile::new().seed(true).patience(patience))
            .check(clause),
        Err(error) => panic!("{error}"),
    }
}

/// `PutCreates200` becomes `put_creates_200`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    let mut was_digit = false;
    for letter in name.chars() {
        let begins = letter.is_uppercase() || (letter.is_ascii_digit() && !was_digit);
        if begins && !snake.is_empty() {
            snake.push('_');
        }
        was_digit = letter.is_ascii_digit();
        let _ = write!(snake, "{}", letter.to_lowercase());
    }
    snake
}

macro_rules! faults {
    ($($name:ident $fault:literal: $($clause:ident),+;)+) => {
        /// What is wrong with a service.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Fault {
            $(#[doc = $fault] $name,)+
        }

        /// Every fault there is.
        #[must_use]
        pub fn mutants() -> Vec<WireMutant> {
            vec![$(WireMutant {
                name: snake(stringify!($name)),
                fault: $fault,
                caught_by: &[$(http::$clause),+],
                kind: Fault::$name,
            }),+]
        }
    };
}

faults! {
    PutCreates200 "PUT answers 200 where it creates": put_that_creates_answers_201;
    PutReplaces201 "PUT answers 201 where it replaces": put_that_replaces_answers_200_or_204;
    SecondPutConflicts "a PUT of what is there already answers 409": put_again_changes_nothing;
    PostAlways201 "POST answers 201 where it replaces": post_answers_201_only_where_it_creates;
    PostHasNoLocation "POST answers 201 without a Location": post_answers_201_only_where_it_creates;
    StoresParts "a PUT with a Content-Range replaces the whole": put_of_a_part_is_refused;
    IgnoresTheOtherKey "the key in the body is not looked at": key_in_the_body_is_that_in_the_path, seed_mismatch_is_named;
    WritesBeforeComparing "the key in the body is written before it is refused": key_in_the_body_is_that_in_the_path;
    DeleteKeeps "DELETE answers 200 and keeps the value": delete_removes_the_value, put_that_creates_answers_201, seed_delete_says_that_it_is_deleted;
    DeleteKeepsSlashes "DELETE keeps a key with a slash in it": reserved_characters_are_part_of_a_key;
    DeleteRemembers "the second DELETE of an absent key answers 410": delete_answers_the_same_each_time;
    ReadsTextAsJson "text that holds JSON is read as the JSON": value_is_read_as_it_was_written;
    AbsentIs200 "GET of an absent key answers 200 with null": absent_key_answers_404, delete_removes_the_value;
    AbsentIs204 "GET of an absent key answers 204": absent_key_answers_404, seed_absent_key_is_named;
    NullIsAbsent "null counts as absent": null_is_a_value, put_that_replaces_answers_200_or_204, if_none_match_creates_only;
    HeadIs200 "HEAD answers 200 whether there is a value or none": absent_key_answers_404, delete_removes_the_value;
    HeadIs405 "HEAD is not allowed": head_answers_as_get, health_answers_get_and_head;
    HeadHasABody "HEAD is answered with a body": head_answers_as_get, health_answers_get_and_head;
    HeadHasNoTag "HEAD has no ETag where GET has one": head_answers_as_get;
    SaysHtml "values are sent as text/html": answer_says_that_it_is_json;
    MayBeGuessedAt "answers do not forbid to guess at their type": answer_is_not_to_be_guessed_at;
    MayBeCached "values are sent without Cache-Control": answer_is_not_kept_by_caches;
    AllowsPostOnly "Allow names the method of one route": other_method_answers_405_with_allow, options_names_the_methods;
    UnknownIs405 "an unknown method answers 405": unknown_method_answers_501;
    OptionsIs405 "OPTIONS is not allowed": options_names_the_methods;
    OptionsForgetsHead "OPTIONS does not name HEAD": options_names_the_methods;
    HealthSaysOk "the word for health is another": seed_health_says_healthy;
    IgnoresConditions "conditions are not looked at": condition_is_never_ignored, if_match_guards_writes, if_none_match_creates_only, conditions_guard_deletes, if_none_match_answers_304;
    DeletesAnyway "conditions of DELETE are not looked at": condition_is_never_ignored, conditions_guard_deletes;
    TagsAreWeak "tags are weak": etag_is_strong_and_follows_the_value;
    TagIsTheLength "the tag is the length of the value": etag_is_strong_and_follows_the_value, if_match_guards_writes;
    MatchesWeakTags "If-Match takes weak tags": if_match_guards_writes;
    ReadsOneTag "a list of tags is taken for one tag": if_match_guards_writes, if_none_match_answers_304;
    NeverNotModified "GET answers 200 where the client has the value": if_none_match_answers_304, if_match_goes_before_if_none_match;
    JudgesIfNoneMatchFirst "If-None-Match is judged before If-Match": if_match_goes_before_if_none_match;
    AbsentIs304 "GET of an absent key with a tag answers 304": condition_does_not_hide_an_absent_key;
    IgnoresMalformedTags "malformed conditions are not looked at": malformed_tag_is_refused;
    LooksThenWrites "a condition is judged before the lock is taken": one_of_many_creates, one_of_many_replaces;
    TakesNaN "NaN is taken": body_that_is_no_json_is_refused, wrong_bodies_are_told_apart;
    IgnoresWhatFollows "what follows the document is not looked at": body_that_is_no_json_is_refused;
    ReadsBytesAsLatin "a body that is no UTF-8 is read as Latin-1": body_that_is_no_json_is_refused;
    TakesLists "a list of a key and a value is taken": body_of_another_shape_is_refused, wrong_bodies_are_told_apart;
    TakesMissingValues "a document without a value stores null": body_of_another_shape_is_refused, seed_wrong_body_answers_400_or_422;
    MalformedAnswers422 "a body that is no JSON answers 422": wrong_bodies_are_told_apart;
    MisshapenAnswers400 "a document without a value answers 400": wrong_bodies_are_told_apart;
    TakesAnyMediaType "the Content-Type is not looked at": other_media_type_answers_415;
    MediaTypeIsExact "a Content-Type with a charset is refused": media_type_has_no_case_and_may_have_parameters;
    IgnoresCodings "the Content-Encoding is not looked at": coded_body_is_not_taken_for_plain;
    ReadsOneChunk "the first chunk is taken for the body": body_in_chunks_is_taken;
    NeverContinues "a client that waits for 100 waits for ever": body_is_asked_for_where_that_is_expected;
    CutsText "long text is cut": value_of_a_mebibyte_is_taken;
    LimitAnswers500 "a body that is too large answers 500": body_beyond_the_limit_answers_413;
    TakesAnything "values are stored that nobody can read, and GET answers 500": what_is_accepted_can_be_read, wrong_request_is_no_server_error;
    KeepsSingles "numbers are kept in 32 bits": numbers_are_kept_exactly, numbers_beyond_doubles_are_kept_exactly;
    KeepsDoubles "numbers are kept as doubles": numbers_beyond_doubles_are_kept_exactly;
    TrimsText "text is trimmed": text_is_kept_exactly;
    DecodesTwice "keys are decoded twice": key_is_decoded_once;
    RoutesDecodedPaths "the path is decoded before it is routed": reserved_characters_are_part_of_a_key;
    PlusIsABlank "a plus sign in a path is a blank": spellings_of_a_path_are_one_key;
    FoldsKeys "keys have no case": keys_are_told_apart;
    TrimsKeys "keys are trimmed": keys_are_told_apart;
    ReplacesBytes "bytes of a key that are no text become U+FFFD": key_that_is_no_text_is_refused;
    ResolvesDots "dots in keys are resolved as in paths": dots_lead_nowhere_else;
    RedirectsSlashes "a slash behind a key is redirected": trailing_slash_is_no_redirect;
    CutsKeys "keys are cut after 255 characters": long_key_is_whole_or_refused;
    ErrorsArePlain "errors are plain text": errors_are_problem_documents;
    ProblemsSay200 "the document of a problem has another status": errors_are_problem_documents;
    FailsOnBodies "a body that can't be read answers 500": wrong_request_is_no_server_error, body_that_is_no_json_is_refused;
    NeedsNoHost "requests without Host are served": request_without_host_answers_400;
    LeavesBodies "the body of a refused request is read as the next one": refused_body_is_not_the_next_request;
    NeverExpires "entries do not end": ttl_ends_an_entry;
    MilliTtl "a time to live is taken for milliseconds": ttl_ends_an_entry, remaining_ttl_is_told;
    MilliTtlTold "a time to live is taken for milliseconds, and told so": ttl_ends_an_entry;
    HeadSeesTheDead "HEAD answers 200 for what has ended": ttl_ends_an_entry;
    PutKeepsTtl "a PUT without a time to live keeps the one before": put_without_ttl_clears_it, remaining_ttl_is_told;
    TakesAnyTtl "a time to live that is none means for ever": ttl_that_is_none_is_refused;
    HidesTtl "what is left of a time to live is not told": remaining_ttl_is_told;
    PostIs405 "POST is not allowed": seed_write_says_that_it_is_stored;
    WritesSayNothing "a write answers null": seed_write_says_that_it_is_stored;
    ReadsSayValueAlone "a read answers the value without its key": seed_read_says_key_and_value;
    DeleteAnswers204 "DELETE answers 204": seed_delete_says_that_it_is_deleted;
    NamesNoDetail "problems have no detail": seed_absent_key_is_named, seed_mismatch_is_named, seed_wrong_body_answers_400_or_422;
    RefusesOtherMembers "documents with other members are refused": seed_other_members_are_ignored;
}
