//! From bytes to mappings: one module per format, and what they share.

pub mod core_file;
pub mod elf;
pub mod error;
pub mod freebsd;
mod grammar;
pub mod lines;
pub mod maps;
pub mod read_at;
pub mod smaps;
