//! A store that speaks to a service.

mod settings;
mod store;
mod value;
mod wire;

pub use settings::Settings;
pub use store::{Capabilities, HttpStore, LARGEST_VALUE, LONGEST_KEY};
