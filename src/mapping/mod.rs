//! What a mapping is, wherever it came from: its fields, permissions, device, name
//! and kind, and its text form.

mod fields;
pub mod name;
mod permissions;
pub mod text;

pub use fields::{Device, Fields, Mapping};
pub use permissions::Permissions;
