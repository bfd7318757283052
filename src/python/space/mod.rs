//! `AddressSpace`, and its answers: `Module`, `Location`, `Difference`.

pub(super) mod address_space;
pub(super) mod difference;
pub(super) mod location;
pub(super) mod maps;
pub(super) mod module;
mod named;
