//! What goes to etcd and comes from it, as far as it is used: the messages of its `rpc.proto`.

use bytes::Bytes;
use prost::{Enumeration, Message, Oneof};

/// A request, and how it is called.
pub(crate) trait Request: Message {
    type Answer: Message + Default;

    const CALL: &'static str;
    /// Whether it may be sent twice.
    const ONLY_READS: bool = false;
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Range {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) key: Bytes,
    /// Empty for this key alone.
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) range_end: Bytes,
    #[prost(int64, tag = "3")]
    pub(crate) limit: i64,
    /// Zero for the present.
    #[prost(int64, tag = "4")]
    pub(crate) revision: i64,
    #[prost(bool, tag = "8")]
    pub(crate) keys_only: bool,
}

impl Request for Range {
    type Answer = Found;

    const CALL: &'static str = "/etcdserverpb.KV/Range";
    const ONLY_READS: bool = true;
}

impl Range {
    /// The entry of this name.
    pub(crate) fn of(name: Bytes) -> Self {
        Self {
            key: name,
            ..Self::default()
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Put {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) key: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) value: Bytes,
    /// Zero for none.
    #[prost(int64, tag = "3")]
    pub(crate) lease: i64,
}

impl Request for Put {
    type Answer = Done;

    const CALL: &'static str = "/etcdserverpb.KV/Put";
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct DeleteRange {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) key: Bytes,
    /// Empty for this key alone.
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) range_end: Bytes,
    /// Whether the answer is to hold what was removed.
    #[prost(bool, tag = "3")]
    pub(crate) prev_kv: bool,
}

impl Request for DeleteRange {
    type Answer = Done;

    const CALL: &'static str = "/etcdserverpb.KV/DeleteRange";
}

impl DeleteRange {
    /// The entry of this name.
    pub(crate) fn of(name: Bytes) -> Self {
        Self {
            key: name,
            ..Self::default()
        }
    }

    /// All entries from `start` to before `end`.
    #[cfg(feature = "database")]
    pub(crate) fn all(start: Bytes, end: Bytes) -> Self {
        Self {
            range_end: end,
            ..Self::of(start)
        }
    }
}

/// A condition on the revision that has written last.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Compare {
    #[prost(enumeration = "Order", tag = "1")]
    result: i32,
    #[prost(enumeration = "Target", tag = "2")]
    target: i32,
    #[prost(bytes = "bytes", tag = "3")]
    key: Bytes,
    /// Sent even where it is zero: etcds have taken a condition without it for kept.
    #[prost(int64, optional, tag = "6")]
    mod_revision: Option<i64>,
    /// Empty for this key alone.
    #[prost(bytes = "bytes", tag = "64")]
    range_end: Bytes,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Enumeration)]
#[repr(i32)]
enum Order {
    Equal = 0,
    Greater = 1,
    Less = 2,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Enumeration)]
#[repr(i32)]
enum Target {
    Version = 0,
    Mod = 2,
}

impl Compare {
    fn new(key: Bytes, order: Order, revision: i64) -> Self {
        Self {
            result: order.into(),
            target: Target::Mod.into(),
            key,
            mod_revision: Some(revision),
            range_end: Bytes::new(),
        }
    }

    /// The entry is the one that this revision has written, or absent where it is zero.
    pub(crate) fn is(name: Bytes, revision: i64) -> Self {
        Self::new(name, Order::Equal, revision)
    }

    /// The entry is there.
    #[cfg(feature = "database")]
    pub(crate) fn exists(name: Bytes) -> Self {
        Self::new(name, Order::Greater, 0)
    }

    /// Nothing from `start` to before `end` was written after this revision.
    pub(crate) fn is_unchanged(start: Bytes, end: Bytes, revision: i64) -> Self {
        Self {
            range_end: end,
            ..Self::new(start, Order::Less, revision.saturating_add(1))
        }
    }
}

/// A step of a transaction.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Operation {
    #[prost(oneof = "Step", tags = "1, 2, 3")]
    step: Option<Step>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Step {
    #[prost(message, tag = "1")]
    Range(Range),
    #[prost(message, tag = "2")]
    Put(Put),
    #[prost(message, tag = "3")]
    Delete(DeleteRange),
}

impl From<Step> for Operation {
    fn from(step: Step) -> Self {
        Self { step: Some(step) }
    }
}

impl From<Range> for Operation {
    fn from(range: Range) -> Self {
        Step::Range(range).into()
    }
}

impl From<Put> for Operation {
    fn from(put: Put) -> Self {
        Step::Put(put).into()
    }
}

impl From<DeleteRange> for Operation {
    fn from(range: DeleteRange) -> Self {
        Step::Delete(range).into()
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Txn {
    #[prost(message, repeated, tag = "1")]
    pub(crate) compare: Vec<Compare>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) success: Vec<Operation>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) failure: Vec<Operation>,
}

impl Request for Txn {
    type Answer = Decided;

    const CALL: &'static str = "/etcdserverpb.KV/Txn";
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Grant {
    /// In seconds.
    #[prost(int64, tag = "1")]
    pub(crate) ttl: i64,
}

impl Request for Grant {
    type Answer = Granted;

    const CALL: &'static str = "/etcdserverpb.Lease/LeaseGrant";
}

/// Not to be shown, as it holds the password.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(crate) struct Login {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) password: String,
}

impl Request for Login {
    type Answer = Token;

    const CALL: &'static str = "/etcdserverpb.Auth/Authenticate";
}

/// Whether a node is there.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Status {}

impl Request for Status {
    type Answer = Done;

    const CALL: &'static str = "/etcdserverpb.Maintenance/Status";
    const ONLY_READS: bool = true;
}

/// An answer of which nothing matters but that it was done.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Done {}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Header {
    #[prost(int64, tag = "3")]
    pub(crate) revision: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Found {
    #[prost(message, optional, tag = "1")]
    pub(crate) header: Option<Header>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) kvs: Vec<Entry>,
    #[prost(bool, tag = "3")]
    pub(crate) more: bool,
}

impl Found {
    /// The revision that was current.
    pub(crate) fn revision(&self) -> i64 {
        self.header.as_ref().map_or(0, |header| header.revision)
    }

    /// The entry where one was asked for.
    pub(crate) fn into_entry(self) -> Option<Entry> {
        self.kvs.into_iter().next()
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Entry {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) key: Bytes,
    #[prost(int64, tag = "3")]
    pub(crate) mod_revision: i64,
    #[prost(bytes = "bytes", tag = "5")]
    pub(crate) value: Bytes,
    /// Zero for none.
    #[prost(int64, tag = "6")]
    pub(crate) lease: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Decided {
    #[prost(bool, tag = "2")]
    pub(crate) succeeded: bool,
    #[prost(message, repeated, tag = "3")]
    pub(crate) responses: Vec<Response>,
}

impl Decided {
    /// The entry that was asked for first.
    pub(crate) fn into_entry(self) -> Option<Entry> {
        self.responses.into_iter().next()?.into_entry()
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Response {
    #[prost(message, optional, tag = "1")]
    range: Option<Found>,
    #[cfg(feature = "database")]
    #[prost(message, optional, tag = "3")]
    deleted: Option<Deleted>,
}

impl Response {
    /// The entry that was asked for.
    pub(crate) fn into_entry(self) -> Option<Entry> {
        self.range?.into_entry()
    }

    /// The entry that was removed.
    #[cfg(feature = "database")]
    pub(crate) fn into_removed(self) -> Option<Entry> {
        self.deleted?.prev_kvs.into_iter().next()
    }
}

#[cfg(feature = "database")]
#[derive(Clone, PartialEq, Message)]
struct Deleted {
    #[prost(message, repeated, tag = "3")]
    prev_kvs: Vec<Entry>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Granted {
    #[prost(int64, tag = "2")]
    pub(crate) id: i64,
}

/// Not to be shown: who has it is logged in.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(crate) struct Token {
    #[prost(string, tag = "2")]
    pub(crate) token: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_entry_is_asked_for_by_a_zero_that_is_sent() {
        let sent = Compare::is("a".into(), 0).encode_to_vec();
        assert_eq!(sent, [0x10, 2, 0x1a, 1, b'a', 0x30, 0]);
    }

    #[test]
    fn fields_that_are_not_used_are_passed_over() -> Result<(), prost::DecodeError> {
        // {cluster_id: 1, revision: 9}, [{key: "a", create_revision: 2, mod_revision: 4,
        // version: 1}], count: 1
        let sent = b"\x0a\x04\x08\x01\x18\x09\x12\x09\x0a\x01a\x10\x02\x18\x04\x20\x01\x20\x01";
        let found = Found::decode(&sent[..])?;
        assert_eq!((found.revision(), found.more), (9, false));
        let entry = found.into_entry();
        let expected = Entry {
            key: "a".into(),
            mod_revision: 4,
            ..Entry::default()
        };
        assert_eq!(entry, Some(expected));
        Ok(())
    }
}
