//! What a mapping is, wherever it came from: its fields, permissions, device, name
//! and kind, and its text form.

mod fields;
mod kind;
pub mod name;
mod permissions;
mod record;
pub mod text;

pub use fields::{Device, Fields};
pub use kind::Kind;
pub use name::{Name, Spelling};
pub use permissions::Permissions;
pub use record::{Lend, Mapping, OwnedMapping};
