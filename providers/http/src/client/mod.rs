//! A store that speaks to a service.

mod capabilities;
mod listing;
mod settings;
mod store;
mod value;
mod wire;

pub use capabilities::Capabilities;
pub use settings::Settings;
pub use store::{HttpStore, LARGEST_VALUE, LONGEST_KEY};
