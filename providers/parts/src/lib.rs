//! What the providers for real backends are made of, so that each keeps the same promises
//! in the same way.
//!
//! It knows no backend, and opens no connection.
//!
//! ```
//! use std::time::Duration;
//! use omni_kv_parts::{Deadline, Room, Sealed, quoted};
//!
//! // A key as a name for a backend that takes 250 bytes of plain letters.
//! let room = Room::of(250);
//! assert_eq!(room.name("user:1")?, "user:1");
//! assert_eq!(room.name("a/b c")?, "a=2Fb=20c");
//! assert_eq!(quoted("größe"), "gr=C3=B6=C3=9Fe");
//!
//! // A value that is absent after its time, whenever the backend cleans up.
//! let sealed = Sealed::new("lease", Deadline::after(Duration::from_secs(60)));
//! let stored = sealed.to_bytes();
//! assert_eq!(Sealed::from_bytes(stored)?.alive(), Some("lease".into()));
//! # Ok::<(), tck_api::Error>(())
//! ```

mod address;
mod deadline;
mod first_keys;
mod limits;
mod location;
mod moment;
mod name;
mod page;
mod patience;
mod secret;
mod tls;
#[cfg(feature = "tls")]
mod tls_config;

pub use address::host_and_port;
pub use deadline::{Deadline, Sealed};
pub use first_keys::FirstKeys;
pub use limits::{key_within, value_within};
pub use location::{Location, LocationError, Options};
pub use moment::Moment;
pub use name::{Room, quoted, unquoted};
pub use page::{keys_of, page_of};
pub use patience::within;
pub use secret::Secret;
pub use tls::Tls;
