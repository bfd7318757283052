//! An address space: which mapping an address lies in, which file was loaded where,
//! and what changed between two moments.

pub mod difference;
pub mod index;
pub mod modules;
