//! An address space: which mapping an address lies in, which file was loaded where,
//! and what changed between two moments.

mod address_space;
pub mod difference;
pub mod files;
pub mod index;
mod loads;
mod module;
pub mod modules;
mod segments;

pub use address_space::{AddressSpace, Location};
pub use difference::Difference;
pub use index::{AddressIndex, AddressRange};
pub use module::{Module, Modules, NotOfOneFile};
