//! ELF files, as far as they tell what is mapped: build IDs.

#[cfg(unix)]
pub mod build_id;
