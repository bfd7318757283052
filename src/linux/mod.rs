//! A live Linux system: `/proc`, one process, one question to the kernel, and the
//! file behind a mapping.
//!
//! Elsewhere the same interface says that there are no such processes.

#[cfg(target_os = "linux")]
mod elf_file;
pub mod filter;
#[cfg(target_os = "linux")]
mod gate;
#[cfg(target_os = "linux")]
mod kcmp;
#[cfg_attr(not(target_os = "linux"), path = "listing/unsupported.rs")]
pub mod listing;
pub mod lookup;
#[cfg(target_os = "linux")]
mod mapped_file;
#[cfg(target_os = "linux")]
mod maps_file;
#[cfg_attr(not(target_os = "linux"), path = "unsupported.rs")]
pub mod process;
pub mod procfs;
#[cfg(target_os = "linux")]
mod query;
pub mod reading;
#[cfg(target_os = "linux")]
mod sharing;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod stage;
#[cfg(target_os = "linux")]
mod threads;
