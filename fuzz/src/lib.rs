//! What the fuzzers check, apart from the fuzzer: ordinary tests call it too.
//!
//! Every check takes arbitrary bytes and panics where the crate breaks a promise.

pub mod address_space;
pub mod core_file;
pub mod elf;
pub mod freebsd;
pub mod maps;
pub mod maps_differential;
pub mod seeds;
pub mod smaps;
