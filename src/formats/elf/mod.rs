//! ELF files, as far as they tell what is mapped: program headers and notes.
//!
//! What is read of a file is bounded, whatever it says of itself. The layouts of 32
//! and 64 bits in both byte orders come from the crate `object`; see elf(5).

mod headers;
mod notes;

pub use headers::{ElfError, Headers, Segment};
pub use notes::{NT_GNU_BUILD_ID, Note, build_id, notes};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod writer;
