//! Typed values over the provider under test.

use std::sync::Arc;

use serde_json::Value;
use tck_api::Typed;

use super::Sample;
use crate::{recorder::Recorder, subject::Subject};

/// JSON of any shape, by the codec that the provider declares.
pub(super) fn json(store: &Subject) -> Typed<Value, Arc<Recorder>> {
    Typed::new(store.recorded(), store.profile().codec.clone())
}

/// Models, by the codec that the provider declares.
pub(super) fn samples(store: &Subject) -> Typed<Sample, Arc<Recorder>> {
    Typed::new(store.recorded(), store.profile().codec.clone())
}
