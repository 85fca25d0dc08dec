//! The `namespaces` contract: what callers of several namespaces on one server may rely on.

mod isolation;
mod names;

use crate::clause::contract;

contract! {
    ($) namespaces as __tck_namespaces:
    "What callers of namespaces rely on: what happens in one shows in no other."

    isolation::same_key_in_two_namespaces_holds_two_values Must {
        purpose: "Tenants use the same keys. One that reads the other's value is a breach of data.",
        behaviour: "Sets the same key in two namespaces to different values, long keys, the empty one and large values among them, and to the same large one. Each reads its own, also when the other has deleted it.",
        fix: "Make the namespace part of every key, on reads as on writes.",
    }
    isolation::key_is_absent_from_every_other_namespace Must {
        purpose: "Even that a key exists is something that a stranger must not learn.",
        behaviour: "Sets keys in one namespace and reads them in two others, opened before and after. They are missing on every read path. Nor does one that is opened find what another has left that went, or holds that is opened at the same moment.",
        fix: "Scope `has` to the namespace just as `get`.",
    }
    isolation::deleting_in_one_namespace_leaves_the_others Must {
        purpose: "Cleaning up one tenant must not clean up another.",
        behaviour: "Holds the same keys in three namespaces and deletes them in one. The others keep theirs.",
        fix: "Delete under the full key, and never by a pattern that reaches further.",
    }
    isolation::overwriting_in_one_namespace_leaves_the_others Must {
        purpose: "One tenant's write must not be another's data.",
        behaviour: "Holds the same key in three namespaces and overwrites it in each in turn. Each keeps its own latest value.",
        fix: "Write under the full key.",
    }
    isolation::one_name_is_one_namespace Must {
        purpose: "A namespace is found again by its name, by whoever opens it.",
        behaviour: "Opens the same namespace twice, also at the same moment. What one handle writes, overwrites and deletes, the other sees.",
        fix: "Derive the place of the data from the name alone.",
    }
    isolation::many_namespaces_stay_apart Must {
        purpose: "With a thousand tenants, a namespace that is folded into a few slots is shared.",
        behaviour: "Opens 110 namespaces, sets the same key in all, and deletes it in every other one. Each keeps to itself.",
        fix: "Keep the whole name, not a hash or a number of it.",
    }
    names::names_that_begin_alike_are_told_apart Must {
        purpose: "`users` must not contain `users2`. Prefix scans have mixed them up in real stores.",
        behaviour: "Opens namespaces whose names begin with each other's, sets the same keys, and deletes in the shorter ones, whose handles then go.",
        fix: "End the name with a mark that no name contains, or write its length in front.",
    }
    names::near_twin_names_are_told_apart Must {
        purpose: "Two tenants that differ only in case or in a blank are two tenants.",
        behaviour: "Opens namespaces whose names are near-twins: case, Unicode forms, blanks, signs that stand for each other, long names that differ at the end. Each holds its own, or its name is refused as invalid.",
        fix: "Encode the name without loss, or refuse it with `Error::InvalidKey`.",
    }
    names::joined_names_and_keys_are_not_confused Must {
        purpose: "`a` with `b:c` and `a:b` with `c` are two places. Joined by a colon they are one.",
        behaviour: "For each of many separators, and several of them in a row, sets keys whose name and key would join to the same text, also where a name is 256 bytes longer. Each keeps its own value.",
        fix: "Escape the separator, or write the length of the name in front of it.",
    }
    names::odd_names_stay_apart_or_are_refused Must {
        purpose: "A name must not be a path out of its place, nor a pattern that covers all places.",
        behaviour: "Opens namespaces named by separators, wildcards, paths, quotes and controls. Each holds its own and reaches no other, or its name is refused as invalid.",
        fix: "Escape the name wherever the backend gives it a meaning, or refuse it with `Error::InvalidKey`.",
    }
    isolation::concurrent_calls_stay_each_in_its_namespace Must {
        purpose: "A namespace that is selected on a connection is selected for all who share it.",
        behaviour: "Writes and reads the same keys in two namespaces side by side. Each keeps to itself.",
        fix: "Name the namespace in each call, or give each its own connections.",
    }
}
