//! From text to lists of `Map` and `MemoryUsage`, and their sums.

pub(super) mod input;
pub(super) mod maps;
pub(super) mod memory_usage;
pub(super) mod smaps;
pub(super) mod sums;
mod text;
