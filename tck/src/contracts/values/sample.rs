//! The types that the checks store, and the codec that they are stored with.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tck_api::Codec;

use crate::shown::Shown;

/// A codec for all types that the `values` contract stores. It is implemented for every
/// type that implements [`Codec`] for any `serde` type.
pub trait ValueCodec:
    Codec<Value> + Codec<Sample> + Codec<Option<Sample>> + Codec<Option<f64>> + Codec<Odd>
{
}

impl<C> ValueCodec for C where
    C: Codec<Value> + Codec<Sample> + Codec<Option<Sample>> + Codec<Option<f64>> + Codec<Odd>
{
}

impl fmt::Debug for dyn ValueCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ValueCodec")
    }
}

/// A model with one field of each kind that programs have.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields mean nothing")]
#[non_exhaustive]
pub struct Sample {
    pub id: u64,
    pub balance: i64,
    pub ratio: f64,
    pub active: bool,
    pub name: String,
    pub nickname: Option<String>,
    pub tags: Vec<String>,
    pub limits: BTreeMap<String, i32>,
    pub shape: Shape,
    pub parent: Option<Box<Self>>,
    pub pair: (u8, char),
}

/// One of several kinds.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Shape {
    #[default]
    Point,
    Circle(f32),
    Square {
        side: u32,
    },
}

/// What some formats have no word for. A codec may refuse it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the fields mean nothing")]
#[non_exhaustive]
pub enum Odd {
    /// A format that goes by places takes the next field for the one that is skipped.
    Skipped {
        before: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        skipped: Option<u8>,
        after: u8,
    },
    /// Nothing, and something that is nothing.
    Nested(Option<Option<u8>>),
    /// Names that are no text.
    Pairs(BTreeMap<(u8, u8), u8>),
}

impl Odd {
    pub(super) fn each() -> [Self; 6] {
        let skipped = |skipped| Self::Skipped {
            before: 1,
            skipped,
            after: 3,
        };
        [
            skipped(None),
            skipped(Some(2)),
            Self::Nested(None),
            Self::Nested(Some(None)),
            Self::Nested(Some(Some(1))),
            Self::Pairs(BTreeMap::from([((1, 2), 3)])),
        ]
    }
}

impl Sample {
    pub(super) fn filled() -> Self {
        Self {
            id: u64::MAX,
            balance: i64::MIN,
            ratio: 0.1 + 0.2,
            active: true,
            name: "Ada \"the first\" Lovelace\n".to_owned(),
            nickname: Some(String::new()),
            tags: vec!["a".to_owned(), String::new(), "a".to_owned()],
            limits: BTreeMap::from([(String::new(), -1), ("$max".to_owned(), i32::MAX)]),
            shape: Shape::Square { side: 3 },
            parent: Some(Box::new(Self {
                shape: Shape::Circle(1.5),
                ..Self::default()
            })),
            pair: (255, '😀'),
        }
    }
}

/// Shows values as they are debugged.
macro_rules! shown_as_debugged {
    ($($value:ty),+ $(,)?) => {$(
        impl Shown for $value {
            fn shown(&self) -> String {
                format!("Ok({self:?})")
            }
        }
    )+};
}

shown_as_debugged! {
    Value, Option<Value>, Sample, Option<Sample>, Option<Option<Sample>>, Option<String>,
    Option<Odd>,
}
