//! Mappings and usages as Arrow record batches: one row a mapping.
//!
//! [`layout`] says which columns there are, [`batch`] fills them, [`document`] reads
//! text into them, and [`sources`] reads many files with several threads.

pub mod batch;
pub mod document;
pub mod error;
pub mod layout;
mod mappings;
pub mod sources;
mod text;
mod usages;

pub use text::printable;
pub use usages::sorted_flags;
