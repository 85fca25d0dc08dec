//! The `values` contract: what callers of [`Typed`](crate::Typed) values over a provider may rely on.

mod defaults;
mod kinds;
mod refusals;
mod sample;
mod typed;

use crate::clause::contract;

pub use sample::{Odd, Sample, ValueCodec};

contract! {
    ($) values as __tck_values:
    "What callers of typed values rely on: a value reads back as the same value, of the same type."

    kinds::bytes_round_trip Must {
        purpose: "Bytes are the type that all others end as.",
        behaviour: "Sets all 256 bytes, no byte, and bytes that are no text, as `Typed<Bytes>`. Each comes back equal.",
        fix: "Pass bytes on as they are.",
    }
    kinds::strings_round_trip Must {
        purpose: "A string is text, whatever it looks like.",
        behaviour: "Sets strings that are empty, blank, quoted, numeric or JSON themselves, as `Typed<String>`. Each comes back equal.",
        fix: "Store the text as it is, and take nothing in it for a value of another type.",
    }
    kinds::json_objects_round_trip Must {
        purpose: "An object that comes back with fewer or other members breaks its reader.",
        behaviour: "Sets JSON objects with members of every kind, with null members, and with names that databases reserve. Each comes back equal.",
        fix: "Keep every member; escape names such as `$set`, `a.b`, `_id` where the backend gives them a meaning.",
    }
    kinds::models_round_trip Must {
        purpose: "Programs store their own types and expect them back.",
        behaviour: "Sets a `serde` model with optional, nested, repeated and enumerated fields, filled and empty. Each comes back equal.",
        fix: "Decode exactly what was encoded, with the same type on both sides.",
    }
    kinds::nested_and_empty_values_are_kept Must {
        purpose: "Some databases drop what is empty. An empty list is not a missing one.",
        behaviour: "Sets empty and nested objects and lists, a hundred levels deep, lists with nulls, and some with a thousand members or ten thousand items. Each comes back equal.",
        fix: "Keep empty members; store documents as text where the backend drops or limits them.",
    }
    kinds::unicode_is_kept Must {
        purpose: "Names of people and places are not ASCII.",
        behaviour: "Sets values and member names in many scripts, beyond the basic plane, composed and decomposed, with controls. Each comes back equal.",
        fix: "Use UTF-8 of up to four bytes throughout, and normalise nothing.",
    }
    kinds::numbers_keep_their_edges Must {
        purpose: "An identifier of 64 bits that went through a float names somebody else.",
        behaviour: "Sets the least and greatest integers of 64 bits, integers beside 2^53, and the extremes of floats, minus zero included. Each comes back equal.",
        fix: "Keep integers as integers, and write floats so that they read back equal.",
    }
    kinds::overwriting_replaces_the_whole_value Must {
        purpose: "A document that is merged keeps members that the caller has removed.",
        behaviour: "Overwrites an object with one that has fewer members, other kinds, and none. Each time exactly the new one comes back.",
        fix: "Replace the document instead of updating its members.",
    }
    defaults::missing_value_is_none Must {
        purpose: "A typed read must tell a missing value from every other.",
        behaviour: "Gets values of several types under keys that were never set or were deleted. Each answer is `Ok(None)`.",
        fix: "Answer `Ok(None)` where there is nothing, before anything is decoded.",
    }
    defaults::zero_false_and_empty_are_values Must {
        purpose: "Zero, false and the empty string are answers and not the lack of one.",
        behaviour: "Sets 0, false, an empty string, list and object. Each comes back, `has` is true, and `get_or` does not answer its default.",
        fix: "Decide by whether the key exists, never by the value.",
    }
    defaults::get_or_answers_the_default_only_when_missing Must {
        purpose: "A default in place of a value loses it; one that is stored becomes a lie.",
        behaviour: "Reads with a default before the key is set, while it is, and after it is deleted. The default comes only when the key is missing, and is not stored.",
        fix: "Answer the default without writing it, and only for a missing key.",
    }
    refusals::nothing_is_refused_as_a_value Must {
        purpose: "A value that reads back as nothing can't be told from a missing key.",
        behaviour: "Sets `None`, JSON null, and what JSON has no word for: odd floats, alone and in a model, something that is nothing, names that are no text. Each is refused as an invalid value, and the old value stays; a codec that takes it gives it back.",
        fix: "Refuse in the codec what encodes as null, before anything is written.",
    }
    refusals::undecodable_value_is_an_error_and_stays Must {
        purpose: "Data of another version is still data. Hiding or deleting it turns a bug into a loss.",
        behaviour: "Stores bytes that are no JSON, null, JSON of another shape, what the codec makes of other shapes, and half of what it makes of a model, and reads them as a model, with and without a default. Each read is refused as an invalid value, and the bytes stay.",
        fix: "Answer `Error::InvalidValue`, neither a miss nor the default, and leave the bytes alone.",
    }
}
